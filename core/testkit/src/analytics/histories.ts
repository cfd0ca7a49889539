import type { AnalyticsBatch, AnalyticsEvent, AnalyticsQuestion, PersonLink } from '@tendril/plugin-api';
import { analyticsEvent } from './analytics-event.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Before the night in which clocks in Europe go forward; in the southern hemisphere they go back a week later. */
const SPRING = Date.UTC(2026, 2, 25);
/** Before the night in which clocks in Europe go back. */
const AUTUMN = Date.UTC(2026, 9, 20);

const NAMES = ['Product Viewed', 'Product Added', 'Order Completed', '$page'];
const PEOPLE = ['ann', 'bob', 'cem', 'dee', 'eve'];
const ZONES = ['Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns', 'UTC'];
const PLANS = ['free', 'team', "o'neill", 'größer'];

/** Draws numbers; the same seed draws the same. */
export type Draw = (below: number) => number;

/** @see G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003 */
export function drawing(seed: number): Draw {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A random history in batches: late events, people merged and taken apart, properties of several types, nights in which the clocks change. */
export function randomHistory(draw: Draw, size: number): readonly AnalyticsBatch[] {
  const batches: AnalyticsBatch[] = [];
  const start = draw(2) === 0 ? SPRING : AUTUMN;
  let position = 0;
  while (position < size) {
    const after = position;
    const events: AnalyticsEvent[] = [];
    const links: PersonLink[] = [];
    for (let count = 1 + draw(40); count > 0; count -= 1) {
      position += 1 + (draw(10) === 0 ? draw(3) : 0);
      if (draw(25) === 0) links.push(randomLink(draw, position));
      else events.push(randomEvent(draw, position, start));
    }
    batches.push({ after, through: position + draw(2), events, links });
    position = batches.at(-1)?.through ?? position;
  }
  return batches;
}

function randomLink(draw: Draw, position: number): PersonLink {
  return { position, from: PEOPLE[draw(5)] ?? '', into: PEOPLE[draw(5)] ?? '', isJoined: draw(3) > 0 };
}

function randomEvent(draw: Draw, position: number, start: number): AnalyticsEvent {
  const name = NAMES[draw(4)] ?? '';
  const isPage = name === '$page';
  // In whole minutes, so that several happen at once.
  const occurredAt = start + draw(10 * 24 * 60) * 60_000;
  return analyticsEvent({
    position,
    name,
    kind: isPage ? 'page' : draw(20) === 0 ? (['hub', 'identify', 'screen'] as const)[draw(3)] : 'track',
    appId: `app-${draw(2)}`,
    isTest: draw(12) === 0,
    occurredAt,
    receivedAt: occurredAt + draw(DAY_MS),
    ...{ person: draw(15) === 0 ? undefined : PEOPLE[draw(5)] },
    isAnonymous: draw(2) === 0,
    ...(draw(3) === 0 ? {} : { timeZone: ZONES[draw(4)] ?? '' }),
    ...(isPage ? { path: `/page/${draw(3)}` } : {}),
    ...(draw(4) === 0 ? { utm: { source: ['mail', 'ads'][draw(2)] ?? '' } } : {}),
    properties: {
      ...(draw(4) === 0 ? {} : { plan: PLANS[draw(4)] ?? '' }),
      // Sums of quarters are exact in any order.
      ...(draw(3) === 0 ? {} : { total: draw(400) / 4 - 20 }),
      ...(draw(3) === 0 ? { isGift: draw(2) === 0 } : {}),
      ...(draw(2) === 0 ? { mixed: [draw(3), `text ${draw(2)}`, draw(2) === 0][draw(3)] ?? 0 } : {}),
    },
  } as Partial<AnalyticsEvent> & { readonly position: number });
}

/** Questions of every kind. */
export function randomQuestions(draw: Draw): readonly AnalyticsQuestion[] {
  const from = [SPRING, AUTUMN][draw(2)] ?? SPRING;
  const range = draw(3) === 0 ? {} : { from: from + draw(4 * 24) * HOUR_MS, to: from + DAY_MS * (4 + draw(6)) };
  const zone = draw(3) === 0 ? {} : { timeZone: ZONES[draw(4)] ?? 'UTC' };
  const clock = draw(4) === 0 ? { timeZone: 'person' } : zone;
  const test = draw(3) === 0 ? { includesTest: true } : {};
  const per = (['hour', 'day', 'week', 'month'] as const)[draw(4)] ?? 'day';
  const by = ['plan', 'mixed', 'total', 'isGift', '$utm_source', '$app', 'never'][draw(7)] ?? 'plan';
  const split = { per, ...(draw(2) === 0 ? { by, limit: 1 + draw(5) } : {}) };
  const events = { ...(draw(3) === 0 ? {} : { names: NAMES.slice(draw(3)) }), where: randomFilters(draw) };
  const scope = { ...range, ...clock, ...test };
  const fixed = { ...range, ...zone, ...test };
  return [
    { ask: 'count', events, ...scope, ...split },
    {
      ask: 'number',
      events,
      property: draw(2) === 0 ? 'total' : 'mixed',
      take: (['sum', 'average', 'minimum', 'maximum'] as const)[draw(4)] ?? 'sum',
      ...scope,
      ...split,
    },
    { ask: 'uniques', events, of: (['people', 'sessions', { property: 'mixed' }] as const)[draw(3)] ?? 'people', ...scope, ...split },
    { ask: 'breakdown', events, property: by, limit: 3, ...scope },
    {
      ask: 'funnel',
      steps: NAMES.slice(0, 2 + draw(2)).map((name, i) => ({
        names: [name, ...(draw(4) === 0 ? ['Product Viewed'] : [])],
        where: i === 0 ? randomFilters(draw) : [],
      })),
      windowMs: (1 + draw(48)) * HOUR_MS,
      ...range,
      ...test,
      ...(draw(2) === 0 ? { by } : {}),
    },
    {
      ask: 'retention',
      first: { names: [NAMES[draw(4)] ?? ''] },
      back: draw(2) === 0 ? {} : { names: ['Order Completed'] },
      per: (['day', 'week', 'month'] as const)[draw(3)] ?? 'day',
      periods: 1 + draw(8),
      ...fixed,
    },
    {
      ask: 'paths',
      around: { names: [NAMES[draw(4)] ?? ''] },
      direction: draw(2) === 0 ? 'after' : 'before',
      depth: 1 + draw(3),
      ...range,
      ...test,
      limit: 5,
      sessionGapMs: 4 * HOUR_MS,
    },
    { ask: 'sessions', ...fixed, per, sessionGapMs: (1 + draw(8)) * HOUR_MS },
    { ask: 'pages', ...range, ...test, limit: 2, sessionGapMs: 4 * HOUR_MS },
    { ask: 'names', ...test, ...(draw(3) === 0 ? { startsWith: 'Product' } : {}) },
  ];
}

function randomFilters(draw: Draw): NonNullable<Extract<AnalyticsQuestion, { readonly ask: 'pages' }>['where']> {
  const filters = [
    { property: 'plan', is: 'equals', value: PLANS[draw(4)] ?? '' },
    { property: 'plan', is: 'not_equals', value: 'free' },
    { property: 'mixed', is: 'in', value: [1, 'text 1', true] },
    { property: 'total', is: 'greater', value: draw(50) },
    { property: 'total', is: 'less', value: draw(50) },
    { property: 'plan', is: 'contains', value: 'e' },
    { property: 'mixed', is: 'exists', value: draw(2) === 0 },
    { property: 'never', is: 'not_equals', value: 1 },
    { property: '$app', is: 'equals', value: 'app-1' },
  ] as const;
  return filters.filter(() => draw(8) === 0);
}
