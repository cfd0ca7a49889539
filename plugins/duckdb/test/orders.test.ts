import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnalyticsBatch, AnalyticsEvent, AnalyticsQuestion, PersonLink } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { analyticsEvent, NaiveAnalytics } from '@tendril/testkit/analytics';
import fc from 'fast-check';
import { DuckDbDriver } from '../src/driver.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Clocks change some days later; those of St John's went back one minute after midnight until 2011. */
const STARTS = [Date.UTC(2026, 2, 25), Date.UTC(2026, 9, 20), Date.UTC(2010, 10, 4), Date.UTC(1969, 11, 28)] as const;
const ZONES = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'] as const;
const NAMES = ['Signed Up', 'Product Viewed', 'Product Added', 'Order Completed'] as const;
const PEOPLE = ['ann', 'bob', 'cem', 'dee', 'eve', 'fay'] as const;

/** Late ones, ones that claim to be of the future, many in the same minute. */
const EVENT = fc.record({
  name: fc.constantFrom(...NAMES),
  kind: fc.constantFrom('track', 'track', 'track', 'hub'),
  minutes: fc.oneof({ weight: 6, arbitrary: fc.nat(8) }, { weight: 1, arbitrary: fc.integer({ min: -9_000, max: -1 }) }),
  ahead: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 6_000 }) }),
  person: fc.option(fc.constantFrom(...PEOPLE), { nil: undefined, freq: 15 }),
  isTest: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  zone: fc.option(fc.constantFrom(...ZONES), { nil: undefined }),
  plan: fc.option(fc.constantFrom<string | number>('free', 'team', 1), { nil: undefined, freq: 4 }),
});

/** Never in a circle, which profiles do not make. */
const LINK = fc
  .record({ from: fc.integer({ min: 1, max: PEOPLE.length - 1 }), step: fc.nat(), isJoined: fc.boolean() })
  .map(({ from, step, isJoined }) => ({ from: PEOPLE[from] ?? 'ann', into: PEOPLE[step % from] ?? 'ann', isJoined }));

/** What goes into the copy together: events and merges, and how long after the batch before. */
const BATCH = fc.record({
  events: fc.array(EVENT, { maxLength: 40 }),
  links: fc.array(LINK, { maxLength: 2 }),
  hoursLater: fc.nat(40),
  /** After people were taken apart: of one event so far back, who it belongs to. */
  moved: fc.option(fc.record({ back: fc.nat(30), person: fc.constantFrom(...PEOPLE) }), { nil: undefined, freq: 4 }),
});

const WHERE = fc.constantFrom(
  [],
  [],
  [],
  [{ property: 'plan', is: 'equals', value: 'free' } as const],
  [{ property: 'plan', is: 'not_equals', value: 'team' } as const],
  [{ property: 'plan', is: 'exists' } as const],
);
const SELECTION = fc.oneof(
  fc.record({ names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }), where: WHERE }),
  fc.record({ where: WHERE }),
);
const RANGE = fc.option(fc.record({ begin: fc.nat(20), days: fc.nat(20) }), { nil: undefined });
const TEST = fc.option(fc.constant(true), { nil: undefined });

type Range = { readonly begin: number; readonly days: number } | undefined;

const FUNNEL = fc.record({
  steps: fc.array(SELECTION, { minLength: 2, maxLength: 5 }),
  windowHours: fc.integer({ min: 0, max: 200 }),
  by: fc.option(fc.constantFrom('plan', '$kind', 'never'), { nil: undefined }),
  range: RANGE,
  includesTest: TEST,
});

const RETENTION = fc.record({
  first: SELECTION,
  back: fc.option(SELECTION, { nil: undefined }),
  per: fc.constantFrom('day', 'week', 'month'),
  periods: fc.integer({ min: 1, max: 12 }),
  timeZone: fc.option(fc.constantFrom(...ZONES), { nil: undefined }),
  range: RANGE,
  includesTest: TEST,
});

function batchesOf(
  start: number,
  given: readonly (typeof BATCH extends fc.Arbitrary<infer Batch> ? Batch : never)[],
): readonly AnalyticsBatch[] {
  let [position, now] = [0, start];
  return given.map(({ events, links, hoursLater, moved }) => {
    const after = position;
    now += hoursLater * HOUR_MS;
    const made = events.map(({ minutes, ahead, zone, plan, person, ...event }): AnalyticsEvent => {
      position += 1;
      const occurredAt = now + (minutes + ahead) * 60_000;
      return {
        ...analyticsEvent({ position, occurredAt, receivedAt: ahead > 0 ? now : occurredAt + 60_000, ...event }),
        person,
        ...(zone === undefined ? {} : { timeZone: zone }),
        properties: plan === undefined ? {} : { plan },
      } as AnalyticsEvent;
    });
    position += 1;
    const people = moved === undefined || after <= moved.back ? [] : [{ position: after - moved.back, person: moved.person }];
    return { after, through: position, events: made, links: links.map((link): PersonLink => ({ ...link, position })), people };
  });
}

function rangeOf(start: number, range: Range): { readonly from?: number; readonly to?: number } {
  return range === undefined
    ? {}
    : { from: start + range.begin * 6 * HOUR_MS, to: start + range.begin * 6 * HOUR_MS + range.days * DAY_MS };
}

/** Only what is given. */
function given<Fields extends object>(fields: Fields): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

describe('funnels and retention of events in any order', function () {
  this.timeout(240_000);

  it('are those of a walk through all events', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...STARTS),
        fc.constantFrom(...ZONES),
        fc.array(BATCH, { minLength: 1, maxLength: 12 }),
        fc.array(FUNNEL, { minLength: 3, maxLength: 3 }),
        fc.array(RETENTION, { minLength: 3, maxLength: 3 }),
        async (start, timeZone, batches, funnels, retentions) => {
          const folder = await mkdtemp(join(tmpdir(), 'tendril-duckdb-'));
          const driver = new DuckDbDriver();
          const naive = new NaiveAnalytics();
          const call = fakeCall({ folder, tenant: { timeZone } });
          const questions = [
            ...funnels.map(({ windowHours, range, ...rest }) =>
              given({ ask: 'funnel', windowMs: windowHours * HOUR_MS, ...rangeOf(start, range), ...rest }),
            ),
            ...retentions.map(({ range, back, ...rest }) =>
              given({ ask: 'retention', ...rangeOf(start, range), ...rest, back: back ?? rest.first }),
            ),
          ] as readonly AnalyticsQuestion[];
          try {
            for (const batch of batchesOf(start, batches)) {
              await naive.append(batch);
              await driver.append(batch, call);
            }
            for (const question of questions)
              assert.deepEqual(await driver.ask(question, call), await naive.ask(question, call), JSON.stringify(question));
          } finally {
            await driver.stop();
            await rm(folder, { recursive: true, force: true });
          }
        },
      ),
      { numRuns: 30, endOnFailure: true },
    );
  });
});
