/**
 * The columnar copy of the event log: how fast it is filled, how large it is, how fast it answers.
 *
 *     node tools/run.mjs benchmarks/analytics.ts [--events 10000000] [--people 120000] [--rounds 20] [--goals] [--json]
 *
 * Events are made up and handed to the driver as the engine's room does it, in batches of 5,000: 60 days, 12 names, 6 properties, one event
 * in twenty late by up to a day, one person in ten merged with another. Nothing of the log is read: this is the driver alone. Each question is
 * asked `--rounds` times after one that does not count; with `--goals` only those that have a goal.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AnalyticsEvent, AnalyticsQuestion, PersonLink } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { DuckDbDriver } from '../plugins/duckdb/src/driver.ts';
import { describeMachine, quantile, residentMiB } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    people: { type: 'string', default: '120000' },
    rounds: { type: 'string', default: '20' },
    goals: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const total = Number(flags.events);
const people = Number(flags.people);
const rounds = Number(flags.rounds);

const BATCH = 5_000;
const DAY_MS = 86_400_000;
const DAYS = 60;
const START = Date.UTC(2026, 1, 15);
const END = START + DAYS * DAY_MS;
const MERGED_SHARE = 10;
const LATE_SHARE = 20;
/** Cumulated shares of a thousand. */
const NAMES: readonly (readonly [string, number])[] = [
  ['$page', 420],
  ['Product Viewed', 620],
  ['Product Added', 700],
  ['Checkout Started', 740],
  ['Order Completed', 765],
  ['Product List Viewed', 830],
  ['Products Searched', 880],
  ['Signed Up', 890],
  ['Email Opened', 935],
  ['Email Link Clicked', 960],
  ['Feature Used', 990],
  ['Support Ticket Created', 1_000],
];
const PLANS = ['free', 'team', 'business', 'enterprise'];
const SOURCES = ['google', 'newsletter', 'linkedin', 'partner'];

let state = 88_172_645;

function draw(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

function makeEvent(position: number): AnalyticsEvent {
  const share = draw(1_000);
  const name = NAMES.find(([, until]) => share < until)?.[0] ?? '$page';
  const isPage = name === '$page';
  const receivedAt = START + Math.floor((position / total) * DAYS * DAY_MS);
  const occurredAt = Math.max(START, receivedAt - (draw(LATE_SHARE) === 0 ? draw(DAY_MS) : draw(5_000)));
  // The square makes some people far more active than others.
  const person = `p${Math.floor(people * (draw(1_000_000) / 1_000_000) ** 2)}`;
  return {
    position,
    name,
    kind: isPage ? 'page' : 'track',
    appId: 'app_web',
    isTest: false,
    occurredAt,
    receivedAt,
    person,
    isAnonymous: draw(3) > 0,
    timeZone: 'Europe/Berlin',
    ...(isPage
      ? { path: `/${['pricing', 'docs', 'blog', 'product'][draw(4)] ?? ''}/${draw(200)}`, referrer: `site-${draw(50)}.example` }
      : {}),
    ...(draw(10) === 0 ? { utm: { source: SOURCES[draw(4)] ?? '', campaign: `campaign-${draw(30)}` } } : {}),
    properties: {
      plan: PLANS[draw(4)] ?? '',
      ...(name.startsWith('Product ') ? { sku: `sku-${draw(2_000)}`, price: draw(20_000) / 100 } : {}),
      ...(name === 'Order Completed' ? { total: draw(50_000) / 100, items: 1 + draw(6) } : {}),
      ...(name === 'Feature Used' ? { feature: `feature-${draw(40)}` } : {}),
    },
  };
}

const QUESTIONS: readonly (readonly [string, number | undefined, AnalyticsQuestion])[] = [
  ['count by day', 150, { ask: 'count', events: { names: ['Product Viewed'] }, per: 'day', from: START, to: END }],
  ['count of everything by day', undefined, { ask: 'count', events: {}, per: 'day' }],
  [
    'three-step funnel, 7 days',
    800,
    {
      ask: 'funnel',
      steps: [{ names: ['Product Viewed'] }, { names: ['Product Added'] }, { names: ['Order Completed'] }],
      windowMs: 7 * DAY_MS,
      from: START,
      to: END,
    },
  ],
  ['eight-week retention', 800, { ask: 'retention', first: {}, back: {}, per: 'week', periods: 8, from: START, to: END }],
  [
    'sum by plan and week',
    undefined,
    { ask: 'number', events: { names: ['Order Completed'] }, property: 'total', take: 'sum', by: 'plan', per: 'week' },
  ],
  ['people by day', undefined, { ask: 'uniques', events: {}, of: 'people', per: 'day' }],
  ['sessions by day', undefined, { ask: 'sessions', per: 'day' }],
];

const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-analytics-'));
const driver = new DuckDbDriver();
const call = fakeCall({ folder, tenant: { timeZone: 'Europe/Berlin' } });
let highestMiB = 0;

async function fill(): Promise<{ readonly seconds: number; readonly makingSeconds: number }> {
  let makingMs = 0;
  const begun = performance.now();
  for (let after = 0; after < total; after += BATCH) {
    const making = performance.now();
    const through = Math.min(after + BATCH, total);
    const events = Array.from({ length: through - after }, (_, i) => makeEvent(after + i + 1));
    const links: PersonLink[] = [];
    for (let count = Math.round((people / MERGED_SHARE) * (BATCH / total)); count > 0; count -= 1)
      links.push({ position: through, from: `p${draw(people)}`, into: `p${draw(people)}`, isJoined: true });
    makingMs += performance.now() - making;
    await driver.append({ after, through, events, links }, call);
    highestMiB = Math.max(highestMiB, residentMiB(process.pid));
  }
  return { seconds: (performance.now() - begun - makingMs) / 1_000, makingSeconds: makingMs / 1_000 };
}

function bytesOnDisk(): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(folder, entry.name)).size, 0);
}

try {
  const machine = describeMachine();
  const filled = await fill();
  const bytes = bytesOnDisk();
  const afterFillMiB = residentMiB(process.pid);
  const questions: { question: string; p50Ms: number; p95Ms: number; goalMs?: number }[] = [];
  for (const [name, goalMs, question] of QUESTIONS.filter(([, goalMs]) => !flags.goals || goalMs !== undefined)) {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const begun = performance.now();
      await driver.ask(question, call);
      if (round > 0) times.push(performance.now() - begun);
      highestMiB = Math.max(highestMiB, residentMiB(process.pid));
    }
    questions.push({
      question: name,
      p50Ms: Math.round(quantile(times, 0.5)),
      p95Ms: Math.round(quantile(times, 0.95)),
      ...(goalMs === undefined ? {} : { goalMs }),
    });
  }
  const figures = {
    machine,
    events: total,
    people,
    eventsPerSecond: Math.round(total / filled.seconds),
    bytesPerEvent: Math.round((bytes / total) * 10) / 10,
    questions,
    residentMiB: { filled: Math.round(afterFillMiB), highest: Math.round(highestMiB) },
  };
  if (flags.json) console.log(JSON.stringify(figures, undefined, 2));
  else {
    console.log(
      `${total} events of ${people} people in ${filled.seconds.toFixed(1)} s: ${figures.eventsPerSecond} events/s; ${figures.bytesPerEvent} bytes an event`,
    );
    console.table(questions);
    console.log(`resident ${figures.residentMiB.filled} MiB when filled, at most ${figures.residentMiB.highest} MiB`);
  }
} finally {
  await driver.stop();
  rmSync(folder, { recursive: true, force: true });
}
