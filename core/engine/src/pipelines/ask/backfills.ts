import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { Random } from '../../environment.ts';
import type { EnvironmentName } from '../../environments.ts';
import { decodeEvent, firstSince } from '../../events/index.ts';
import type { ResolvePeople } from '../../events/index.ts';
import type { JobHandler, JobWorker } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import { queryAll } from '../../tenants/index.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import { pinEvent, runIdOfEvent } from '../runs/records.ts';
import type { RunStart } from '../starts/new-run.ts';
import { AppEnvironments } from '../starts/app-environments.ts';
import { isOfSegment } from '../starts/judge.ts';
import { RUNS } from '../tables.ts';
import { startsOf } from '../triggers/prepare-starts.ts';
import type { PrepareStarts } from '../triggers/prepare-starts.ts';
import type { AskService, BackfillInfo } from './contract.ts';
import { BACKFILLS } from './tables.ts';

/** What backfills need. */
export interface BackfillsOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Pick<Deployments, 'find'>;
  readonly prepare: PrepareStarts;
  readonly resolvePeople: ResolvePeople;
  readonly clock: Clock;
  readonly random: Random;
  readonly fault: FaultPoint;
}

/** Starting runs for past events. */
export interface Backfills {
  register(worker: JobWorker): void;
  begin(tenantId: string, ...asked: Parameters<AskService['backfill']>): Promise<BackfillInfo>;
  list(tenantId: string): Promise<readonly BackfillInfo[]>;
  cancel(tenantId: string, id: string): Promise<void>;
}

interface BackfillRow extends BackfillInfo {
  readonly createdAt: number;
  readonly environment: EnvironmentName;
  readonly perMinute?: number;
}

/** Kind of the jobs that work backfills off. */
export const BACKFILL_JOB = 'backfill';
/** Behind what happens now. */
const PRIORITY = 7;
const PAGE = 500;
/** How often it is looked whether a paused pipeline goes on, in milliseconds. */
const LOOK_AGAIN_MS = 10_000;
const MINUTE_MS = 60_000;

/** @returns backfills that run once they are registered with a worker: a page of the log at a time, each in one commit */
export function createBackfills(options: BackfillsOptions): Backfills {
  const { tenants, deployments, clock, random, fault } = options;

  const handle: JobHandler = async ({ claim }) => {
    const tenant = await tenants.open(claim.tenantId);
    const id = claim.payload['id'] as string;
    const [found] = await tenant.state.get(BACKFILLS, [id]);
    const row = found?.value as unknown as BackfillRow | undefined;
    if (row === undefined || found === undefined || row.state !== 'running') {
      await tenant.state.commit([{ op: 'finish', jobId: claim.id, fence: claim.fence }]);
      return;
    }
    const deployed = await deployments.find(claim.tenantId, row.pipeline, row.environment);
    if (deployed?.record.isPaused === true) {
      const dueAt = clock.now() + LOOK_AGAIN_MS;
      await tenant.state.commit([{ op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt, attempts: 0 }]);
      return;
    }
    const page = deployed === undefined ? undefined : await workOff(options, tenant, deployed, row);
    const next = page?.row ?? failed(row);
    fault('backfill.before-changes');
    const isOver = next.state !== 'running';
    const result = await tenant.state.commit([
      isOver
        ? { op: 'finish', jobId: claim.id, fence: claim.fence }
        : { op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt: clock.now() + (page?.pauseMs ?? 0), attempts: 0 },
      { op: 'put', table: BACKFILLS, value: next as unknown as JsonObject, expect: found.version },
      ...(page?.changes ?? []),
    ]);
    // Somebody cancelled it, or a limit was used up meanwhile: it is looked at again.
    if (!result.ok) throw new TendrilError(result.reason === 'fence' ? 'LEASE_LOST' : 'CONFLICT', { backfill: id });
  };

  return {
    register: (worker) => {
      worker.register(BACKFILL_JOB, handle, { concurrency: 2, attempts: Infinity, role: 'scheduler' });
    },
    begin: async (tenantId, pipeline, asked) => {
      const { environment = 'production', from, to = clock.now(), perMinute, isDry = false } = asked;
      const tenant = await tenants.open(tenantId);
      const deployed = await deployments.find(tenantId, pipeline, environment);
      if (deployed === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline, environment });
      if (deployed.compiled.trigger.event === undefined)
        throw new TendrilError('INPUT_INVALID', { pointer: '/pipeline', expected: 'a pipeline that events start' });
      const row = await newRow(tenant, { id: random.id(), pipeline, environment, from, to, perMinute, now: clock.now() });
      if (isDry) return toInfo(await countAll(options, tenant, deployed, row));
      const job = { id: `backfill:${row.id}`, kind: BACKFILL_JOB, priority: PRIORITY, dueAt: clock.now(), payload: { id: row.id } };
      await tenant.state.commit([
        { op: 'put', table: BACKFILLS, value: row as unknown as JsonObject, expect: 0 },
        { op: 'job', job },
      ]);
      return toInfo(row);
    },
    list: async (tenantId) => {
      const { state } = await tenants.open(tenantId);
      const rows = await queryAll(state, BACKFILLS, { index: 'by_time' });
      return rows.map(({ value }) => toInfo(value as unknown as BackfillRow)).toReversed();
    },
    cancel: async (tenantId, id) => {
      const { state } = await tenants.open(tenantId);
      for (;;) {
        const [found] = await state.get(BACKFILLS, [id]);
        if (found === undefined) throw new TendrilError('NOT_FOUND', { what: 'backfill', backfill: id });
        if (found.value['state'] !== 'running') return;
        const change: Change = { op: 'put', table: BACKFILLS, value: { ...found.value, state: 'cancelled' }, expect: found.version };
        if ((await state.commit([change])).ok) return;
      }
    },
  };
}

