import assert from 'node:assert/strict';
import { correctCondition } from '../src/screens/segments/correct-condition.ts';
import { findRuleFault, readRules, writeRules } from '../src/screens/segments/condition-rules.ts';
import type { Rule, Rules } from '../src/screens/segments/condition-rules.ts';

const RULES: readonly Rule[] = [
  { kind: 'did', event: 'Order Completed', times: 3, days: 30, isNot: false },
  { kind: 'did', event: 'Order "Completed" && more', times: 1, days: 0, isNot: true },
  { kind: 'did', event: 'Signed In', times: 1, days: 7, isNot: false },
  { kind: 'did', event: 'Signed In', times: 4, days: 0, isNot: false },
  { kind: 'trait', trait: 'plan', is: '==', value: 'pro' },
  { kind: 'trait', trait: 'zip code', is: '!=', value: '"01067"' },
  { kind: 'trait', trait: 'age', is: '>=', value: '30.5' },
  { kind: 'trait', trait: 'isMember', is: '==', value: 'true' },
  { kind: 'trait', trait: 'city', is: 'contains', value: 'burg || "' },
  { kind: 'trait', trait: 'phone', is: 'has', value: '' },
  { kind: 'trait', trait: 'phone', is: '!has', value: '' },
  { kind: 'segment', segment: 'vip', isNot: true },
  { kind: 'consent', category: 'marketing', isNot: false },
  { kind: 'consent', category: 'e-mail', isNot: true },
  { kind: 'since', event: 'Signed Up', is: '<=', days: 14 },
];

describe('conditions that are built without CEL', () => {
  it('are written as CEL', () => {
    const write = (...rules: readonly Rule[]): string => writeRules({ joinedBy: '&&', rules });
    assert.equal(
      write({ kind: 'did', event: 'Order Completed', times: 3, days: 30, isNot: false }, { kind: 'segment', segment: 'vip', isNot: true }),
      'did("Order Completed", 3, "30d") && !in_segment("vip")',
    );
    assert.equal(write({ kind: 'did', event: 'A', times: 1, days: 0, isNot: false }), 'did("A")');
    assert.equal(write({ kind: 'trait', trait: 'zip code', is: '==', value: '"01067"' }), 'profile.traits["zip code"] == "01067"');
    assert.equal(write({ kind: 'trait', trait: 'age', is: '>', value: '30' }), 'profile.traits.age > 30');
    assert.equal(write({ kind: 'consent', category: 'marketing', isNot: false }), 'profile.consent.marketing == "granted"');
    assert.equal(write({ kind: 'consent', category: 'sms', isNot: true }), 'profile.consent.sms == "denied"');
  });

  for (const joinedBy of ['&&', '||'] as const) {
    it(`are read back, joined by ${joinedBy}`, () => {
      for (const rule of RULES) assert.deepEqual(readRules(writeRules({ joinedBy, rules: [rule] }))?.rules, [rule]);
      const all: Rules = { joinedBy, rules: RULES };
      assert.deepEqual(readRules(writeRules(all)), all);
    });
  }

  it('stay CEL where they say more', () => {
    for (const condition of [
      '',
      'did("A") && did("B") || did("C")',
      '(did("A"))',
      'did("A", 1, "12h")',
      'did("A", 1, "30d", "properties.total > 5")',
      'count("A") > 3',
      'profile.traits.address.city == "Porto"',
      'profile.traits.age > profile.traits.limit',
      'profile.consent.marketing != "granted"',
      'profile.consent.marketing == true',
      'has(profile.consent.marketing)',
    ])
      assert.equal(readRules(condition), undefined, condition);
  });

  it('say what is missing', () => {
    assert.equal(findRuleFault({ kind: 'did', event: '', times: 1, days: 1, isNot: false }), 'Choose an event.');
    assert.equal(findRuleFault({ kind: 'did', event: 'A', times: 0, days: 1, isNot: false }), 'Times are a whole number from 1.');
    assert.equal(findRuleFault({ kind: 'since', event: 'A', is: '>=', days: Number.NaN }), 'Days are a whole number up to 3,650.');
    assert.equal(findRuleFault({ kind: 'trait', trait: 'a', is: '==', value: '' }), 'Say what it is compared with.');
    for (const rule of RULES) assert.equal(findRuleFault(rule), undefined);
  });
});

describe('a condition that is corrected', () => {
  function correct(condition: string, wrong: string, meant: string): string {
    const start = condition.indexOf(wrong);
    return correctCondition(condition, { start, end: start + wrong.length }, meant);
  }

  it('keeps the arguments of a function and the quotes of a name', () => {
    assert.equal(correct('conut("A") > 3', 'conut("A")', 'count'), 'count("A") > 3');
    assert.equal(correct('conut("A") > 3', 'conut', 'count'), 'count("A") > 3');
    assert.equal(correct('did("Ordr")', '"Ordr"', 'Order'), 'did("Order")');
    assert.equal(correct("did('Ordr')", "'Ordr'", "'Order'"), "did('Order')");
    assert.equal(correct('profile.trats.age > 3', 'trats', 'traits'), 'profile.traits.age > 3');
  });
});
