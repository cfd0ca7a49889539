import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { clausesOf } from '../../src/segments/clauses.ts';
import { compileCondition, momentOf, nextDayAfter } from '../../src/segments/condition.ts';
import type { PersonView } from '../../src/segments/condition.ts';

const { expressions } = fakeCall();
const NOW = Date.UTC(2026, 0, 31);

function viewOf(traits: object, states: Readonly<Record<string, string>> = {}, segments: readonly string[] = []): PersonView {
  return {
    now: NOW,
    profile: { traits, groups: ['g1'], consent: { email: true }, isIdentified: true, scores: {} },
    stateOf: (id) => states[id],
    isIn: (segment) => segments.includes(segment),
  };
}

function holds(source: string, view: PersonView): boolean {
  return compileCondition(source, expressions).holds(view);
}

function detailsOf(source: string): Readonly<Record<string, unknown>> {
  try {
    compileCondition(source, expressions);
  } catch (error) {
    if (TendrilError.is(error)) return { code: error.code, ...error.details };
    throw error;
  }
  throw new Error('compiled');
}

describe('a condition of a segment', () => {
  it('reads traits, groups, consent and other segments', () => {
    assert.equal(holds('profile.traits.plan == "pro" && "g1" in profile.groups && profile.consent.email', viewOf({ plan: 'pro' })), true);
    assert.equal(holds('profile.traits.plan == "pro"', viewOf({ plan: 'free' })), false);
    assert.equal(holds('in_segment("vip") && !in_segment("risk")', viewOf({}, {}, ['vip'])), true);
  });

  it('is false where a trait is missing, unless it asks by has()', () => {
    assert.equal(holds('profile.traits.plan == "pro"', viewOf({})), false);
    assert.equal(holds('!(profile.traits.plan == "pro")', viewOf({})), false);
    assert.equal(holds('!has(profile.traits.plan)', viewOf({})), true);
    assert.equal(holds('profile.traits.plan == "pro" || profile.isIdentified', viewOf({})), true);
  });

  it('counts by aggregates that it names', () => {
    const condition = compileCondition(
      'did("Order Completed", 3, "30d") && count("Order Completed", "30d") >= 3 && sum("Order Completed", "total", "30d", "properties.total > 5") > 50.0',
      expressions,
    );
    const counted = condition.aggregates.find(({ definition }) => definition.aggregate === 'count');
    const summed = condition.aggregates.find(({ definition }) => definition.aggregate === 'sum');
    assert.equal(condition.aggregates.length, 2, 'did and count share one');
    assert.deepEqual(counted?.definition, { event: 'Order Completed', aggregate: 'count', windowMs: 2_592_000_000 });
    const event = { occurredAt: NOW, receivedAt: NOW, id: 'm1', properties: { total: 60 }, context: {}, traits: {} };
    const sample = summed?.sampleOf({ ...event, name: 'Order Completed', kind: 'track', identities: {} } as never);
    assert.ok(summed !== undefined && sample !== undefined && counted !== undefined);
    const three = [1, 2, 3].reduce<string | undefined>((state) => counted.add(state, sample, NOW), undefined);
    const states = { [counted.id]: three ?? '', [summed.id]: summed.add(undefined, sample, NOW) ?? '' };
    assert.equal(condition.holds(viewOf({}, states)), true);
    assert.equal(condition.holds(viewOf({}, { [summed.id]: states[summed.id] ?? '' })), false);
    assert.deepEqual(new Set(condition.valuesOf(viewOf({}, states)).map(({ value }) => value)), new Set([true, 3, 60]));
  });

  it('counts days since a date among the traits', () => {
    assert.equal(holds('days_since_trait("trialEndsAt") >= 1', viewOf({ trialEndsAt: '2026-01-29T23:00:00Z' })), true);
    assert.equal(holds('days_since_trait("trialEndsAt") < 0', viewOf({ trialEndsAt: '2026-02-02' })), true);
    assert.equal(holds('days_since_trait("trialEndsAt") < 0', viewOf({ trialEndsAt: 'soon' })), false);
  });

  it('takes any number for a whole moment that a calendar has, or for none', () => {
    assert.deepEqual([1e300, -1e300, 1e17, Infinity].map(momentOf), [undefined, undefined, undefined, undefined]);
    assert.deepEqual(
      [1_700_000_000, 1_700_000_000_000, 100_000_000_000.3].map(momentOf),
      [1_700_000_000_000, 1_700_000_000_000, 100_000_000_000],
    );
    assert.equal(Number.isInteger(nextDayAfter(momentOf(1_700_000_000.12345) ?? NaN, NOW)), true);
  });

  it('tells what it reads', () => {
    const { reads } = compileCondition('profile.traits.plan == "pro" && in_segment("vip") && days_since_trait("endsAt") > 1', expressions);
    assert.deepEqual([...reads].sort(), ['date:endsAt', 'segment:vip', 'trait:endsAt', 'trait:plan']);
  });

  it('says where it is wrong and what was meant', () => {
    assert.equal(detailsOf('conut("Order Completed") > 1')['suggestion'], 'count');
    const source = 'count("Order Completed", "3w") > 1';
    const { problem, start, end } = detailsOf(source);
    assert.match(String(problem), /A window is/);
    assert.equal(source.slice(Number(start), Number(end)), '"3w"');
    assert.match(String(detailsOf('count("a", "1d", "properties.total >") > 1')['problem']), /filter does not compile/);
    assert.match(String(detailsOf('count("a")')['problem']), /true or false/);
    assert.equal(detailsOf('did("a", 0)')['problem'], '`did` counts from 1.');
    assert.equal(
      detailsOf('did("a", "3d")')['problem'],
      '`did` is written `did(text, integer?, text?, text?)`, not `did(string, string)`.',
    );
    assert.equal(detailsOf('sum("a", "") > 1')['problem'], '`sum` needs a property.');
  });

  it('is taken apart at its outermost operators', () => {
    const texts = (source: string): readonly string[] => clausesOf(source).clauses.map(({ text }) => text);
    assert.deepEqual(texts('a && (b || c) && "x && y" == d'), ['a', '(b || c)', '"x && y" == d']);
    assert.deepEqual(texts('a && b || c'), ['a && b', 'c']);
    assert.deepEqual(texts('a ? b && c : d'), ['a ? b && c : d']);
    assert.deepEqual(texts(`a == 'it\\'s && b'`), [`a == 'it\\'s && b'`]);
  });
});