async function newRow(
  { log }: OpenTenant,
  asked: {
    readonly id: string;
    readonly pipeline: string;
    readonly environment: EnvironmentName;
    readonly from: number;
    readonly to: number;
    readonly perMinute: number | undefined;
    readonly now: number;
  },
): Promise<BackfillRow> {
  const { id, pipeline, environment, from, to, perMinute, now } = asked;
  const head = await log.head();
  const first = await firstSince({ log }, from, head);
  const last = (await firstSince({ log }, to, head)) - 1;
  return {
    id,
    pipeline,
    environment,
    state: 'running',
    from,
    to,
    events: 0,
    started: 0,
    position: { first, now: first - 1, last },
    createdAt: now,
    ...(perMinute === undefined ? {} : { perMinute }),
  };
}

interface WorkedOff {
  readonly row: BackfillRow;
  readonly changes: readonly Change[];
  readonly pauseMs: number;
}

/** The next page of the log: what it starts, and the row behind it. */
async function workOff(options: BackfillsOptions, tenant: OpenTenant, deployed: Deployed, row: BackfillRow): Promise<WorkedOff> {
  const { clock } = options;
  const { log } = tenant;
  const limit = Math.min(PAGE, row.position.last - row.position.now, row.perMinute ?? PAGE);
  const page = limit <= 0 ? [] : await log.read(row.position.now, limit);
  const { trigger } = deployed.compiled;
  const named = page.map(decodeEvent).filter((event) => event.name === trigger.event && isOfSegment(event, trigger));
  const events = await ofEnvironment(options, tenant, row, named);
  const prepared = await options.prepare(tenant, deployed, await startsFor(options, tenant, deployed, events));
  const now = page.at(-1)?.position ?? row.position.last;
  const next: BackfillRow = {
    ...row,
    events: row.events + events.length,
    started: row.started + prepared.runs.length,
    position: { ...row.position, now },
    state: now >= row.position.last ? 'done' : 'running',
  };
  const pauseMs = row.perMinute === undefined ? 0 : Math.ceil((prepared.runs.length / row.perMinute) * MINUTE_MS);
  return { row: next, changes: startsOf(prepared, clock.now()), pauseMs };
}

/** An event, and the environment in which it has happened. */
interface Happened {
  readonly event: LoggedEvent;
  readonly environment: EnvironmentName;
}

/**
 * The events that start this version when they happen: those of its environment, and for production those of environments
 * without a version of their own. A version that is only tried out never acts on people of live apps.
 */
async function ofEnvironment(
  { deployments }: BackfillsOptions,
  tenant: OpenTenant,
  row: BackfillRow,
  events: readonly LoggedEvent[],
): Promise<readonly Happened[]> {
  const environments = await new AppEnvironments().of(tenant, events);
  const happened = events.map((event, index) => ({ event, environment: environments[index] ?? 'production' }));
  const others = [...new Set(environments)].filter((environment) => environment !== row.environment);
  const own = await Promise.all(others.map((environment) => deployments.find(tenant.tenant.id, row.pipeline, environment)));
  const taken = new Set(others.filter((_, index) => row.environment === 'production' && own[index] === undefined));
  return happened.filter(({ environment }) => environment === row.environment || taken.has(environment));
}

/** Without those that have started a run before. */
async function startsFor(
  { resolvePeople, clock }: BackfillsOptions,
  tenant: OpenTenant,
  { record }: Deployed,
  happened: readonly Happened[],
): Promise<readonly RunStart[]> {
  const events = happened.map(({ event }) => event);
  if (events.length === 0) return [];
  const ids = events.map((event) => runIdOfEvent(record.id, event));
  const [people, existing] = await Promise.all([resolvePeople(tenant.tenant.id, events), tenant.state.get(RUNS, ids)]);
  return happened.flatMap(({ event, environment }, index): readonly RunStart[] => {
    const [id, personId] = [ids[index], people[index]];
    if (id === undefined || existing[index] !== undefined) return [];
    return [
      {
        id,
        startedAt: clock.now(),
        isTest: event.isTest,
        environment,
        eventId: event.id,
        event: pinEvent(event),
        position: event.position,
        hops: event.hops,
        ...(personId === undefined ? {} : { personId }),
        ...(event.requestId === undefined ? {} : { requestId: event.requestId }),
      },
    ];
  });
}

/** What it would start, without starting it. */
async function countAll(options: BackfillsOptions, tenant: OpenTenant, deployed: Deployed, row: BackfillRow): Promise<BackfillRow> {
  let current = row;
  while (current.state === 'running') ({ row: current } = await workOff(options, tenant, deployed, current));
  return current;
}

function failed(row: BackfillRow): BackfillRow {
  return { ...row, state: 'failed', error: { code: 'PIPELINE_UNKNOWN', message: 'The pipeline was taken out of force.' } };
}

function toInfo({ createdAt: _createdAt, environment: _environment, perMinute: _perMinute, ...info }: BackfillRow): BackfillInfo {
  return info;
}
