/**
 * The whole chain: ingest over HTTP, profiles, leads, and triggers of a deployed pipeline matched against each event.
 *
 *     node tools/run.mjs benchmarks/chain.ts [--json] [--seconds 60] [--rate 8000] [--people 100000]
 *     node tools/run.mjs benchmarks/chain.ts --grow 5000000 [--json]
 *
 * The first form sends at a fixed rate (`--seconds 600` is its full form) and looks four times a second how far the
 * consumers' durable positions lie behind the log, in milliseconds as `GET /v1/consumers` gives them, and at the
 * memory of the hub's process. The second sends as fast as the chain takes it, in portions that are waited for, until
 * the log holds so many events, and compares the rate of the first portions with that of the last.
 *
 * The load generator is another process on the same machine and takes its share of the cores.
 */
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeDataDir, startHub } from '../test/support/start-hub.ts';
import type { RunningHub } from '../test/support/start-hub.ts';
import { CHECKED_EVENT, CHECKED_SCHEMA, TRIGGER_EVENT } from './support/events.ts';
import { interruptible } from './support/interruptible.ts';
import { runLoad } from './support/load.ts';
import type { LoadOptions } from './support/load.ts';
import { cpuMicrosecondsOf, describeMachine, measureFsyncMs, quantile, residentMiB } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '8000' },
    people: { type: 'string', default: '100000' },
    connections: { type: 'string', default: '32' },
    grow: { type: 'string' },
  },
});

const PIPELINE = `
pipeline: thank_buyer
trigger: { event: ${TRIGGER_EVENT}, where: event.properties.total > 40.0 }
steps:
  - id: note
    set: { total: "\${{ event.properties.total }}" }
`;
/** As `npm start` launches it. */
const LAUNCHED = { MALLOC_ARENA_MAX: '2', NODE_OPTIONS: '--max-semi-space-size=8' };
const BATCH_SIZE = 20;
const WARM_UP_SECONDS = 5;
const SAMPLE_EVERY_MS = 250;
const PORTION = 200_000;
const COMPARED_PORTIONS = 2;
const CATCH_UP_LIMIT_MS = 120_000;

interface Consumer {
  readonly id: string;
  readonly position: number;
  readonly lag: number;
  readonly lagMs: number;
  readonly setAside: number;
}

interface Samples {
  readonly lagMs: Map<string, number[]>;
  readonly residentMiB: number[];
}

const machine = describeMachine();
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-chain-'));
const dataDir = join(folder, 'hub');
try {
  const fsyncMs = measureFsyncMs(folder);
  const hub = await startHub({ dataDir, flags: ['--empty'], environment: LAUNCHED });
  try {
    await hub.api('PUT', `/v1/schemas/${encodeURIComponent(CHECKED_EVENT)}`, { schema: CHECKED_SCHEMA });
    await hub.api('POST', '/v1/pipelines', { source: PIPELINE });
    const figures = await interruptible<Readonly<Record<string, number>>>(
      flags.grow === undefined ? measureSteady(hub) : measureGrowth(hub, Number(flags.grow)),
    );
    report({ ...figures, fsyncMs, setAside: (await consumersOf(hub)).reduce((sum, { setAside }) => sum + setAside, 0) });
  } finally {
    await hub.stop();
  }
} finally {
  removeDataDir(dataDir);
  removeDataDir(folder);
}

function loadOf(hub: RunningHub): LoadOptions {
  return {
    url: hub.url,
    writeKey: hub.writeKey,
    connections: Number(flags.connections),
    batchSize: BATCH_SIZE,
    shape: { people: Number(flags.people), eventsOfSession: 4, identifyEvery: 10, orderEvery: 1_000, duplicateEvery: 100 },
    warmUpSeconds: 0,
    seconds: 0,
    firstId: 1,
  };
}

