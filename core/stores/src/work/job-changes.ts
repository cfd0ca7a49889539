import { TendrilError } from '@tendril/plugin-api';
import type { Change, NewJob } from '@tendril/engine/ports';
import type { Outcome } from './outcome.ts';
import { storeGates } from './gate-row.ts';
import { addToCount } from './job-counts.ts';
import { fromJobRow, JOB_STATE, sealJobPayload, toJobRow } from './job-row.ts';
import type { JobRow } from './job-row.ts';
import { leaveGates, skipGates } from './pass-gates.ts';
import type { StateScope } from './state-scope.ts';
import { ask, numberOf } from './step.ts';
import type { Work } from './step.ts';

const LONGEST_ID_BYTES = 255;
const LONGEST_KIND_BYTES = 200;
const LOWEST_PRIORITY = 9;

type HeldChange = Extract<Change, { readonly op: 'held' | 'finish' | 'reschedule' | 'bury' }>;

function* findJob(scope: StateScope, id: string): Work<JobRow | undefined> {
  const [row] = yield* ask(scope.sql.findJob, scope.tenant.tenantNo, id);
  return row === undefined ? undefined : fromJobRow(row);
}

function* putJob(scope: StateScope, id: string, job: JobRow): Work<Outcome> {
  yield { sql: scope.sql.putJob, values: toJobRow(scope.tenant.tenantNo, id, job) };
  return job.state === JOB_STATE.queued ? { dueAt: job.dueAt } : {};
}

/**
 * Adds a job. One that exists keeps its payload and moves to the earlier due time; while it is held the time is noted
 * instead, so that what came in during the work is not lost with `finish`. A buried one stays buried.
 * Being born claimed is a condition: it fails when the job exists, because somebody else may hold it.
 */
export function* scheduleJob(scope: StateScope, job: NewJob, ifAbsent: boolean): Work<Outcome> {
  checkJob(job);
  // Most jobs are new: inserting at once spares the question whether they are.
  const fresh = newJob(scope, job);
  const [inserted] = yield { sql: scope.sql.insertJob, values: toJobRow(scope.tenant.tenantNo, job.id, fresh) };
  if (inserted !== undefined && numberOf(inserted, 'changes') > 0) {
    yield* addToCount(scope, job.kind, 'waiting', 1);
    return { dueAt: fresh.dueAt };
  }
  const found = yield* findJob(scope, job.id);
  if (found === undefined) throw new TendrilError('INTERNAL', { job: job.id });
  if (job.claimedBy !== undefined) return { refusal: 'fence' };
  // One that waits at a gate has been due for long; only its turn brings it on.
  if (ifAbsent || found.state !== JOB_STATE.queued) return {};
  if (found.holder !== null) return yield* putJob(scope, job.id, { ...found, againAt: earlier(found.againAt, job.dueAt) });
  return yield* putJob(scope, job.id, { ...found, dueAt: sooner(found, job.dueAt) });
}

function sooner(job: JobRow, dueAt: number): number {
  return Math.max(Math.min(job.dueAt, dueAt), job.notBefore ?? -Infinity);
}

function newJob(scope: StateScope, job: NewJob): JobRow {
  const { kind, priority, claimedBy } = job;
  return {
    state: JOB_STATE.queued,
    kind,
    priority,
    dueAt: claimedBy === undefined ? job.dueAt : scope.now + claimedBy.leaseMs,
    order: job.order ?? 0,
    attempts: 0,
    fence: claimedBy === undefined ? 0 : 1,
    deaths: 0,
    holder: claimedBy?.workerId ?? null,
    againAt: null,
    wakeAt: null,
    gates: storeGates(scope.tenant.keyring, job),
    passed: 0,
    waitsAt: null,
    notBefore: null,
    payload: sealJobPayload(scope.tenant, job.id, job.payload),
    error: null,
  };
}

// MySQL's INSERT IGNORE would cut or replace what does not fit instead of refusing it.
function checkJob(job: NewJob): void {
  if (!isShort(job.id, LONGEST_ID_BYTES)) throw new TendrilError('INPUT_INVALID', { field: 'id' });
  if (!isShort(job.kind, LONGEST_KIND_BYTES)) throw new TendrilError('INPUT_INVALID', { field: 'kind' });
  if (!Number.isFinite(job.dueAt)) throw new TendrilError('INPUT_INVALID', { field: 'dueAt' });
  const isPriority = Number.isInteger(job.priority) && job.priority >= 0 && job.priority <= LOWEST_PRIORITY;
  if (job.order !== undefined && !Number.isSafeInteger(job.order)) throw new TendrilError('INPUT_INVALID', { field: 'order' });
  if (!isPriority) throw new TendrilError('INPUT_INVALID', { field: 'priority' });
}

function isShort(text: string, mostBytes: number): boolean {
  return text !== '' && Buffer.byteLength(text) <= mostBytes;
}

