import assert from 'node:assert/strict';
import { compileExpression, EMPTY_SCOPE, EvaluationFault } from '../../src/expressions/expression.ts';
import type { Scope } from '../../src/expressions/expression.ts';
import { compileValue } from '../../src/expressions/template.ts';
import { toJson } from '../../src/expressions/values.ts';
import { parseDuration } from '../../src/pipelines/duration.ts';

const SCOPE: Scope = {
  ...EMPTY_SCOPE,
  event: {
    name: 'X',
    occurredAt: new Date('2026-01-31T09:00:00Z'),
    properties: JSON.parse('{"age":20,"rate":0.5,"s":"x","none":null,"list":[1,2,3],"own":{"__proto__":{"a":1}}}') as object,
    long: 'a'.repeat(30_000),
    big: Array.from({ length: 9_000 }, (_, index) => index),
    huge: Array.from({ length: 10_001 }, () => 0),
  },
  profile: { id: 'p1', traits: { email: 'a@b' } },
  steps: new Map([['constructor', { output: { a: 1 } }]]),
  settings: { threshold: 1 },
  run: {},
};

function evaluate(source: string): unknown {
  const compiled = compileExpression(source);
  if ('fault' in compiled) throw new EvaluationFault(source, compiled.fault, false);
  return toJson(compiled.expression.evaluate(SCOPE));
}

const VALUES: readonly (readonly [string, unknown])[] = [
  ['event.properties.age >= 18', true],
  ['event.properties.age == 20', true],
  ['event.properties.age in [10, 20]', true],
  ['event.properties.age * 2 + 1', 41],
  ['7 / event.properties.rate', 14],
  ['event.properties.age % 3', 2],
  ['settings.threshold == 1', true],
  ['size(event.properties.list) + 1', 4],
  ['event.properties.list.map(n, n * 2)', [2, 4, 6]],
  ['event.properties.list.filter(n, n > 1)[0]', 2],
  ['has(profile.traits.email)', true],
  ['has(profile.traits.phone)', false],
  ['default(profile.traits.phone, "none")', 'none'],
  ['default(profile.traits.address.city, "none")', 'none'],
  ['default(event.properties.none, 3)', 3],
  ['event.properties.none == null', true],
  ['event.occurredAt + duration("1h")', '2026-01-31T10:00:00.000Z'],
  ['duration("90s")', '90s'],
  ['event.properties.s.matches("^x$")', true],
  ['9223372036854775807', '9223372036854775807'],
  ['steps.constructor.output.a', 1],
  ['[1, "a", true, null]', [1, 'a', true, null]],
];

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['constructor', /There is no `constructor`/],
  ['event.constructor', /no field/],
  ['event["constructor"]', /no field/],
  ['event.__proto__', /no field/],
  ['event.properties.own.toString', /no field/],
  ['"a".constructor', /Cannot index|no field/],
  ['[].constructor', /./],
  ['event.occurredAt.constructor', /no field/],
  ['event.occurredAt.getTime', /no field/],
  ['globalThis', /There is no/],
  ['event.missing.deep', /There is no field `missing`/],
  ['event.properties.s > 3', /do not go together/],
  ['event.big.map(x, event.big.map(y, x))', /too many steps/],
  ['event.big.exists(x, event.big.exists(y, false))', /too many steps/],
  ['[1].map(a, [1].map(b, [1].map(c, 1)))', /two deep/],
  ['event.huge.map(x, x)', /list .* too long/],
  ['event.big + event.big', /list .* too long/],
  ['event.big.map(x, event.long + "a")', /too many steps/],
  ['event.big.map(x, "0123456789").join(",")', /text .* too long/],
  ['event.long + event.long + event.long', /text .* too long/],
  [
    `cel.bind(a, "${'x'.repeat(200)}", cel.bind(b, a + a + a + a + a + a + a + a, cel.bind(c, b + b + b + b + b + b + b + b, c + c + c + c + c + c + c + c)))`,
    /text .* too long/,
  ],
  [`${'('.repeat(300)}1${')'.repeat(300)}`, /maxDepth/],
  [`${'!'.repeat(4_000)}true`, /nested too deeply|maxAstNodes/],
  [`event${'.a'.repeat(2_040)}`, /maxDepth/],
  ['x'.repeat(4_097), /4096 characters/],
  ['"a".matches("(")', /missing closing/],
  ['"a".matches("(a{1000}){1000}")', /repeat count/],
  ['1 / 0', /Division by zero/],
  ['1.0 / 0.0', /infinite/],
  ['event.occurredAt.getHours("No/Where")', /./],
  ['1 +', /Unexpected/],
  ['1 = 1', /no operator `=`; write `==`/],
  ['true and false', /no operator `and`; write `&&`/],
  ['true OR false', /no operator `OR`; write `\|\|`/],
];

describe('expressions', () => {
  for (const [source, value] of VALUES) {
    it(`give ${JSON.stringify(value)} for ${source}`, () => {
      assert.deepEqual(evaluate(source), value);
    });
  }

  for (const [source, expected] of REFUSED) {
    it(`refuse ${source.slice(0, 70)}`, () => {
      assert.throws(
        () => evaluate(source),
        (error: Error) => expected.test(error.message) || assert.fail(error.message),
      );
    });
  }

  it('keep the type of a text that is one expression, and make text of the others', () => {
    const value = compileValue({
      one: '${{ event.properties.list }}',
      text: 'n=${{ event.properties.age }}, ${{ event.properties.none }}${{ event.properties.list }}',
      plain: 'a } b',
      map: '${{ {"a": "}}"} }}',
    });
    assert.deepEqual(value(SCOPE), { one: [1, 2, 3], text: 'n=20, [1,2,3]', plain: 'a } b', map: { a: '}}' } });
  });
});

describe('durations', () => {
  it('are read in both ways of writing', () => {
    const cases: readonly (readonly [string, number | undefined])[] = [
      ['30s', 30_000],
      ['5m', 300_000],
      ['1h30m', 5_400_000],
      ['2d', 172_800_000],
      ['500ms', 500],
      ['1.5h', 5_400_000],
      ['PT30S', 30_000],
      ['P2DT3H', 183_600_000],
      ['P1W', 604_800_000],
      ['P', undefined],
      ['PT', undefined],
      ['P1DT', undefined],
      ['3', undefined],
      ['-3s', undefined],
      ['', undefined],
      ['99999d', undefined],
    ];
    for (const [text, expected] of cases) assert.equal(parseDuration(text), expected, text);
  });
});
