import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import { NEVER_MS } from '../../jobs/index.ts';
import type { JobHandler } from '../../jobs/contract.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/contract.ts';
import { effectiveSettings } from '../deployments.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import type { CancelRun } from '../runs/cancel-run.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import { keepError } from '../runs/kept-error.ts';
import type { RunRecord } from '../runs/records.ts';
import type { RunStart } from '../starts/new-run.ts';
import { RUNS } from '../tables.ts';
import { isOver, pageKey, readAudience } from './audience.ts';
import type { AudiencePage } from './audience.ts';
import { putBroadcast, readBroadcast, runIdOfBroadcast } from './broadcast-record.ts';
import type { BroadcastRecord, BroadcastRow } from './broadcast-record.ts';
import { startsOf } from './prepare-starts.ts';
import type { PrepareStarts } from './prepare-starts.ts';
import { BROADCAST_PEOPLE } from './tables.ts';

/** What sending needs. */
export interface BroadcastJobOptions {
  readonly tenants: TenantOpener;
  readonly deployments: Deployments;
  readonly actions: ActionPath;
  readonly prepare: PrepareStarts;
  readonly cancelRun: CancelRun;
  readonly clock: Clock;
  readonly fault: FaultPoint;
}

/** Kind of the jobs that send broadcasts. */
export const BROADCAST_JOB = 'broadcast';
const MINUTE_MS = 60_000;
/** How often it is looked whether a paused pipeline goes on, in milliseconds. */
const LOOK_AGAIN_MS = 10_000;
const RUNS_AT_ONCE = 200;
const PAGES_AT_ONCE = 100;

/** What comes next, of one broadcast. */
interface Next {
  readonly record: BroadcastRecord;
  readonly changes: readonly Change[];
  /** `undefined` when there is nothing more to do. */
  readonly dueAt: number | undefined;
}

/** @returns the handler that sends one portion of a broadcast: its runs, its counts and its cursor are one commit */
export function createBroadcastJob(options: BroadcastJobOptions): JobHandler {
  const { tenants, clock, fault } = options;
  return async ({ claim }) => {
    const tenant = await tenants.open(claim.tenantId);
    const row = await readBroadcast(tenant.state, claim.payload['id'] as string);
    fault('broadcast.before-page');
    const next = row && (await nextOf(options, tenant, row));
    const end: Change =
      next?.dueAt === undefined
        ? { op: 'finish', jobId: claim.id, fence: claim.fence }
        : { op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt: next.dueAt, attempts: 0 };
    const written = row === undefined || next === undefined ? [] : [putBroadcast(next.record, row.version), ...next.changes];
    const result = await tenant.state.commit([end, ...written]);
    // Paused or cancelled meanwhile, or a limit moved: it is done again.
    if (!result.ok) throw new TendrilError(result.reason === 'fence' ? 'LEASE_LOST' : 'CONFLICT', { jobId: claim.id, at: clock.now() });
    fault('broadcast.after-page');
  };
}

async function nextOf(options: BroadcastJobOptions, tenant: OpenTenant, { record }: BroadcastRow): Promise<Next> {
  if (record.cancelling !== undefined) return cancelSome(options, tenant, record);
  if (record.state === 'paused') return { record, changes: [], dueAt: NEVER_MS };
  if (record.state !== 'running') return forgetSome(record, options.clock.now());
  try {
    return await sendSome(options, tenant, record);
  } catch (error) {
    // A segment or a pipeline that is gone; everything else may pass and is tried again.
    if (!TendrilError.is(error) || CATALOGUE[error.code].remedy !== 'fix-input') throw error;
    const now = options.clock.now();
    return forgetSome({ ...record, state: 'failed', endedAt: now, error: keepError(error) }, now);
  }
}

/** People to whom it will never come are not kept. */
function forgetSome(record: BroadcastRecord, now: number): Next {
  const { source, id } = record;
  if (source.kind !== 'given' || isOver(source)) return { record, changes: [], dueAt: undefined };
  const next = Math.min(source.next + PAGES_AT_ONCE, source.pages);
  const pages = Array.from({ length: next - source.next }, (_, index) => source.next + index);
  const changes = pages.map((page): Change => ({ op: 'delete', table: BROADCAST_PEOPLE, key: pageKey(id, page) }));
  return { record: { ...record, source: { ...source, next } }, changes, dueAt: next < source.pages ? now : undefined };
}

