/**
 * A million runs asleep: what a hub needs to start with them, how much memory they cost, and how late they are woken.
 *
 *     node tools/run.mjs benchmarks/sleeping.ts [--json] [--runs 1000000] [--seconds 20] [--rate 500]
 *
 * One run is put to sleep by a hub, and its rows are written again and again under other ids, through the store. Of the
 * runs `seconds` times `rate` are due one after another soon after a second hub has started; the others sleep for a month.
 * How late a run is woken is told by its own row: the time at which it ended, less the time until which it slept.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JsonObject } from '@tendril/plugin-api';
import { createSqliteStores } from '@tendril/stores';
import { systemRandom } from '../core/engine/src/environment.ts';
import { PIPELINE_TABLES } from '../core/engine/src/pipelines/index.ts';
import { jobIdOf, journalKey, newRunId } from '../core/engine/src/pipelines/runs/records.ts';
import type { RunRecord, StepRecord } from '../core/engine/src/pipelines/runs/records.ts';
import { JOURNAL, RUNS } from '../core/engine/src/pipelines/tables.ts';
import type { Change } from '../core/engine/src/ports.ts';
import { createTenants, TENANT_TABLES } from '../core/engine/src/tenants/index.ts';
import type { OpenTenant } from '../core/engine/src/tenants/index.ts';
import { createKeyring, VAULT_TABLES } from '../core/engine/src/vault/index.ts';
import { eventually, removeDataDir, startHub } from '../test/support/start-hub.ts';
import { interruptible } from './support/interruptible.ts';
import { describeMachine, quantile, residentMiB } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '500' },
  },
});
const PIPELINE = `
pipeline: ask_later
trigger: { event: Order Completed }
steps:
  - { id: pause, wait: 30d }
  - { set: { total: "\${{ event.properties.total }}" } }
`;
/** As `npm start` launches it. */
const LAUNCHED = { MALLOC_ARENA_MAX: '2', NODE_OPTIONS: '--max-semi-space-size=8' };
const MONTH_MS = 30 * 86_400_000;
const RUNS_OF_CHANGESET = 500;
/** Between the last row written and the first run due: the hub starts meanwhile, and its memory comes to rest. */
const LEAD_MS = 20_000;
const IDLE_MS = 5_000;

const machine = describeMachine();
const runs = Number(flags.runs);
const due = Math.min(runs, Number(flags.seconds) * Number(flags.rate));
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-sleeping-'));
const dataDir = join(folder, 'hub');
try {
  report(await interruptible(measure()));
} finally {
  removeDataDir(dataDir);
  removeDataDir(folder);
}

interface Figures {
  readonly buildSeconds: number;
  readonly emptyStartMs: number;
  readonly startMs: number;
  readonly emptyMiB: number;
  readonly asleepMiB: number;
  readonly wakingMiB: number;
  readonly woken: number;
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  readonly lateMaxMs: number;
}

async function measure(): Promise<Figures> {
  const { tenantId, runId } = await putOneToSleep();
  const empty = await startAndRest();
  await empty.stop();
  const building = await open(tenantId);
  const template = await readTemplate(building.tenant, runId);
  const beganAt = performance.now();
  const tell = progress(runs);
  for (let first = 0; first < runs - due; first += RUNS_OF_CHANGESET * 4) {
    const portions = Array.from({ length: 4 }, (_, i) => first + i * RUNS_OF_CHANGESET);
    await Promise.all(
      portions.map((from) =>
        write(building.tenant, template, { from, to: Math.min(from + RUNS_OF_CHANGESET, runs - due), until: () => Date.now() + MONTH_MS }),
      ),
    );
    tell(first);
  }
  const firstDueAt = Date.now() + LEAD_MS;
  const until = (i: number): number => firstDueAt + Math.floor(((i - (runs - due)) * 1_000) / Number(flags.rate));
  for (let from = runs - due; from < runs; from += RUNS_OF_CHANGESET)
    await write(building.tenant, template, { from, to: Math.min(from + RUNS_OF_CHANGESET, runs), until });
  await building.close();
  const buildSeconds = (performance.now() - beganAt) / 1_000;

  const hub = await startAndRest();
  if (Date.now() > firstDueAt) throw new Error('the hub took so long to start that runs were due before');
  const wakingMiB: number[] = [];
  while (Date.now() < until(runs) + IDLE_MS) {
    await pause(500);
    wakingMiB.push(residentMiB(hub.pid));
  }
  await hub.stop();
  const woken = await open(tenantId);
  const late = await lateness(woken.tenant, until);
  await woken.close();
  return {
    buildSeconds,
    emptyStartMs: empty.startMs,
    startMs: hub.startMs,
    emptyMiB: empty.idleMiB,
    asleepMiB: hub.idleMiB,
    wakingMiB: Math.max(...wakingMiB),
    woken: late.length,
    lateP50Ms: quantile(late, 0.5),
    lateP99Ms: quantile(late, 0.99),
    lateMaxMs: quantile(late, 1),
  };
}

/** The rows of one run, as a hub wrote them. */
interface Template {
  readonly run: RunRecord;
  readonly steps: readonly StepRecord[];
}

async function putOneToSleep(): Promise<{ readonly tenantId: string; readonly runId: string }> {
  const hub = await startHub({ dataDir, flags: ['--empty'], environment: LAUNCHED });
  try {
    await hub.api('POST', '/v1/pipelines', { source: PIPELINE });
    const properties = { orderId: 'o-1', total: 48.5, currency: 'EUR' };
    await hub.send([{ type: 'track', event: 'Order Completed', userId: 'u1', messageId: 'm1', properties }]);
    const asleep = await eventually(
      () => hub.api<{ readonly items: readonly { readonly id: string; readonly state: string }[] }>('GET', '/v1/runs'),
      ({ items }) => items[0]?.state === 'sleeping',
    );
    return { tenantId: hub.tenant, runId: asleep.items[0]?.id ?? '' };
  } finally {
    await hub.stop();
  }
}

