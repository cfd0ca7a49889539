/**
 * From the log to a profile and its segments: 200 segments are defined, events come at a fixed rate, and people are
 * brought into a segment by it.
 *
 *     node tools/run.mjs benchmarks/segments.ts [--json] [--seconds 60] [--rate 5000] [--people 5000] [--segments 200] [--warm 40]
 *
 * While the load runs, ten times a second somebody new is identified as one who belongs to a segment and to a second
 * one that asks for the first. Measured is the time from ingest's answer (the event is on disk) until `profiles.find`
 * shows both memberships, which it reads from committed rows: the durable end of the change, asked for every 10 ms (after
 * half a second less and less often, lest asking be most of the work of a hub that is late), the asking included. A third of the segments read traits, a third count events in windows, the others combine both and
 * refer to other segments; what people do goes over a threshold now and then, their plans change often.
 *
 * Before, the same load runs for `--warm` seconds at 0.7 of the rate, so that most people are known: what is measured is not how they are first seen.
 *
 * The load generator is another process on the same machine and takes its share of the cores.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { removeDataDir, startHub } from '../test/support/start-hub.ts';
import type { RunningHub } from '../test/support/start-hub.ts';
import { interruptible } from './support/interruptible.ts';
import { runLoad } from './support/load.ts';
import type { LoadOptions } from './support/load.ts';
import { cpuMicrosecondsOf, describeMachine, measureFsyncMs, quantile, residentMiB } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '5000' },
    people: { type: 'string', default: '5000' },
    warm: { type: 'string', default: '40' },
    segments: { type: 'string', default: '200' },
  },
});

/** As `npm start` launches it. */
const LAUNCHED = { MALLOC_ARENA_MAX: '2', NODE_OPTIONS: '--max-semi-space-size=8' };
const PROBES_PER_SECOND = 10;
/** A key may ask 20 times a second: the probes take turns. */
const KEYS = 120;
const ASK_EVERY_MS = 10;
/** Late changes are told to a fiftieth of the time they took. */
const ASKED_OF_ELAPSED = 50;
const LIMIT_MS = 120_000;
const EVENTS = ['Product Viewed', 'Product Added', 'Cart Viewed', 'Page Scrolled', 'Search Performed', 'Video Played', 'Link Clicked'];
const WINDOWS = ['30m', '6h', '1d', '7d', '30d', '90d'];

const machine = describeMachine();
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-segments-'));
const dataDir = join(folder, 'hub');
try {
  const fsyncMs = measureFsyncMs(folder);
  const hub = await startHub({ dataDir, flags: ['--empty'], environment: LAUNCHED });
  try {
    report({ ...(await interruptible(measure(hub))), fsyncMs });
  } finally {
    await hub.stop();
  }
} finally {
  removeDataDir(dataDir);
  removeDataDir(folder);
}

async function measure(hub: RunningHub): Promise<Readonly<Record<string, number>>> {
  const pid = hub.process.pid ?? 0;
  const definitions = conditions(Number(flags.segments));
  for (const [name, condition] of definitions) {
    await act(hub, 'segment_save', { name, condition });
    await pause(50);
  }
  await untilReady(hub);
  const keys = await Promise.all(
    Array.from({ length: KEYS }, () =>
      hub.api<{ readonly secret: string }>('POST', '/v1/keys', { kind: 'secret', scopes: ['read', 'actions'] }),
    ),
  );
  const rate = Number(flags.rate);
  const warmedUp = await runLoad({ ...loadOf(hub), seconds: Number(flags.warm), eventsPerSecond: rate * 0.7 });
  await caughtUp(hub);
  const membersBefore = await members(hub);
  const cpuBefore = cpuMicrosecondsOf(pid);
  const probing = new AbortController();
  const probes = probe(
    hub,
    keys.map(({ secret }) => secret),
    probing.signal,
  );
  const lags = sampleLag(hub, probing.signal);
  const load = await runLoad({ ...loadOf(hub), seconds: Number(flags.seconds), eventsPerSecond: rate, firstId: warmedUp.nextId });
  const cpu = cpuMicrosecondsOf(pid) - cpuBefore;
  probing.abort();
  const [latencies, lagMs] = await Promise.all([probes, lags]);
  const membersAfter = await members(hub);
  return {
    segments: definitions.size,
    wantedPerSecond: rate,
    eventsPerSecond: load.eventsPerSecond,
    ingestP99Ms: load.p99Ms,
    probes: latencies.length,
    changeP50Ms: quantile(latencies, 0.5),
    changeP95Ms: quantile(latencies, 0.95),
    changeP99Ms: quantile(latencies, 0.99),
    changeMaxMs: quantile(latencies, 1),
    profilesLagP99Ms: quantile(lagMs, 0.99),
    memberships: membersAfter,
    moreMembershipsPerEvent: (membersAfter - membersBefore) / load.events,
    hubCpuMicrosecondsPerEvent: cpu / load.events,
    residentMiB: residentMiB(pid),
  };
}

async function members(hub: RunningHub): Promise<number> {
  const { items } = await act<{ readonly items: readonly { readonly members: number }[] }>(hub, 'segment_list', {});
  return items.reduce((sum, item) => sum + item.members, 0);
}

