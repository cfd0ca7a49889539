import assert from 'node:assert/strict';
import { LIMITS } from '../../src/expressions/bounds.ts';
import { compileExpression, EMPTY_SCOPE, EvaluationFault } from '../../src/expressions/expression.ts';
import type { Scope } from '../../src/expressions/expression.ts';
import { toJson } from '../../src/expressions/values.ts';

const numbers = Array.from({ length: 10_000 }, (_, index) => index);

const SCOPE: Scope = {
  ...EMPTY_SCOPE,
  event: {
    numbers,
    tooMany: [...numbers, 0],
    long: 'a'.repeat(60_000),
    spaces: `x${' '.repeat(60_000)}x`,
    maps: numbers.map((n) => ({ n })),
    deep: JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) as unknown,
    when: new Date('2026-07-01T12:00:00Z'),
    own: JSON.parse('{"constructor":"x","__proto__":{"a":1},"hasOwnProperty":1,"toString":2,"plan":"pro"}') as unknown,
    rows: JSON.parse('[{"constructor":1,"n":1},{"constructor":{"name":"Map"},"n":2}]') as unknown,
    instance: new (class Secret {
      readonly token = 't';
      get stolen(): string {
        return this.token;
      }
    })(),
    call: () => 'called',
  },
};

function evaluate(source: string): unknown {
  const compiled = compileExpression(source);
  if ('fault' in compiled) throw new EvaluationFault(source, compiled.fault, false);
  return toJson(compiled.expression.evaluate(SCOPE));
}

/** Each is stopped by what it costs or by a bound: never by time. */
const STOPPED: readonly (readonly [string, RegExp])[] = [
  ['event.numbers.map(x, event.numbers.map(y, x))', /too many steps/],
  ['event.numbers.all(x, event.numbers.exists(y, y > 9998))', /too many steps/],
  ['event.numbers.all(x, event.numbers[x].a == 1 || true)', /too many steps/],
  ['event.numbers.map(x, x in event.numbers)', /too many steps/],
  ['event.numbers.map(x, event.numbers.indexOf(-1))', /too many steps/],
  ['lists.range(10000).map(x, lists.range(x))', /too many steps/],
  ['lists.range(10001)', /list .* too long/],
  ['event.maps.distinct()', /too many steps/],
  ['event.maps.containsAll(event.maps)', /too many steps/],
  ['event.numbers.transformMapEntry(i, x, {string(x): event.numbers.map(y, y)})', /too many steps/],
  ['event.numbers.map(x, event.long.reverse())', /too many steps/],
  ['event.numbers.map(x, event.long.slug())', /too many steps/],
  ['event.numbers.map(x, event.spaces.trim())', /too many steps/],
  ['event.numbers.map(x, sha256(event.long))', /too many steps/],
  ['event.numbers.map(x, levenshtein(event.long.substring(0, 900), event.long.substring(1, 900)))', /too many steps/],
  ['levenshtein(event.long, event.long)', /1000 characters/],
  ['event.numbers.map(x, addBusinessDays(event.when, 10000, "UTC"))', /too many steps/],
  ['addBusinessDays(event.when, 10001, "UTC")', /too many business days/],
  ['event.numbers.map(x, event.long.matches("(a{50}){10}b"))', /too many steps/],
  ['event.long.matches("(((a?){30}){30})+b")', /./],
  [`event.long.matches("${'a'.repeat(501)}")`, /pattern is too long/],
  ['event.tooMany.map(x, x)', /list .* too long/],
  ['event.tooMany.size()', /list .* too long/],
  ['event.numbers + [1]', /list .* too long/],
  ['event.numbers.map(x, [x, x]).flatten()', /list .* too long/],
  ['event.long.split("")', /list .* too long/],
  ['event.long.replace("a", "bb")', /too long/],
  ['event.long.padStart(70000, "x")', /text .* too long/],
  ['event.long.matches("a") ? event.long + event.long : ""', /text .* too long/],
  ['regex.replace(event.long, "a", "bb")', /too/],
  ['event.numbers.map(x, "0123456789").join()', /text .* too long/],
  ['toJson([event.long, event.long])', /text .* too long/],
  ['toJson(event.deep)', /too large|nested/],
  ['event.deep == [event.deep]', /nested too deeply/],
  ['event.deep.flatten(33)', /nested too deeply/],
  [`parseJson('${'['.repeat(50)}${']'.repeat(50)}')`, /nested too deeply/],
  ['[1].map(a, [1].filter(b, [1].exists(c, true)))', /two deep/],
  ['[1].sortBy(a, [1].transformList(i, b, [1].all(c, true)).size())', /two deep/],
];

const DOUBLING = Array.from({ length: 20 }, (_, n) => `cel.bind(a${String(n + 1)}, a${String(n)} + a${String(n)}, `).join('');