interface OpenState {
  readonly tenant: OpenTenant;
  readonly close: () => Promise<void>;
}

async function open(tenantId: string): Promise<OpenState> {
  const stores = await createSqliteStores({ folder: dataDir });
  await stores.state.defineTables([...TENANT_TABLES, ...VAULT_TABLES, ...PIPELINE_TABLES]);
  const masterKey = Buffer.from(readFileSync(join(dataDir, 'master.key'), 'utf8').trim(), 'base64');
  const keyring = createKeyring({ state: stores.state, masterKey, random: systemRandom });
  const tenant = await createTenants({ stores, keyring, clock: { now: () => Date.now() } }).open(tenantId);
  const close = async (): Promise<void> => {
    await stores.state.close();
    await stores.log.close();
  };
  return { tenant, close };
}

async function readTemplate({ state }: OpenTenant, runId: string): Promise<Template> {
  const [row] = await state.get(RUNS, [runId]);
  const steps = await state.query(JOURNAL, { from: `${runId}/`, to: `${runId}0` });
  if (row === undefined || steps.items.length !== 1) throw new Error('the run that is copied has not one step');
  return { run: row.value as unknown as RunRecord, steps: steps.items.map(({ value }) => value as unknown as StepRecord) };
}

interface Portion {
  readonly from: number;
  readonly to: number;
  readonly until: (i: number) => number;
}

async function write({ state }: OpenTenant, { run, steps }: Template, { from, to, until }: Portion): Promise<void> {
  const changes: Change[] = [];
  for (let i = from; i < to; i += 1) {
    const id = idOf(i);
    const personId = `person${String(i).padStart(14, '0')}`;
    const eventId = `m${String(i)}`;
    const copied = { ...run, id, personId, eventId, ...(run.event === undefined ? {} : { event: { ...run.event, id: eventId } }) };
    changes.push({ op: 'put', table: RUNS, value: copied as unknown as JsonObject, expect: 0 });
    for (const step of steps) {
      const value = { ...step, key: journalKey(id, step.path), until: until(i) };
      changes.push({ op: 'put', table: JOURNAL, value: value as unknown as JsonObject });
    }
    changes.push({ op: 'job', job: { id: jobIdOf(id), kind: 'run', priority: run.priority ?? 5, dueAt: until(i) } });
  }
  if (changes.length === 0) return;
  const result = await state.commit(changes);
  if (!result.ok) throw new Error(`the runs could not be written: ${result.reason}`);
}

// Ids grow with the time of the start, as those of real runs do.
function idOf(i: number): string {
  return newRunId(1_700_000_000_000 + i, String(i));
}

interface RestingHub {
  readonly pid: number;
  readonly startMs: number;
  readonly idleMiB: number;
  readonly stop: () => Promise<void>;
}

async function startAndRest(): Promise<RestingHub> {
  const from = performance.now();
  const hub = await startHub({ dataDir, flags: ['--empty'], environment: LAUNCHED });
  await eventually(
    async () => (await fetch(`${hub.url}/readyz`)).status,
    (status) => status === 200,
  );
  const startMs = performance.now() - from;
  await pause(IDLE_MS);
  const pid = hub.process.pid ?? 0;
  return { pid, startMs, idleMiB: residentMiB(pid), stop: () => hub.stop() };
}

async function lateness({ state }: OpenTenant, until: (i: number) => number): Promise<readonly number[]> {
  const late: number[] = [];
  for (let from = runs - due; from < runs; from += RUNS_OF_CHANGESET) {
    const numbers = Array.from({ length: Math.min(RUNS_OF_CHANGESET, runs - from) }, (_, i) => from + i);
    const rows = await state.get(RUNS, numbers.map(idOf));
    for (const [index, i] of numbers.entries()) {
      const { endedAt } = (rows[index]?.value ?? {}) as unknown as Partial<RunRecord>;
      if (endedAt !== undefined) late.push(endedAt - until(i));
    }
  }
  return late;
}

function progress(of: number): (done: number) => void {
  let next = 0.1;
  return (done) => {
    if (flags.json || done < next * of) return;
    console.log(`${(next * 100).toFixed(0)} % of ${String(of)} runs are written`);
    next += 0.1;
  };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

function report(figures: Figures): void {
  if (flags.json) {
    console.log(JSON.stringify({ benchmark: 'sleeping', machine, runs, ratePerSecond: Number(flags.rate), due, ...figures }));
    return;
  }
  const { buildSeconds, emptyStartMs, startMs, emptyMiB, asleepMiB, wakingMiB, woken, lateP50Ms, lateP99Ms, lateMaxMs } = figures;
  console.log(
    `${String(runs)} runs asleep, written in ${buildSeconds.toFixed(0)} s (load ${String(machine.loadAverage)} at the beginning)`,
  );
  console.log(`process start to /readyz  ${startMs.toFixed(0)} ms; with one run ${emptyStartMs.toFixed(0)} ms`);
  console.log(
    `resident                  ${asleepMiB.toFixed(0)} MiB, while runs wake ${wakingMiB.toFixed(0)}; with one run ${emptyMiB.toFixed(0)} MiB`,
  );
  console.log(
    `woken late by             p50 ${lateP50Ms.toFixed(0)} ms, p99 ${lateP99Ms.toFixed(0)}, at most ${lateMaxMs.toFixed(0)}, at ${flags.rate} a second (${String(woken)} of ${String(due)} ended)`,
  );
}
