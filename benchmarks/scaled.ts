/**
 * One-step runs in two processes that share a MariaDB (each commit on its disk) and a Redis, beside bare BullMQ jobs.
 *
 *     node tools/run.mjs benchmarks/scaled.ts [--json] [--seconds 10] [--workers 2] [--width 50]
 *
 * Each process starts runs and executes runs, `width` of them under way at a time; one of them empties the outbox into the
 * log meanwhile. With BullMQ each process adds jobs that do nothing and works on them, as many at a time, on the same
 * Redis. They take turns, a second each. Servers are private ones; MariaDB's data lie below the temporary folder
 * (`TENDRIL_BENCH_DIR` chooses another), in no memory.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createMysqlStores } from '@tendril/stores';
import { systemRandom, systemTimers } from '../core/engine/src/environment.ts';
import { hubEvent } from '../core/engine/src/events/index.ts';
import { createJobWorker } from '../core/engine/src/jobs/index.ts';
import { createPipelines } from '../core/engine/src/pipelines/index.ts';
import { createTenants, TENANT_TABLES } from '../core/engine/src/tenants/index.ts';
import { createKeyring, VAULT_TABLES } from '../core/engine/src/vault/index.ts';
import { missingMariadb, startMariadb } from '../core/testkit/src/servers/mariadb.ts';
import { missingRedis, startRedis } from '../core/testkit/src/servers/redis.ts';
import { interruptible } from './support/interruptible.ts';
import { describeMachine, measureFsyncMs } from './support/machine.ts';
import { ONE_STEP_PIPELINE, oneStepActions } from './support/one-step.ts';
import type { Answer, Order, Subject } from './support/scaled-process.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '10' },
    workers: { type: 'string', default: '2' },
    width: { type: 'string', default: '50' },
  },
});
const TENANT = 'bench';
const DATABASE_SETTINGS = [
  '--innodb-flush-log-at-trx-commit=1',
  '--sync-binlog=1',
  '--innodb-buffer-pool-size=512M',
  '--innodb-log-file-size=256M',
];
const WARM_UP_MS = 2_000;
const TURN_MS = 1_000;

interface Count {
  ended: number;
  tookMs: number;
  cpuMicroseconds: number;
}

const missing = (await missingMariadb()) ?? (await missingRedis());
if (missing !== undefined) {
  console.error(`Measured nothing: ${missing}.`);
  process.exit(1);
}
const machine = describeMachine();
const place = process.env['TENDRIL_BENCH_DIR'] ?? tmpdir();
const fsyncMs = measureFsyncMs(place);
const mariadb = await startMariadb({ place, settings: DATABASE_SETTINGS });
const redis = await startRedis();
const processes: ChildProcess[] = [];
try {
  report(await interruptible(measure()));
} finally {
  for (const child of processes) child.kill('SIGKILL');
  await mariadb.stop();
  await redis.stop();
}

async function measure(): Promise<Readonly<Record<Subject, Count>>> {
  await prepare();
  for (let number = 0; number < Number(flags.workers); number += 1) {
    processes.push(fork(fileURLToPath(new URL('./support/scaled-process.ts', import.meta.url))));
    const options = { number, databaseUrl: mariadb.url, redisUrl: redis.url, tenantId: TENANT, width: Number(flags.width) };
    await tell(processes.slice(-1), { order: 'open', options });
  }
  const counts = { runs: noCount(), jobs: noCount() };
  for (const subject of ['runs', 'jobs'] as const) await tell(processes, { order: 'measure', subject, forMs: WARM_UP_MS });
  for (let second = 0; second < Number(flags.seconds); second += 1) {
    for (const subject of ['runs', 'jobs'] as const) await take(counts[subject], subject);
  }
  await tell(processes, { order: 'end' });
  return counts;
}

function noCount(): Count {
  return { ended: 0, tookMs: 0, cpuMicroseconds: 0 };
}

async function take(count: Count, subject: Subject): Promise<void> {
  const from = performance.now();
  const answers = await tell(processes, { order: 'measure', subject, forMs: TURN_MS });
  count.tookMs += performance.now() - from;
  for (const { ended, cpuMicroseconds } of answers) {
    count.ended += ended;
    count.cpuMicroseconds += cpuMicroseconds;
  }
}

/** Makes the tenant and its pipeline. */
async function prepare(): Promise<void> {
  const stores = await createMysqlStores({ url: mariadb.url });
  const clock = { now: () => Date.now() };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };
  await stores.state.defineTables([...TENANT_TABLES, ...VAULT_TABLES]);
  const keyring = createKeyring({ state: stores.state, masterKey: new Uint8Array(32).fill(1), random: systemRandom });
  const tenants = createTenants({ stores, keyring, clock });
  const worker = createJobWorker({
    queue: stores.state.jobs,
    tenants,
    clock,
    timers: systemTimers,
    random: systemRandom,
    log,
    workerId: 'prepare',
  });
  const pipelines = createPipelines({ tenants, actions: oneStepActions, worker, connections: async () => [], clock, log, hubEvent });
  await stores.state.defineTables(pipelines.tables);
  await tenants.admin.create({ id: TENANT, name: TENANT });
  await pipelines.service(TENANT).deploy(ONE_STEP_PIPELINE);
  await stores.log.close();
  await stores.state.close();
}

async function tell(children: readonly ChildProcess[], order: Order): Promise<readonly Answer[]> {
  return Promise.all(
    children.map(async (child) => {
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`a process ended with ${String(code)}`);
      });
      ended.catch(() => undefined);
      const answer = once(child, 'message');
      child.send(order);
      const [message] = (await Promise.race([answer, ended])) as [Answer];
      return message;
    }),
  );
}

function report({ runs, jobs }: Readonly<Record<Subject, Count>>): void {
  const perSecond = ({ ended, tookMs }: Count): number => (ended * 1_000) / tookMs;
  const each = ({ ended, cpuMicroseconds }: Count): number => cpuMicroseconds / ended;
  const runsPerSecond = perSecond(runs);
  const bareJobsPerSecond = perSecond(jobs);
  if (flags.json) {
    const workers = Number(flags.workers);
    console.log(JSON.stringify({ benchmark: 'scaled', machine, fsyncMs, workers, runsPerSecond, bareJobsPerSecond }));
    return;
  }
  console.log(
    `${flags.workers} processes on MariaDB and Redis, one fsync of 4 KiB takes ${fsyncMs.toFixed(2)} ms (load ${String(machine.loadAverage)} at the beginning)`,
  );
  console.log(`one-step runs     ${runsPerSecond.toFixed(0).padStart(8)} a second, ${each(runs).toFixed(0)} µs of processor time each`);
  console.log(`bare BullMQ jobs  ${bareJobsPerSecond.toFixed(0).padStart(8)} a second, ${each(jobs).toFixed(0)} µs`);
  console.log(`ratio             ${(runsPerSecond / bareJobsPerSecond).toFixed(2).padStart(8)}`);
}
