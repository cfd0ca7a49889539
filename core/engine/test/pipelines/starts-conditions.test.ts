import assert from 'node:assert/strict';
import { EMPTY_SCOPE, EvaluationFault } from '../../src/expressions/expression.ts';
import type { Scope } from '../../src/expressions/expression.ts';
import { required } from '../../src/expressions/template.ts';
import { Conditions, evaluate } from '../../src/pipelines/starts/condition.ts';
import type { Verdict } from '../../src/pipelines/starts/condition.ts';
import { splitConjunction } from '../../src/pipelines/starts/split-conjunction.ts';

describe('parts of a condition', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    a: ['a'],
    'a && b': ['a', 'b'],
    'a&&b && (c && d)': ['a', 'b', '(c && d)'],
    'a || b && c': ['a || b && c'],
    'a && b ? c : d': ['a && b ? c : d'],
    'a && x.exists(e, e.y && e.z)': ['a', 'x.exists(e, e.y && e.z)'],
    'm["a && b"] && c': ['m["a && b"]', 'c'],
    'a == "x && y" && b': ['a == "x && y"', 'b'],
    "a == 'it\\'s && so' && b": ["a == 'it\\'s && so'", 'b'],
    'a == r"\\" && b == "c"': ['a == r"\\"', 'b == "c"'],
    'a == """x" && y""" && b': ['a == """x" && y"""', 'b'],
    '{"a": b && c}.a && d': ['{"a": b && c}.a', 'd'],
    'a // && b\n && c': ['a // && b', 'c'],
    'a && (b || c)': ['a', '(b || c)'],
  };
  for (const [source, parts] of Object.entries(cases)) {
    it(`of ${JSON.stringify(source)}`, () => {
      assert.deepEqual(splitConjunction(source), parts);
    });
  }
});

describe('a condition in parts', () => {
  const scopes: readonly Scope[] = [
    { x: 1, plan: 'gold' },
    { x: 1, plan: 'silver' },
    { x: 1 },
    { plan: 'gold' },
    { x: 'one', plan: 7 },
    { x: 2, plan: null },
    { x: 1, plan: { a: 1 } },
    {},
  ].map((properties) => ({ ...EMPTY_SCOPE, event: { properties }, profile: { id: 'p', traits: properties }, settings: { least: 1 } }));
  const sources = [
    'event.properties.plan == "gold"',
    "profile.traits.plan == 'gold'",
    'event.properties.plan == "gold" && event.properties.x == 1',
    'event.properties.x > 0 && event.properties.plan == "gold"',
    'has(event.properties.plan) && event.properties.plan == "gold"',
    'event.properties.plan == "gold" && profile.traits.x >= settings.least && profile.id == "p"',
    'event.properties.plan.deeper == "gold"',
    'event.properties.constructor == "gold"',
    'event.properties.x == 1 || event.properties.plan == "gold"',
    'event.properties.plan && true',
  ];
  for (const source of sources) {
    it(`comes to the same as ${source}`, () => {
      const parts = new Conditions().partsOf(required(source), { least: 1 });
      for (const scope of scopes) {
        const whole = evaluate(required(source), scope);
        const verdicts = parts.map((part) => part.verdict(scope));
        assert.equal(kindOf(joined(verdicts)), kindOf(whole), JSON.stringify(scope.event));
        const [only] = verdicts;
        if (verdicts.length === 1 && only instanceof EvaluationFault && whole instanceof EvaluationFault)
          assert.deepEqual([only.fault, only.isMissing], [whole.fault, whole.isMissing]);
      }
    });
  }

  it('is one object for all that ask the same, but for other settings', () => {
    const conditions = new Conditions();
    const [a, b] = [1, 2].map((least) => conditions.partsOf(required('event.x == "1" && event.y > settings.least'), { least }));
    assert.equal(a?.[0], b?.[0]);
    assert.notEqual(a?.[1], b?.[1]);
  });
});

function joined(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false;
  return verdicts.find((verdict) => verdict !== true) ?? true;
}

function kindOf(verdict: Verdict): string {
  return verdict instanceof EvaluationFault ? 'fault' : String(verdict);
}