async function measureSteady(hub: RunningHub) {
  const pid = hub.process.pid ?? 0;
  const rate = Number(flags.rate);
  const warmedUp = await runLoad({ ...loadOf(hub), seconds: WARM_UP_SECONDS, eventsPerSecond: rate / 2 });
  await caughtUp(hub);
  const cpuBefore = cpuMicrosecondsOf(pid);
  const samples: Samples = { lagMs: new Map(), residentMiB: [] };
  const stop = sample(hub, samples);
  const load = await runLoad({ ...loadOf(hub), seconds: Number(flags.seconds), eventsPerSecond: rate, firstId: warmedUp.nextId });
  await stop();
  const catchUpFrom = performance.now();
  const runs = await caughtUp(hub).then(() => countRuns(hub));
  const lags = Object.fromEntries(
    [...samples.lagMs].flatMap(([id, values]) => [
      [`${id} lag p50 ms`, quantile(values, 0.5)],
      [`${id} lag p99 ms`, quantile(values, 0.99)],
      [`${id} lag max ms`, quantile(values, 1)],
    ]),
  );
  return {
    wantedPerSecond: rate,
    eventsPerSecond: load.eventsPerSecond,
    events: load.events,
    refusedBatches: load.refusedBatches,
    ingestP50Ms: load.p50Ms,
    ingestP99Ms: load.p99Ms,
    ...lags,
    caughtUpMs: performance.now() - catchUpFrom,
    residentP50MiB: quantile(samples.residentMiB, 0.5),
    residentMaxMiB: quantile(samples.residentMiB, 1),
    hubCpuMicrosecondsPerEvent: (cpuMicrosecondsOf(pid) - cpuBefore) / load.events,
    runs,
  };
}

async function measureGrowth(hub: RunningHub, wanted: number) {
  const pid = hub.process.pid ?? 0;
  const rates: number[] = [];
  let firstId = (await runLoad({ ...loadOf(hub), events: PORTION / 4 })).nextId;
  await caughtUp(hub);
  let residentMaxMiB = 0;
  do {
    const startedAt = performance.now();
    const load = await runLoad({ ...loadOf(hub), events: PORTION, firstId });
    await caughtUp(hub);
    rates.push((load.events / (performance.now() - startedAt)) * 1_000);
    residentMaxMiB = Math.max(residentMaxMiB, residentMiB(pid));
    firstId = load.nextId;
    if (!flags.json)
      console.log(`${String(firstId)} events sent, ${(rates.at(-1) ?? 0).toFixed(0)}/s, ${residentMiB(pid).toFixed(0)} MiB resident`);
  } while (firstId < wanted + PORTION);
  const atStart = quantile(rates.slice(0, COMPARED_PORTIONS), 0.5);
  const atEnd = quantile(rates.slice(-COMPARED_PORTIONS), 0.5);
  return {
    events: firstId - 1,
    eventsPerSecondAtStart: atStart,
    eventsPerSecondAtEnd: atEnd,
    ratio: atEnd / atStart,
    residentMaxMiB,
    logMiB: statSync(join(dataDir, 'log.db')).size / 2 ** 20,
    stateMiB: statSync(join(dataDir, 'state.db')).size / 2 ** 20,
  };
}

async function consumersOf(hub: RunningHub): Promise<readonly Consumer[]> {
  return (await hub.api<{ items: readonly Consumer[] }>('GET', '/v1/consumers')).items;
}

async function countRuns(hub: RunningHub): Promise<number> {
  const { items } = await hub.api<{ items: readonly unknown[] }>('GET', '/v1/runs?limit=100');
  return items.length;
}

/** Looks until it is stopped. */
function sample(hub: RunningHub, samples: Samples): () => Promise<void> {
  let isStopped = false;
  const looking = (async () => {
    while (!isStopped) {
      for (const { id, lagMs } of await consumersOf(hub)) {
        const values = samples.lagMs.get(id) ?? [];
        samples.lagMs.set(id, values);
        values.push(lagMs);
      }
      samples.residentMiB.push(residentMiB(hub.process.pid ?? 0));
      await pause(SAMPLE_EVERY_MS);
    }
  })();
  // Interrupted, the benchmark stops the hub under it.
  looking.catch(() => undefined);
  return async () => {
    isStopped = true;
    await looking;
  };
}

/** Waits until all consumers are at the end of the log. @throws Error when they are not in time */
async function caughtUp(hub: RunningHub): Promise<void> {
  const until = performance.now() + CATCH_UP_LIMIT_MS;
  while ((await consumersOf(hub)).some(({ lag }) => lag > 0)) {
    if (performance.now() > until) throw new Error('the consumers did not catch up in time');
    await pause(50);
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

function report(figures: Readonly<Record<string, number>>): void {
  if (flags.json) {
    console.log(JSON.stringify({ benchmark: flags.grow === undefined ? 'chain' : 'chain-growth', machine, ...figures }));
    return;
  }
  console.log(
    `Whole chain; load generator on the same machine (${String(machine.cores)} cores, load ${String(machine.loadAverage)} at the beginning)`,
  );
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(36)} ${value.toFixed(value < 100 ? 2 : 0).padStart(12)}`);
}
