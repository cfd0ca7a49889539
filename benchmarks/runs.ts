import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { JsonObject } from '@tendril/plugin-api';
import { createSqliteStores } from '@tendril/stores';
import type { ActionDescription, ActionPath } from '../core/engine/src/actions/contract.ts';
import { systemRandom, systemTimers } from '../core/engine/src/environment.ts';
import { hubEvent } from '../core/engine/src/events/index.ts';
import { createJobWorker } from '../core/engine/src/jobs/index.ts';
import { createPipelines, PIPELINE_TABLES } from '../core/engine/src/pipelines/index.ts';
import type { Pipelines, RunRecord } from '../core/engine/src/pipelines/index.ts';
import { createTenants, TENANT_TABLES } from '../core/engine/src/tenants/index.ts';
import type { OpenTenant } from '../core/engine/src/tenants/index.ts';
import { createKeyring, VAULT_TABLES } from '../core/engine/src/vault/index.ts';
import { interruptible } from './support/interruptible.ts';
import { describeMachine, measureFsyncMs, quantile } from './support/machine.ts';
import { startRestate } from './support/restate.ts';
import type { Restate } from './support/restate.ts';

// Three-step runs with journalled actions on SQLite, synchronous FULL, sealed; and transactions of the same rows without
// anything around them, a second each in turns. Everything in this process; actions do nothing, so that the journal is what
// is measured. TENDRIL_BENCH_DIR says on which disk.
//
// With --peer restate, Restate's server and SDK are installed from npm into a temporary folder and take their turns with the
// same workload: a service of three durable steps, in a process of its own, called over HTTP on loopback.
//
//   node tools/run.mjs benchmarks/runs.ts [--json] [--seconds 5] [--peer restate]

const isJson = process.argv.includes('--json');
const seconds = Number(process.argv[process.argv.indexOf('--seconds') + 1]) || 5;
const peerName = process.argv.includes('--peer') ? process.argv[process.argv.indexOf('--peer') + 1] : undefined;
if (peerName !== undefined && peerName !== 'restate') throw new Error(`--peer ${peerName}: only restate is known`);
const isWithPeer = peerName === 'restate';
const TENANT = 'bench';
const AT_ONCE = 50;

const PIPELINE = `
pipeline: three_steps
trigger: { event: Started }
steps:
  - { id: one, action: bench.step, with: { n: 1 } }
  - { id: two, action: bench.step, with: { n: "\${{ steps.one.output.n }}" } }
  - { id: three, action: bench.step, with: { n: "\${{ steps.two.output.n }}" } }
`;

const description: ActionDescription = {
  name: 'bench.step',
  plugin: 'bench',
  title: 'A step that does nothing',
  effect: 'write',
  idempotency: 'key',
  input: { type: 'object' },
  output: { type: 'object', properties: { n: { type: 'number' } } },
  timeoutMs: 30_000,
  connectionKinds: [],
};

// When runs were started whose first step has not begun yet, and how long that took.
const begunAtMs = new Map<string, number>();
const firstStepMs: number[] = [];

const actions: ActionPath = {
  list: () => [description],
  find: async (_tenantId, name) => (name === description.name ? description : undefined),
  execute: async ({ input, causedBy }) => {
    const from = begunAtMs.get(causedBy?.runId ?? '');
    if (from !== undefined) firstStepMs.push(performance.now() - from);
    begunAtMs.delete(causedBy?.runId ?? '');
    return { output: { n: Number(input['n']) + 1 }, changes: [] };
  },
  check: async () => ({ effect: 'absent' }),
};

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };

interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What is measured a second at a time, in turns with the others, so that a busy disk is busy for all. */
interface Subject {
  readonly width: number;
  /** Runs that one `once` does. */
  readonly runsEach: number;
  readonly once: () => Promise<void>;
  readonly times: number[];
  tookMs: number;
}

function subject(width: number, runsEach: number, once: () => Promise<void>): Subject {
  return { width, runsEach, once, times: [], tookMs: 0 };
}

async function measure(subject: Subject): Promise<void> {
  const start = performance.now();
  const end = start + 1_000;
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      const from = performance.now();
      await subject.once();
      subject.times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: subject.width }, loop));
  subject.tookMs += performance.now() - start;
}