/** Refused before anything runs. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  [`${'('.repeat(1_000)}1${')'.repeat(1_000)}`, /maxDepth/],
  [`${'['.repeat(1_000)}${']'.repeat(1_000)}`, /maxDepth/],
  [`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`, /maxDepth/],
  [`${'true ? '.repeat(200)}1${' : 2'.repeat(200)}`, /maxDepth/],
  [`${'1 + '.repeat(1_020)}1`, /maxAstNodes/],
  [`${'-'.repeat(3_000)}1`, /maxAstNodes|nested too deeply/],
  [`[${'1,'.repeat(1_001)}1]`, /maxListElements|maxAstNodes/],
  ['9223372036854775808', /out of range/],
  ['9'.repeat(400), /out of range/],
  ['1e999', /Invalid number|Infinity/],
  ['18446744073709551616u', /Invalid integer/],
  ['x'.repeat(4_000), /There is no/],
  [`"${'é'.repeat(4_100)}"`, /4096 characters/],
  ['еvent.plan', /Unexpected character/],
  ['event\u200b.plan', /Unexpected character/],
  ['event.\u202eplan', /Unexpected character/],
  ['"\\ud800"', /surrogate/],
  ['"unterminated', /Unterminated/],
  ['__proto__', /Reserved/],
  ['constructor.constructor("return process")()', /There is no|Unexpected/],
  ['this', /There is no `this`/],
  ['process.exit()', /There is no/],
  ['event.numbers.map(x.y, 1)', /./],
  [`cel.bind(a0, "x", ${DOUBLING}a20${')'.repeat(21)}`, /maxDepth|text .* too long|cel.bind/],
];

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['9223372036854775807 + 1', /out of range/],
  ['-9223372036854775807 - 2', /out of range/],
  ['9223372036854775807 * 9223372036854775807', /out of range/],
  ['-(-9223372036854775807 - 1)', /out of range/],
  ['0u - 1u', /out of range/],
  ['1 % 0', /Division by zero/],
  ['int(1e300)', /out of range/],
  ['timestamp("9999-12-31T23:59:59Z") + duration("1s")', /between the years/],
  ['addYears(event.when, 9000, "UTC")', /between the years/],
  ['addMonths(event.when, 9007199254740991, "UTC")', /between the years/],
  ['event.own.__proto__.a.b', /no field `b`/],
  ['event.numbers.length', /no field/],
  ['event.long.length', /no field/],
  ['event.instance.token', /no field/],
  ['event.instance.stolen', /no field/],
  ['event.call.name', /no field/],
  ['event.own["valueOf"]', /no field/],
  ['at(event.own, "plan.constructor.name") + ""', /do not go together/],
];

describe('hostile expressions', () => {
  for (const [source, expected] of STOPPED) {
    it(`are stopped: ${source.slice(0, 80)}`, () => {
      assert.throws(
        () => evaluate(source),
        (error: Error) => (error instanceof EvaluationFault && expected.test(error.message)) || assert.fail(error.message),
      );
    });
  }

  for (const [source, expected] of REFUSED) {
    it(`are refused: ${source.slice(0, 60)}`, () => {
      assert.throws(
        () => evaluate(source),
        (error: Error) => (error instanceof EvaluationFault && expected.test(error.message)) || assert.fail(error.message),
      );
    });
  }

  for (const [source, expected] of WRONG) {
    it(`fail: ${source}`, () => {
      assert.throws(
        () => evaluate(source),
        (error: Error) => (error instanceof EvaluationFault && expected.test(error.message)) || assert.fail(error.message),
      );
    });
  }

  it('match catastrophic patterns in linear time, within the cost', () => {
    for (const pattern of ['(a+)+$b', '^(a|aa)+c$', '(a|a)*b', '(.*)*c', '([a-z]+)*[0-9]']) {
      assert.equal(evaluate(`event.long.matches("${pattern}")`), false, pattern);
    }
  });

  it('give no value that is larger than a step can keep, however little of it is in memory', () => {
    assert.throws(() => evaluate('event.numbers.map(x, event.long)'), /its value is too large/);
    assert.throws(() => evaluate('{"a": event.numbers.map(x, {event.long: x})}'), /its value is too large/);
  });

  it('tell no value in what they say of a fault', () => {
    const reading = '"ada@example.com("';
    for (const wrong of [
      'timestamp(V)',
      'int(V)',
      'uint(V)',
      'double(V)',
      'bool(V)',
      'duration(V)',
      '{"a": 1}[V]',
      '[1][size(V)]',
      '{V: 1, "" + V: 2}',
      '"a".matches(V)',
      'regex.extract("a", V)',
      'event.when.getHours(V)',
      'startOfDay(event.when, V)',
      'atTime(event.when, V, "UTC")',
      'parseDate(V, "UTC")',
      'parseDate(V, "dd.MM.yyyy", "UTC")',
      'roundMoney(1.0, V)',
      'formatMoney(1.0, "EUR", V)',
      'urlParameter("https://example.com/", V)',
      'ageInYears(V, event.when, "UTC")',
      'emailDomain(V)',
      'parseJson(V)',
    ])
      assert.throws(
        () => evaluate(`cel.bind(v, ${reading}, ${wrong.replaceAll('V', 'v')})`),
        (error) => error instanceof EvaluationFault && !/ada@|example/.test(error.message),
        wrong,
      );
  });

  it('leave properties named as those of objects to the application', () => {
    assert.equal(evaluate('event.own.plan'), 'pro');
    assert.equal(evaluate('event.own.constructor + event.own.plan'), 'xpro');
    assert.equal(evaluate('event.own.hasOwnProperty + event.own.toString'), 3);
    assert.deepEqual(evaluate('event.rows.filter(row, row.n == 2).map(row, row.constructor)'), [{ name: 'Map' }]);
    assert.equal(evaluate('event.rows[1] == event.rows[1] && event.own != event.rows[0]'), true);
    assert.equal(evaluate('has(event.own.constructor) && !has(event.rows.constructor)'), true);
    assert.deepEqual(evaluate('{"__proto__": 1, "constructor": 2}.constructor'), 2);
    assert.equal(({} as { a?: number }).a, undefined);
  });

  it('spend a budget of their own: one that was stopped takes nothing from the next', () => {
    assert.throws(() => evaluate('event.numbers.map(x, event.numbers.map(y, x))'));
    assert.deepEqual(evaluate('event.numbers.filter(x, x > 9998)'), [9_999]);
    assert.equal(LIMITS.loopDepth, 2);
  });
});
