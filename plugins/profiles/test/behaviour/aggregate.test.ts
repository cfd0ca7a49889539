import assert from 'node:assert/strict';
import type { Json, LoggedEvent } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import fc from 'fast-check';
import { compileAggregate } from '../../src/behaviour/aggregate.ts';
import type { Aggregate } from '../../src/behaviour/aggregate.ts';
import { AGGREGATES, WITH_PROPERTY } from '../../src/behaviour/definition.ts';
import type { AggregateDefinition } from '../../src/behaviour/definition.ts';
import { DAY_MS, bucketOf, expiryOf, windowMsOf, windowOf } from '../../src/behaviour/window.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const { expressions } = fakeCall();

interface Happened {
  readonly at: number;
  readonly value: Json;
  readonly id?: string;
}

function eventOf({ at, value, id = String(at) }: Happened): LoggedEvent {
  return {
    id,
    position: 1,
    kind: 'track',
    name: 'Order Completed',
    appId: 'app',
    isTest: false,
    occurredAt: at,
    receivedAt: at,
    identities: { userId: 'u1' },
    properties: value === null ? {} : { total: value },
    traits: {},
    context: {},
    isImported: false,
    hops: 0,
  };
}

function aggregateOf(definition: Partial<AggregateDefinition>): Aggregate {
  const aggregate = definition.aggregate ?? 'count';
  const property = WITH_PROPERTY.has(aggregate) ? { property: 'total' } : {};
  return compileAggregate({ event: 'Order Completed', aggregate, windowMs: 0, ...property, ...definition }, expressions);
}

function stateOf(aggregate: Aggregate, happened: readonly Happened[], now: number): string | undefined {
  let state: string | undefined;
  for (const each of happened) {
    const sample = aggregate.sampleOf(eventOf(each));
    if (sample !== undefined) state = aggregate.add(state, sample, now);
  }
  return state;
}

function valueOf(definition: Partial<AggregateDefinition>, happened: readonly Happened[], now = START + 1_000 * DAY_MS): Json {
  const aggregate = aggregateOf(definition);
  return aggregate.value(stateOf(aggregate, happened, now), now);
}

