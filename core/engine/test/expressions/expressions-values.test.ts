import assert from 'node:assert/strict';
import { compileExpression, EMPTY_SCOPE, EvaluationFault } from '../../src/expressions/expression.ts';
import type { Scope } from '../../src/expressions/expression.ts';
import { createTypeChecker } from '../../src/expressions/types.ts';
import { toJson } from '../../src/expressions/values.ts';

const SCOPE: Scope = {
  ...EMPTY_SCOPE,
  event: {
    properties: { total: 20, 'utm-source': 'mail', tags: ['a'], when: '2026-03-29T00:30:00Z' },
    when: new Date('2026-03-29T00:30:00Z'),
  },
  events: [{ properties: { total: 2 } }, { properties: { total: 3 } }],
  input: { person: 'p1' },
  each: { item: { sku: 'A' }, itemIndex: 1 },
  arrived: { properties: { link: 'x' } },
  steps: new Map([['score', { output: { probability: 0.7 } }]]),
};

function run(source: string): unknown {
  const compiled = compileExpression(source);
  if ('fault' in compiled) throw new EvaluationFault(source, compiled.fault, false);
  return toJson(compiled.expression.evaluate(SCOPE));
}

const VALUES: readonly (readonly [string, unknown])[] = [
  ['input.person + each.item.sku + arrived.properties.link', 'p1Ax'],
  ['each.itemIndex + 1', 2],
  ['events.map(e, e.properties.total).sum()', 5],
  ['events.size() == 2 && events[1].properties.total == 3', true],
  ['event.properties.`utm-source`', 'mail'],
  ['has(event.properties.`utm-source`) && !has(event.properties.`utm-medium`)', true],
  ['"a.`b`" + event.properties.`utm-source`', 'a.`b`mail'],
  ['steps.score.output.probability > 0.5 ? 1 : 0.5', 1],
  // A day of 23 hours, and one of 25.
  ['addDays(event.when, 1, "Europe/Berlin") - event.when', '82800s'],
  ['addDays(timestamp("2026-10-24T22:30:00Z"), 1, "Europe/Berlin") - timestamp("2026-10-24T22:30:00Z")', '90000s'],
  ['startOfDay(timestamp("2026-10-25T12:00:00Z"), "Europe/Berlin")', '2026-10-24T22:00:00.000Z'],
  // 02:30 does not exist on the first day, and is there twice on the second.
  ['atTime(event.when, "02:30", "Europe/Berlin")', '2026-03-29T01:30:00.000Z'],
  ['atTime(timestamp("2026-10-25T12:00:00Z"), "02:30", "Europe/Berlin")', '2026-10-25T00:30:00.000Z'],
  // A zone without a midnight on the day of its change.
  ['startOfDay(timestamp("2018-11-04T12:00:00Z"), "America/Sao_Paulo")', '2018-11-04T03:00:00.000Z'],
  ['hour(event.when, "Asia/Kolkata")', 6],
  ['event.when.getHours("+05:30") == event.when.getHours("05:30")', true],
  ['addMonths(timestamp("2028-01-31T12:00:00Z"), 1, "UTC")', '2028-02-29T12:00:00.000Z'],
  ['addBusinessDays(timestamp("2026-01-31T09:00:00Z"), 1, "UTC")', '2026-02-02T09:00:00.000Z'],
  ['addBusinessDays(timestamp("2026-02-01T09:00:00Z"), -1, "UTC")', '2026-01-30T09:00:00.000Z'],
  ['addBusinessDays(timestamp("2026-02-02T09:00:00Z"), 10, "UTC")', '2026-02-16T09:00:00.000Z'],
  ['addBusinessDays(timestamp("2026-01-31T09:00:00Z"), 5, "UTC")', '2026-02-06T09:00:00.000Z'],
  ['addBusinessDays(timestamp("2026-01-31T09:00:00Z"), -5, "UTC")', '2026-01-26T09:00:00.000Z'],
  ['ageInYears("2000-02-29", timestamp("2026-02-28T12:00:00Z"), "UTC")', 25],
  ['parseDate("2026-03-29", "Europe/Berlin")', '2026-03-28T23:00:00.000Z'],
  ['parseDate("2026-03-29T10:00:00+05:00", "Europe/Berlin")', '2026-03-29T05:00:00.000Z'],
  ['formatDate(event.when, "yyyy-MM-dd\'T\'HH:mm h a", "America/New_York")', '2026-03-28T20:30 8 PM'],
  ['round(1.005, 2) + round(-2.5) + round(1234.5, -2)', 1198.01],
  ['round(0.285, 2)', 0.29],
  ['round(1e21, 2) == 1e21 && round(1e-20, 2) == 0.0', true],
  ['[0.1, 0.2].sum() == 0.3 ? "exact" : string(round([0.1, 0.2].sum(), 2))', '0.3'],
  ['roundMoneyHalfEven(0.125, "EUR") + roundMoney(1.0005, "KWD")', 1.121],
  ['"\u{1F431}b".substring(1) + "\u{1F431}b".charAt(0)', 'b\u{1F431}'],
  ['"\u{1F431}b".indexOf("b")', 1],
  ['"\uff21" < "\u{1F431}"', true],
  ['"\u00a0 x\u2003".trim()', 'x'],
  ['bucket("a", 1000) == bucket("a", 1000) && bucket("a", 1) == 0', true],
  ['[3, 1.5, 2u].sort()', [1.5, 2, 3]],
  ['[1, 1.0, 1u, "1", [1], [1.0]].distinct()', [1, '1', [1]]],
  ['default(event.properties.missing.deep, default(event.nothing, 4))', 4],
  ['default([1][3], 7)', 7],
];

