/** One of the processes of benchmarks/scaled.ts: starts and executes runs, or adds and processes jobs of bare BullMQ. */
import { Queue, Worker } from 'bullmq';
import { createMysqlStores, createRedisWakeUps } from '@tendril/stores';
import { systemRandom, systemTimers } from '../../core/engine/src/environment.ts';
import { hubEvent } from '../../core/engine/src/events/index.ts';
import { createFoundation } from '../../core/engine/src/foundation.ts';
import { createPipelines } from '../../core/engine/src/pipelines/index.ts';
import { newRunId } from '../../core/engine/src/pipelines/runs/records.ts';
import type { RunRecord } from '../../core/engine/src/pipelines/runs/records.ts';
import { oneStepActions } from './one-step.ts';

/** What such a process is given. */
export interface ProcessOptions {
  readonly number: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly tenantId: string;
  /** How many runs or jobs it has under way at a time. */
  readonly width: number;
}

/** What is measured. */
export type Subject = 'runs' | 'jobs';

/** What it is told. */
export type Order =
  | { readonly order: 'open'; readonly options: ProcessOptions }
  | { readonly order: 'measure'; readonly subject: Subject; readonly forMs: number }
  | { readonly order: 'end' };

/** What it answers, with nothing in it unless it has measured. */
export interface Answer {
  readonly ended: number;
  readonly cpuMicroseconds: number;
}

const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
const clock = { now: () => Date.now() };
const STOP_WITHIN_MS = 5_000;
const MOST_WAIT_MS = 10;

/** Something that is started again and again, and told of when it has ended. */
interface Source {
  /** Starts a run and waits for its end; adds a job, that any process may do. */
  readonly once: () => Promise<void>;
  readonly ended: () => number;
  /** Resolves when nothing is left of what was begun. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

async function openRuns(options: ProcessOptions): Promise<Source> {
  const stores = await createMysqlStores({ url: options.databaseUrl });
  const wakeUps = createRedisWakeUps({ url: options.redisUrl, log });
  const foundation = await createFoundation({
    stores,
    masterKey: new Uint8Array(32).fill(1),
    clock,
    timers: systemTimers,
    random: systemRandom,
    log,
    leaseMs: 30_000,
    resolvePeople: async () => [],
    wakeUps,
    mayClaim: async () => true,
  });
  const { tenants, worker, relay } = foundation;
  const pipelines = createPipelines({ tenants, actions: oneStepActions, worker, connections: async () => [], clock, log, hubEvent });
  await stores.state.defineTables(pipelines.tables);
  const tenant = await tenants.open(options.tenantId);
  worker.start();
  // One process empties the outbox, as one scheduler does.
  if (options.number === 0) await relay.start();
  let ended = 0;
  let counter = 0;
  const waiting = new Map<string, () => void>();
  pipelines.runs(options.tenantId).subscribe((run) => {
    if (run.endedAt === undefined) return;
    ended += 1;
    waiting.get(run.id)?.();
    waiting.delete(run.id);
  });
  const once = async (): Promise<void> => {
    counter += 1;
    const now = Date.now();
    const run: RunRecord = {
      id: newRunId(now, `${String(options.number)}/${String(counter)}`),
      pipeline: 'one_step',
      version: 1,
      state: 'running',
      startedAt: now,
      isTest: false,
      settings: {},
      caller: { kind: 'pipeline', id: 'one_step' },
    };
    const end = new Promise<void>((resolve) => waiting.set(run.id, resolve));
    if (!(await pipelines.starter.start(tenant, run))) throw new Error('not started');
    await end;
  };
  const close = async (): Promise<void> => {
    await worker.stop(STOP_WITHIN_MS);
    await relay.stop();
    await wakeUps.close();
    await stores.log.close();
    await stores.state.close();
  };
  return { once, ended: () => ended, settled: async () => undefined, close };
}

async function openJobs(options: ProcessOptions): Promise<Source> {
  const { hostname, port } = new URL(options.redisUrl);
  const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue('bare', { connection });
  let ended = 0;
  let ahead = 0;
  // A job is done wherever it is done: what is added and what ends are counted for all processes together.
  const worker = new Worker('bare', async () => undefined, { connection, concurrency: options.width });
  worker.on('completed', () => {
    ended += 1;
    ahead -= 1;
  });
  worker.on('error', log.error);
  await queue.waitUntilReady();
  const once = async (): Promise<void> => {
    ahead += 1;
    // Not far ahead of what is done; nor for long, as others do some of its jobs and it some of theirs.
    for (let waitedMs = 0; ahead > options.width * 4 && waitedMs < MOST_WAIT_MS; waitedMs += 1) await pause(1);
    await queue.add('job', { n: 1 }, { removeOnComplete: true });
  };
  const settled = async (): Promise<void> => {
    for (;;) {
      const { waiting = 0, active = 0 } = await queue.getJobCounts('waiting', 'active');
      if (waiting + active === 0) break;
      await pause(1);
    }
    ahead = 0;
  };
  const close = async (): Promise<void> => {
    await worker.close(true);
    await queue.close();
  };
  return { once, ended: () => ended, settled, close };
}

let sources: Readonly<Record<Subject, Source>> | undefined;
let width = 1;

async function obey(order: Order): Promise<Answer> {
  if (order.order === 'open') {
    width = order.options.width;
    sources = { runs: await openRuns(order.options), jobs: await openJobs(order.options) };
    return { ended: 0, cpuMicroseconds: 0 };
  }
  if (order.order === 'end') {
    await sources?.jobs.close();
    await sources?.runs.close();
    return { ended: 0, cpuMicroseconds: 0 };
  }
  const source = sources?.[order.subject];
  if (source === undefined) throw new Error('not open');
  const before = source.ended();
  const cpu = process.cpuUsage();
  const until = performance.now() + order.forMs;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) await source.once();
  };
  await Promise.all(Array.from({ length: width }, lane));
  await source.settled();
  const { user, system } = process.cpuUsage(cpu);
  return { ended: source.ended() - before, cpuMicroseconds: user + system };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

process.on('message', (order: Order) => {
  void obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