function figuresOf({ times, tookMs, runsEach }: Subject): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (ratio: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0;
  return { perSecond: (times.length * runsEach * 1_000) / tookMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}

let counter = 0;

function newRun(): RunRecord {
  counter += 1;
  const now = Date.now();
  return {
    id: `${now.toString(36)}${String(counter).padStart(12, '0')}`,
    pipeline: 'three_steps',
    version: 1,
    state: 'running',
    startedAt: now,
    isTest: false,
    settings: {},
    caller: { kind: 'pipeline', id: 'three_steps' },
    event: {
      id: `m${String(counter)}`,
      name: 'Started',
      kind: 'track',
      userId: 'u1',
      properties: { plan: 'pro' },
      traits: {},
      context: {},
      occurredAt: now,
      receivedAt: now,
      isTest: false,
    },
  };
}

function createRunner(pipelines: Pipelines, tenant: OpenTenant): () => Promise<void> {
  const ended = new Map<string, () => void>();
  pipelines.runs(TENANT).subscribe((run) => {
    if (run.endedAt === undefined) return;
    ended.get(run.id)?.();
    ended.delete(run.id);
  });
  return async () => {
    const run = newRun();
    const end = new Promise<void>((resolve) => ended.set(run.id, resolve));
    // Only while runs go one after another: at once, it would be the time in the queue.
    if (ended.size === 1) begunAtMs.set(run.id, performance.now());
    if (!(await pipelines.starter.start(tenant, run))) throw new Error('not started');
    await end;
  };
}

/** The same rows in four transactions a run, by better-sqlite3 alone; `width` runs share each transaction. */
function createRaw(folder: string, width: number): () => Promise<void> {
  const database = new Database(join(folder, `raw-${String(width)}.db`));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(`
    create table records (tbl text, key text, version integer, payload blob, primary key (tbl, key)) without rowid;
    create table entries (tbl text, idx text, a text, b integer, key text, primary key (tbl, idx, a, b, key)) without rowid;
    create table jobs (id text primary key, kind text, due integer, fence integer, payload blob);
    create table outbox (id integer primary key, payload blob);`);
  const put = database.prepare(
    'insert into records values (?, ?, 1, ?) on conflict do update set version = version + 1, payload = excluded.payload',
  );
  const entry = database.prepare('insert or replace into entries values (?, ?, ?, ?, ?)');
  const unentry = database.prepare('delete from entries where tbl = ? and idx = ? and a = ? and b = ? and key = ?');
  const addJob = database.prepare('insert into jobs values (?, ?, ?, 1, ?)');
  const held = database.prepare('select fence from jobs where id = ?');
  const endJob = database.prepare('delete from jobs where id = ? and fence = 1');
  const emit = database.prepare('insert into outbox (payload) values (?)');
  const step = Buffer.alloc(260, 7);
  const work = (runs: readonly RunRecord[], each: (run: RunRecord) => void): void => {
    database.transaction(() => {
      for (const run of runs) each(run);
    })();
  };
  return async () => {
    const runs = Array.from({ length: width }, newRun);
    work(runs, (run) => {
      put.run('runs', run.id, Buffer.from(JSON.stringify(run as unknown as JsonObject)));
      entry.run('runs', 'by_state', 'running', run.startedAt, run.id);
      entry.run('runs', 'by_pipeline', run.pipeline, run.startedAt, run.id);
      entry.run('runs', 'by_person', '', run.startedAt, run.id);
      addJob.run(run.id, 'run', run.startedAt, Buffer.from(run.id));
    });
    for (const path of ['0', '1']) {
      work(runs, (run) => {
        held.get(run.id);
        put.run('journal', `${run.id}/${path}`, step);
      });
    }
    work(runs, (run) => {
      endJob.run(run.id);
      put.run('journal', `${run.id}/2`, step);
      put.run('runs', run.id, Buffer.from(JSON.stringify(run as unknown as JsonObject)));
      unentry.run('runs', 'by_state', 'running', run.startedAt, run.id);
      entry.run('runs', 'by_state', 'succeeded', run.startedAt, run.id);
      emit.run(Buffer.alloc(400, 3));
    });
  };
}

const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-runs-'));
const stores = await createSqliteStores({ folder: join(folder, 'stores') });
await stores.state.defineTables([...TENANT_TABLES, ...VAULT_TABLES, ...PIPELINE_TABLES]);
const clock = { now: () => Date.now() };
const keyring = createKeyring({ state: stores.state, masterKey: new Uint8Array(32).fill(1), random: systemRandom });
const tenants = createTenants({ stores, keyring, clock });
await tenants.admin.create({ id: TENANT, name: TENANT });
const tenant = await tenants.open(TENANT);
const worker = createJobWorker({
  queue: stores.state.jobs,
  tenants,
  clock,
  timers: systemTimers,
  random: systemRandom,
  log: quiet,
  workerId: 'bench',
});
const pipelines = createPipelines({ tenants, actions, worker, connections: async () => [], clock, log: quiet, hubEvent });
await pipelines.service(TENANT).deploy(PIPELINE);
worker.start();
const once = createRunner(pipelines, tenant);
for (let i = 0; i < 50; i += 1) await once();

const machine = describeMachine();
if (!isJson)
  console.log(`${String(machine.cores)} cores (${machine.processor}), Node ${machine.node}, load ${String(machine.loadAverage)}`);
let restate: Restate | undefined;
try {
  restate = isWithPeer ? await interruptible(startRestate(join(folder, 'restate'))) : undefined;
} catch (error) {
  await clean();
  console.error(`Measured nothing: ${error instanceof Error ? error.message : String(error)}.`);
  process.exit(1);
}
for (let i = 0; i < 50; i += 1) await restate?.call();

const subjects = {
  alone: subject(1, 1, once),
  rawAlone: subject(1, 1, createRaw(folder, 1)),
  many: subject(AT_ONCE, 1, once),
  rawMany: subject(1, AT_ONCE, createRaw(folder, AT_ONCE)),
  ...(restate === undefined ? {} : { peerAlone: subject(1, 1, restate.call), peerMany: subject(AT_ONCE, 1, restate.call) }),
};

async function measureAll(): Promise<number> {
  const syncs = [measureFsyncMs(folder)];
  for (let second = 0; second < seconds; second += 1) {
    for (const each of Object.values(subjects)) await measure(each);
    syncs.push(measureFsyncMs(folder));
  }
  return quantile(syncs, 0.5);
}

async function clean(): Promise<void> {
  await restate?.stop();
  await worker.stop(1_000);
  await stores.state.close();
  await stores.log.close();
  rmSync(folder, { recursive: true, force: true });
}

const fsyncMs = await interruptible(measureAll()).finally(clean);
const alone = figuresOf(subjects.alone);
const many = figuresOf(subjects.many);
const rawAlone = figuresOf(subjects.rawAlone);
const rawMany = figuresOf(subjects.rawMany);
const firstStepP50Ms = quantile(firstStepMs, 0.5);
const { peerAlone, peerMany } = subjects;
const peer =
  restate === undefined || peerAlone === undefined || peerMany === undefined
    ? undefined
    : { name: restate.version, alone: figuresOf(peerAlone), many: figuresOf(peerMany) };

if (isJson) {
  const bare = { alonePerSecond: rawAlone.perSecond, manyPerSecond: rawMany.perSecond };
  console.log(
    JSON.stringify({ benchmark: 'runs', machine, fsyncMs, firstStepP50Ms, alone, many, bare, ...(peer === undefined ? {} : { peer }) }),
  );
} else {
  const cells = (values: readonly (string | number)[]): string => values.map((value) => String(value).padStart(12)).join('');
  const row = (name: string, figures: Figures, raw?: number): void => {
    const ratio = raw === undefined ? [] : [raw.toFixed(0), (figures.perSecond / raw).toFixed(2)];
    console.log(name.padEnd(36) + cells([figures.perSecond.toFixed(0), figures.p50Ms.toFixed(2), figures.p99Ms.toFixed(2), ...ratio]));
  };
  console.log(`Three-step runs on SQLite FULL, sealed; one fsync of 4 KiB takes ${fsyncMs.toFixed(2)} ms`);
  console.log(''.padEnd(36) + cells(['runs/s', 'p50 ms', 'p99 ms', 'bare rows', 'ratio']));
  row('one after another', alone, rawAlone.perSecond);
  row(`${String(AT_ONCE)} at a time`, many, rawMany.perSecond);
  console.log(`from a run's start to its first step, one after another: p50 ${firstStepP50Ms.toFixed(2)} ms`);
  if (peer !== undefined) {
    row(`${peer.name}, one after another`, peer.alone);
    row(`${peer.name}, ${String(AT_ONCE)} at a time`, peer.many);
    const times = (ours: Figures, theirs: Figures): string => (ours.perSecond / theirs.perSecond).toFixed(1);
    console.log(`as fast as Restate: ${times(alone, peer.alone)} times one after another, ${times(many, peer.many)} times at once`);
  }
}