const WRONG: readonly (readonly [string, RegExp, number])[] = [
  ['1 + startOfDay("x", "UTC")', /`startOfDay`|startOfDay\(string/, 4],
  ['startOfDay(event.properties.when, "UTC")', /`startOfDay` does not take these types: string, string\./, 0],
  ['startOfDay(event.when, "Mars/Base")', /There is no such time zone/, 0],
  ['true && event.properties.total.lower() == "x"', /`\.lower` does not take these types: double/, 8],
  ['event.properties.tags.join(1)', /join/, 0],
  ['addDays(event.when, 1.5, "UTC")', /has to be whole/, 0],
  ['event.properties.tags.map(t, t > 1)', /do not go together: string > int/, 29],
  ['parseDate("31.02.2026", "dd.MM.yyyy", "UTC")', /is no date of the pattern/, 0],
  ['roundMoney(1.0, "euro")', /no currency/, 0],
  ['emailDomain("nobody")', /no e-mail address/, 0],
  ['nosuch(1)', /There is no function `nosuch\(int\)`\./, 0],
  ['math.rond(1.5)', /There is no function `math\.rond\(double\)`\./, 0],
  ['"a".nosuch()', /nosuch/, 0],
  ['parseJson("{")', /no JSON/, 0],
  ['atTime(event.when, "25:00", "UTC")', /no time of day/, 0],
];

describe('values of expressions', () => {
  for (const [source, value] of VALUES) {
    it(`give ${JSON.stringify(value)} for ${source}`, () => {
      assert.deepEqual(run(source), value);
    });
  }

  for (const [source, expected, start] of WRONG) {
    it(`tell the fault and its place in ${source}`, () => {
      assert.throws(
        () => run(source),
        (error) => {
          assert.ok(error instanceof EvaluationFault);
          assert.match(error.message, expected);
          assert.equal(error.fault.start, start);
          return true;
        },
      );
    });
  }

  it('are missing only where a field, an element or what stands for one is', () => {
    const isMissing = (source: string): boolean => {
      try {
        run(source);
      } catch (error) {
        return error instanceof EvaluationFault && error.isMissing;
      }
      return false;
    };
    for (const source of ['event.nothing', 'event.properties.tags[4]', '[].first()', 'regex.extract("a", "b")'])
      assert.ok(isMissing(source), source);
    for (const source of ['1 / 0', 'event.properties.tags > 1', 'startOfDay(event.when, "?")']) assert.ok(!isMissing(source), source);
  });
});

describe('types of expressions', () => {
  const types = createTypeChecker(
    {
      event: {
        type: 'object',
        additionalProperties: false,
        properties: {
          total: { type: 'number' },
          name: { type: 'string' },
          when: { 'x-moment': true },
          tags: { type: 'array', items: { type: 'string' } },
        },
      },
    },
    new Set(),
  );

  it('are known of functions, macros and choices', () => {
    const expected: readonly (readonly [string, string])[] = [
      ['startOfDay(event.when, "UTC")', 'google.protobuf.Timestamp'],
      ['duration("1h") + event.when', 'google.protobuf.Timestamp'],
      ['event.tags.filter(t, t != "a")', 'list<string>'],
      ['event.tags.map(t, t.size())', 'list<int>'],
      ['event.tags.sortBy(t, t.size())', 'list<string>'],
      ['event.tags.transformMap(i, t, t)', 'map<int, string>'],
      ['event.tags.exists(i, t, i > 0 && t == "a")', 'bool'],
      ['event.total > 3 ? event.total : 0', 'double'],
      ['round(event.total, 2)', 'double'],
      ['default(event.name, "x")', 'string'],
      ['cel.bind(n, event.total, n > 1)', 'bool'],
      ['isEmail(event.name)', 'bool'],
      ['keys(event).size()', 'int'],
      ['merge(event, {"a": 1})', 'map'],
      ['"name" in event && size(event) > 2', 'bool'],
      ['event.exists(key, key == "name")', 'bool'],
      ['toJson(event)', 'string'],
      ['event.total == 3', 'bool'],
    ];
    for (const [source, type] of expected) assert.deepEqual(types.typeOf(source), { type }, source);
  });

  it('are refused before anything runs', () => {
    for (const source of [
      'startOfDay(event.name, "UTC")',
      'event.name.map(x, x)',
      'event.tags.filter(t, t.size())',
      'event.total ? 1 : 2',
      'event.tags.map(t, t + 1)',
      'event.total.lower()',
      'bucket(event.total, 3)',
      'event.tags.all(i, t, i == "x")',
    ]) {
      assert.ok('fault' in types.typeOf(source), source);
    }
  });
});