/**
 * Makes a sleeping or buried job due; while it is held the time is noted for when the holder reschedules. One that waits
 * at a gate is due already, and waking it does not let it in before others, unless that is what is asked for.
 */
export function* wakeJob(scope: StateScope, { jobId, dueAt, pastGates = false }: Extract<Change, { readonly op: 'wake' }>): Work<Outcome> {
  const found = yield* findJob(scope, jobId);
  if (found === undefined) return {};
  if (!pastGates || found.holder !== null) return yield* wakeFound(scope, jobId, found, dueAt);
  const { job, dueAt: calledAt = Infinity } = yield* skipGates(scope, jobId, found);
  const outcome = yield* wakeFound(scope, jobId, job, dueAt);
  return { ...outcome, dueAt: Math.min(outcome.dueAt ?? Infinity, calledAt) };
}

function* wakeFound(scope: StateScope, id: string, found: JobRow, dueAt: number): Work<Outcome> {
  if (found.state === JOB_STATE.parked) return {};
  if (found.state === JOB_STATE.dead) {
    yield* addToCount(scope, found.kind, 'dead', -1);
    yield* addToCount(scope, found.kind, 'waiting', 1);
    return yield* putJob(scope, id, { ...found, state: JOB_STATE.queued, attempts: 0, dueAt, error: null });
  }
  if (found.holder !== null) return yield* putJob(scope, id, { ...found, wakeAt: earlier(found.wakeAt, dueAt) });
  return yield* putJob(scope, id, { ...found, dueAt: sooner(found, dueAt) });
}

/** What only the holder may do. A lease that ran out still counts as held until somebody else claims: the fence decides. */
export function* applyHeldChange(scope: StateScope, change: HeldChange): Work<Outcome> {
  const job = yield* findJob(scope, change.jobId);
  if (job === undefined || job.state !== JOB_STATE.queued || job.holder === null || job.fence !== change.fence) return { refusal: 'fence' };
  if (change.op === 'held') {
    // A write of its holder: it has come further than those before it.
    if (job.deaths > 0) yield { sql: scope.sql.putJob, values: toJobRow(scope.tenant.tenantNo, change.jobId, { ...job, deaths: 0 }) };
    return {};
  }
  const { passed, dueAt: calledAt } = yield* leaveGates(scope, job, change.op === 'reschedule' ? 'concurrency' : 'all');
  const { dueAt } = yield* release(scope, { ...job, holder: null, deaths: 0, againAt: null, wakeAt: null, passed }, job, change);
  const firstDueAt = Math.min(dueAt ?? Infinity, calledAt ?? Infinity);
  return firstDueAt === Infinity ? {} : { dueAt: firstDueAt };
}

function* release(
  scope: StateScope,
  released: JobRow,
  { againAt, wakeAt }: JobRow,
  change: Exclude<HeldChange, { readonly op: 'held' }>,
): Work<Outcome> {
  switch (change.op) {
    case 'finish':
      if (againAt !== null) return yield* putJob(scope, change.jobId, { ...released, attempts: 0, dueAt: againAt });
      yield* ask(scope.sql.deleteJob, scope.tenant.tenantNo, change.jobId);
      yield* addToCount(scope, released.kind, 'waiting', -1);
      return {};
    case 'reschedule': {
      const dueAt = earlier(againAt, earlier(wakeAt, change.dueAt));
      const payload = change.payload === undefined ? released.payload : sealJobPayload(scope.tenant, change.jobId, change.payload);
      return yield* putJob(scope, change.jobId, { ...released, dueAt, attempts: change.attempts, payload });
    }
    case 'bury': {
      const error = scope.tenant.keyring.seal(JSON.stringify(change.error), deadPlace(scope.tenant.keyring.tenantId, change.jobId));
      yield* addToCount(scope, released.kind, 'waiting', -1);
      yield* addToCount(scope, released.kind, 'dead', 1);
      // The error is sealed on its own; which key sealed it stands in front of it, as the payload may be older.
      const packed = packError(error.keyId, error.bytes);
      return yield* putJob(scope, change.jobId, { ...released, state: JOB_STATE.dead, dueAt: scope.now, error: packed });
    }
  }
}

function earlier(noted: number | null, dueAt: number): number {
  return Math.min(noted ?? Infinity, dueAt);
}

const KEY_ID_BYTES = 4;

function packError(keyId: number, bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(KEY_ID_BYTES);
  head.writeUInt32BE(keyId);
  return Buffer.concat([head, bytes]);
}

/** The error column of a buried job as the columns that a keyring opens. */
export function unpackError(
  codec: number,
  packed: Uint8Array,
): { readonly codec: number; readonly key_id: number; readonly payload: Uint8Array } {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  return { codec, key_id: bytes.readUInt32BE(0), payload: bytes.subarray(KEY_ID_BYTES) };
}

/** Binds the sealed error of a buried job to it. */
export function deadPlace(tenantId: string, id: string): string {
  return `${tenantId}\0dead\0${id}`;
}