describe('an aggregate', () => {
  const orders: readonly Happened[] = [
    { at: START, value: 10 },
    { at: START + HOUR_MS, value: 0.1 },
    { at: START + 2 * HOUR_MS, value: 0.2 },
    { at: START + 3 * HOUR_MS, value: 10 },
    { at: START + 4 * HOUR_MS, value: null },
  ];
  const expected: Readonly<Record<(typeof AGGREGATES)[number], Json>> = {
    count: 5,
    sum: 20.3,
    average: 5.075,
    minimum: 0.1,
    maximum: 10,
    first: 10,
    last: 10,
    unique_count: 3,
    most_frequent: 10,
    since: 999,
    exists: true,
  };
  const nothing: Readonly<Record<(typeof AGGREGATES)[number], Json>> = {
    count: 0,
    sum: 0,
    average: null,
    minimum: null,
    maximum: null,
    first: null,
    last: null,
    unique_count: 0,
    most_frequent: null,
    since: null,
    exists: false,
  };

  for (const aggregate of AGGREGATES) {
    it(`gives the ${aggregate}, and what it is of nothing`, () => {
      assert.deepEqual(valueOf({ aggregate }, orders), expected[aggregate]);
      assert.deepEqual(valueOf({ aggregate }, []), nothing[aggregate]);
      assert.deepEqual(valueOf({ aggregate, windowMs: DAY_MS }, orders), nothing[aggregate]);
    });

    for (const windowMs of [0, 90 * 60_000, DAY_MS, 30 * DAY_MS, 100 * DAY_MS]) {
      it(`has the same state of the ${aggregate} in ${String(windowMs / HOUR_MS)} h in any order and grouping, and says when it changes`, () => {
        const unit = windowMs === 0 ? DAY_MS : windowMs / 5;
        const value = fc.oneof(
          fc.integer({ min: -5, max: 5 }),
          fc.double({ min: -1e6, max: 1e6, noNaN: true }),
          fc.constantFrom('a', 'b', null, true),
        );
        const happened = fc.array(fc.record({ at: fc.integer({ min: 0, max: 20 }), value, part: fc.boolean() }), { maxLength: 30 });
        const subject = aggregateOf({ aggregate, windowMs });
        fc.assert(
          fc.property(happened, fc.integer({ min: 20, max: 40 }), fc.infiniteStream(fc.nat()), (drawn, nowUnits, keys) => {
            const now = START + nowUnits * unit;
            const all = drawn.map(({ at, ...rest }, index) => ({ ...rest, at: START + Math.round(at * unit), id: `m${String(index)}` }));
            const shuffled = all
              .map((each) => ({ each, key: keys.next().value ?? 0 }))
              .sort((a, b) => a.key - b.key)
              .map(({ each }) => each);
            const state = stateOf(subject, all, now);
            assert.equal(stateOf(subject, shuffled, now), state);
            const parts = [true, false].map((part) =>
              stateOf(
                subject,
                all.filter((each) => each.part === part),
                now,
              ),
            );
            assert.equal(subject.merge(parts), state);
            // Late pruning gives the same as early pruning, and the value stays until it was said to change.
            const early = stateOf(subject, all, START);
            assert.deepEqual(subject.value(early, now), subject.value(state, now));
            const next = subject.nextChangeAt(state, now);
            assert.ok(next > now);
            const until = Math.min(next, now + 1_000 * DAY_MS) - 1;
            assert.deepEqual(subject.value(state, until), subject.value(state, now));
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  it('counts until its bucket has left the window, to the millisecond', () => {
    const window = windowOf(30 * DAY_MS);
    const edge = expiryOf(bucketOf(START + 90, window), window);
    assert.equal(edge, START + HOUR_MS + 30 * DAY_MS);
    const happened = [{ at: START + 90, value: 1 }];
    assert.equal(valueOf({ windowMs: 30 * DAY_MS }, happened, edge - 1), 1);
    assert.equal(valueOf({ windowMs: 30 * DAY_MS }, happened, edge), 0);
    const aggregate = aggregateOf({ windowMs: 30 * DAY_MS });
    assert.equal(aggregate.nextChangeAt(stateOf(aggregate, happened, START + 90), START + 90), edge);
  });

  it('takes what comes from the future as of when it came', () => {
    const aggregate = aggregateOf({});
    const sample = aggregate.sampleOf({ ...eventOf({ at: START + DAY_MS, value: 1 }), receivedAt: START });
    assert.equal(sample?.at, START);
  });

  it('leaves out what a filter does not let through or cannot judge', () => {
    const where = 'properties.total > 5';
    assert.equal(valueOf({ where }, [...orders, { at: START + 9, value: 'much' }]), 2);
  });

  it('says at least a thousand of more different values', () => {
    const many = Array.from({ length: 1_200 }, (_, index) => ({ at: START + index, value: `v${String(index)}` }));
    assert.equal(valueOf({ aggregate: 'unique_count' }, many), 1_000);
    assert.equal(valueOf({ aggregate: 'unique_count', windowMs: 30 * DAY_MS }, many, START + DAY_MS), 1_000);
  });

  it('adds up without the noise of floating point', () => {
    assert.equal(
      valueOf({ aggregate: 'sum' }, [
        { at: START, value: -0.000001 },
        { at: START + 1, value: 0.000001 },
      ]),
      0,
    );
  });
});

describe('windowMsOf', () => {
  it('reads minutes, hours, days and ever, and nothing else', () => {
    assert.equal(windowMsOf('90m'), 5_400_000);
    assert.equal(windowMsOf('30d'), 30 * DAY_MS);
    assert.equal(windowMsOf('ever'), 0);
    for (const wrong of ['0d', '-1d', '1w', '30', '9999999d', '1.5h']) assert.equal(windowMsOf(wrong), undefined, wrong);
  });
});