async function sendSome(options: BroadcastJobOptions, tenant: OpenTenant, before: BroadcastRecord): Promise<Next> {
  const { actions, deployments, clock } = options;
  const current = await deployments.find(tenant.tenant.id, before.pipeline, before.environment);
  if (current === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: before.pipeline });
  const now = clock.now();
  if (current.record.isPaused) return { record: before, changes: [], dueAt: now + LOOK_AGAIN_MS };
  const page = before.waiting.length === 0 && !isOver(before.source) ? await readAudience(actions, tenant, before) : undefined;
  const record = page === undefined ? before : taken(before, page);
  // Slices of a second at least, so that no minute has more than it may.
  const { perMinute = Infinity } = record;
  const slice = record.waiting.slice(0, Math.ceil(perMinute / 60));
  const { started, skipped, changes } = await startSlice(options, tenant, await pinned(options, tenant, current, record), record, slice);
  const waiting = record.waiting.slice(slice.length);
  const isDone = waiting.length === 0 && isOver(record.source);
  const progress: BroadcastRecord = { ...record, waiting, started: record.started + started, skipped: record.skipped + skipped };
  return {
    record: isDone ? { ...progress, state: 'done', endedAt: now, total: progress.total ?? progress.started + progress.skipped } : progress,
    changes: [...(page?.changes ?? []), ...changes],
    dueAt: isDone ? undefined : now + (slice.length * MINUTE_MS) / perMinute,
  };
}

function taken(before: BroadcastRecord, { source, people, total = before.total }: AudiencePage): BroadcastRecord {
  return { ...before, source, waiting: people, ...(total !== undefined && { total }) };
}

/** All of a broadcast is done by the version that was in force when it was sent. */
async function pinned(
  { deployments }: BroadcastJobOptions,
  { tenant }: OpenTenant,
  current: Deployed,
  { pipeline, version }: BroadcastRecord,
): Promise<Deployed> {
  if (current.record.version === version) return current;
  const compiled = await deployments.load(tenant.id, pipeline, version);
  return { record: { ...current.record, version }, compiled, settings: effectiveSettings(compiled, current.record.settings) };
}

async function startSlice(
  { prepare, clock }: BroadcastJobOptions,
  tenant: OpenTenant,
  deployed: Deployed,
  record: BroadcastRecord,
  people: readonly string[],
): Promise<{ readonly started: number; readonly skipped: number; readonly changes: readonly Change[] }> {
  if (people.length === 0) return { started: 0, skipped: 0, changes: [] };
  const now = clock.now();
  const { input, isTest } = record;
  const starts = [...new Set(people)].map((personId): RunStart => ({
    id: runIdOfBroadcast(record, personId),
    startedAt: now,
    isTest,
    personId,
    broadcastId: record.id,
    ...(input !== undefined && { input }),
  }));
  const existing = await tenant.state.get(
    RUNS,
    starts.map(({ id }) => id),
  );
  const prepared = await prepare(
    tenant,
    deployed,
    starts.filter((_, index) => existing[index] === undefined),
  );
  return { started: prepared.runs.length, skipped: prepared.refused.length, changes: startsOf(prepared, now) };
}

/** Asks some of its runs to end. Asking twice is safe. */
async function cancelSome(
  { cancelRun, clock }: BroadcastJobOptions,
  { state, tenant }: OpenTenant,
  record: BroadcastRecord,
): Promise<Next> {
  const { cursor } = record.cancelling ?? {};
  const page = await state.query(RUNS, {
    index: 'by_pipeline',
    equals: { pipeline: record.pipeline },
    from: record.createdAt,
    limit: RUNS_AT_ONCE,
    ...(cursor !== undefined && { cursor }),
  });
  const open = page.items
    .map(({ value }) => value as unknown as RunRecord)
    .filter((run) => run.broadcastId === record.id && run.endedAt === undefined);
  for (const run of open) {
    await cancelRun(tenant.id, run.id, { reason: 'its broadcast was cancelled' }).catch((error: unknown) => {
      if (!TendrilError.is(error) || (error.code !== 'RUN_ENDED' && error.code !== 'RUN_UNKNOWN')) throw error;
    });
  }
  const { cancelling: _cancelling, ...rest } = record;
  if (page.nextCursor === undefined) return forgetSome(rest, clock.now());
  return { record: { ...rest, cancelling: { cursor: page.nextCursor } }, changes: [], dueAt: clock.now() };
}