/** A realistic mix: conditions by name. The first two are what probes are brought into. */
function conditions(count: number): ReadonlyMap<string, string> {
  const made = new Map<string, string>([
    ['probe', 'profile.traits.tier == "gold" && profile.isIdentified'],
    ['probe_of_probe', 'in_segment("probe") && !did("Order Completed", 1, "30d")'],
  ]);
  for (let index = 0; made.size < count; index += 1) {
    const event = EVENTS[index % EVENTS.length] ?? '';
    const window = WINDOWS[Math.floor(index / 7) % WINDOWS.length] ?? '';
    const trait =
      index % 20 === 0
        ? `profile.traits.plan == "${index % 40 === 0 ? 'pro' : 'free'}"`
        : `profile.traits.country == "${index % 2 === 0 ? 'DE' : 'FR'}" && profile.traits.employees > ${String(index)}`;
    // Most thresholds are behind most people or far before them: of a settled audience few change with each event.
    const times = index % 8 === 1 ? 2 + (index % 40) : index % 2 === 0 ? 1 : 400 + index;
    const counted = `count("${event}", "${window}") >= ${String(times)}`;
    const kinds = [
      trait,
      counted,
      index % 2 === 0 ? `${trait} && ${counted}` : `in_segment("s${String(index - 2)}") && did("${event}", 1, "${window}")`,
    ];
    made.set(`s${String(index)}`, kinds[index % 3] ?? trait);
  }
  return made;
}

/** Identifies somebody new again and again, until it is told to stop. @returns how long each change took, in milliseconds */
async function probe(hub: RunningHub, keys: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
  const running: Promise<number>[] = [];
  for (let index = 0; !signal.aborted; index += 1) {
    const one = change(hub, `probe-${String(index)}`, keys[index % keys.length] ?? '');
    one.catch(() => undefined);
    running.push(one);
    await pause(1_000 / PROBES_PER_SECOND);
  }
  return Promise.all(running);
}

async function change(hub: RunningHub, userId: string, key: string): Promise<number> {
  const status = await hub.send([{ type: 'identify', userId, messageId: userId, traits: { tier: 'gold' } }]);
  if (status !== 200) throw new Error(`ingest answered ${String(status)}`);
  const from = performance.now();
  while (performance.now() - from < LIMIT_MS) {
    const { person } = await act<{ readonly person: { readonly segments: readonly string[] } | null }>(hub, 'find', { userId }, key);
    if (person?.segments.includes('probe') === true && person.segments.includes('probe_of_probe')) return performance.now() - from;
    await pause(Math.max(ASK_EVERY_MS, (performance.now() - from) / ASKED_OF_ELAPSED));
  }
  throw new Error('a change of a segment did not show in time');
}

async function sampleLag(hub: RunningHub, signal: AbortSignal): Promise<readonly number[]> {
  const lagMs: number[] = [];
  while (!signal.aborted) {
    lagMs.push((await projection(hub)).lagMs);
    await pause(500);
  }
  return lagMs;
}

interface Projection {
  readonly id: string;
  readonly lag: number;
  readonly lagMs: number;
}

async function projection(hub: RunningHub): Promise<Projection> {
  const { items } = await hub.api<{ readonly items: readonly Projection[] }>('GET', '/v1/consumers');
  const found = items.find(({ id }) => id === 'profiles.project');
  if (found === undefined) throw new Error('profiles is not enabled');
  return found;
}

async function caughtUp(hub: RunningHub): Promise<void> {
  await until(async () => (await projection(hub)).lag === 0, 'the consumer did not catch up in time');
}

async function untilReady(hub: RunningHub): Promise<void> {
  await until(async () => {
    const { items } = await act<{ readonly items: readonly { readonly state: string }[] }>(hub, 'segment_list', {});
    return items.length === Number(flags.segments) && items.every(({ state }) => state === 'active');
  }, 'the segments were not ready in time');
}

async function until(isSo: () => Promise<boolean>, failure: string): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > limit) throw new Error(failure);
    await pause(250);
  }
}

async function act<Output>(hub: RunningHub, action: string, input: object, key = hub.secretKey): Promise<Output> {
  const path = `/v1/actions/profiles.${action}`;
  return (await hub.api<{ readonly output: Output }>('POST', path, { input }, { authorization: `Bearer ${key}` })).output;
}

function loadOf(hub: RunningHub): LoadOptions {
  return {
    url: hub.url,
    writeKey: hub.writeKey,
    connections: 16,
    batchSize: 20,
    shape: { people: Number(flags.people), eventsOfSession: 4, identifyEvery: 10, orderEvery: 1_000, duplicateEvery: 100 },
    warmUpSeconds: 0,
    seconds: 0,
    firstId: 1,
  };
}

function report(figures: Readonly<Record<string, number>>): void {
  if (flags.json) {
    console.log(JSON.stringify({ benchmark: 'segments', machine, ...figures }));
    return;
  }
  console.log(
    `Segments; load generator on the same machine (${String(machine.cores)} cores, load ${String(machine.loadAverage)} at the beginning)`,
  );
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(36)} ${value.toFixed(value < 100 ? 2 : 0).padStart(12)}`);
}
