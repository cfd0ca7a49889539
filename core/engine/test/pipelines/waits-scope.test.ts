import assert from 'node:assert/strict';
import { EMPTY_SCOPE, EvaluationFault } from '../../src/expressions/expression.ts';
import type { Scope } from '../../src/expressions/expression.ts';
import { required } from '../../src/expressions/template.ts';
import { bindScope, unbindScope } from '../../src/pipelines/waits/bound-scope.ts';
import { pathBefore } from '../../src/pipelines/waits/position-before.ts';

const SCOPE: Scope = {
  ...EMPTY_SCOPE,
  event: { id: 'e1', occurredAt: new Date(5), properties: { plan: 'pro', $: 'money', tags: ['a', 'b'], nothing: null } },
  settings: { least: 2 },
  steps: new Map([['sent', { state: 'succeeded', output: { mail: 'm1', large: 'x'.repeat(100_000) } }]]),
  each: { item: { id: 7 } },
};
const ARRIVED = { properties: { plan: 'pro', mail: 'm1', n: 3 }, occurredAt: new Date(9) };

/** What a condition says with the whole scope, and with what was kept of it. */
function both(source: string): readonly unknown[] {
  const expression = required(source);
  const kept = JSON.parse(JSON.stringify(bindScope(expression, SCOPE))) as ReturnType<typeof bindScope>;
  return [{ ...SCOPE, arrived: ARRIVED }, unbindScope(kept, ARRIVED)].map((scope) => {
    try {
      return expression.evaluate(scope);
    } catch (error) {
      assert.ok(error instanceof EvaluationFault);
      return error.fault.message;
    }
  });
}

describe('what is kept of a scope for a condition', () => {
  for (const source of [
    'arrived.properties.plan == event.properties.plan',
    'arrived.properties.mail == steps.sent.output.mail && steps.sent.state == "succeeded"',
    'arrived.occurredAt > event.occurredAt',
    'has(event.properties.plan) && !has(event.properties.other)',
    'event.properties.missing.deeper == 1',
    'event.properties["plan"] == event.properties[arrived.properties.n == 3 ? "plan" : "none"]',
    'event.properties.tags.exists(tag, tag == "b") && event.properties.nothing == null',
    'each.item.id == 7 && arrived.properties.n > settings.least',
    'arrived == arrived',
  ]) {
    it(`says the same: ${source}`, () => {
      const [whole, kept] = both(source);
      assert.deepEqual(kept, whole);
    });
  }

  it('is only what the condition reads, and not too large', () => {
    assert.deepEqual(bindScope(required('arrived.properties.n > settings.least'), SCOPE), { settings: { least: 2 } });
    assert.deepEqual(bindScope(required('arrived.properties.n > 2'), SCOPE), {});
    assert.throws(
      () => bindScope(required('steps.sent.output.large == "x"'), SCOPE),
      (error) => error instanceof EvaluationFault && /\d+ bytes of at most 65536/.test(error.fault.message),
    );
  });

  it('keeps members that look like its own marks', () => {
    const scope = { ...SCOPE, settings: { odd: { $: 'moment', at: 7 } } };
    const kept = bindScope(required('settings.odd == arrived'), scope);
    assert.deepEqual(unbindScope(kept, {}).settings, scope.settings);
  });
});

describe('the step before', () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['0', '', undefined],
    ['3', '', '2'],
    ['10.then.0', '', '10'],
    ['1.then.2.cases.11.0', '', '1.then.2'],
    ['1.parallel.left.0', '', '1'],
    ['1.parallel.left.12', '', '1.parallel.left.11'],
    ['1.onError.0', '', '1'],
    ['1.onError.2.0', '', '1'],
    ['1.onTimeout.0', '', '1'],
    ['onError.0', '', undefined],
    ['onError.1', '', 'onError.0'],
    ['3.17.0', '3.17.', undefined],
    ['3.17.2', '3.17.', '3.17.1'],
    ['3.17.0.else.0', '3.17.', '3.17.0'],
  ];
  for (const [path, base, expected] of cases)
    it(`of ${path} is ${expected ?? 'none'}`, () => {
      assert.equal(pathBefore(path, base), expected);
    });
});
