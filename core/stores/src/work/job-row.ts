import type { JsonObject } from '@tendril/plugin-api';
import type { StoredGate } from './gate-row.ts';
import type { StateTenant } from './state-scope.ts';
import { bytesOf, numberOf, optionalNumberOf, textOf } from './step.ts';
import type { SqlRow, SqlValue } from './step.ts';

/** Where a job is: in the queue or held, buried, or waiting at a gate. */
export const JOB_STATE = { queued: 0, dead: 1, parked: 2 } as const;

/** One of them. */
export type JobState = (typeof JOB_STATE)[keyof typeof JOB_STATE];

/** A job as it is stored. Held while it has a holder; `dueAt` is the end of the lease then. */
export interface JobRow {
  readonly state: JobState;
  readonly kind: string;
  readonly priority: number;
  readonly dueAt: number;
  readonly order: number;
  readonly attempts: number;
  readonly fence: number;
  /** How often in a row a lease of it ran out without a write by its holder. */
  readonly deaths: number;
  readonly holder: string | null;
  /** Asked for by `job` while it was held: it stays after `finish`, due then. */
  readonly againAt: number | null;
  /** Asked for by `wake` while it was held: counts when the holder reschedules. */
  readonly wakeAt: number | null;
  readonly gates: readonly StoredGate[];
  /** A bit for each gate that it is inside of; that of a throttle stays until the job ends. */
  readonly passed: number;
  /** The hash of the gate at which it waits or, when it is in the queue again, to which it was called. */
  readonly waitsAt: string | null;
  /** A throttle gave it this due time: nothing makes it due earlier. */
  readonly notBefore: number | null;
  /** Sealed columns as they are: codec, key_id, payload. */
  readonly payload: readonly [SqlValue, SqlValue, SqlValue];
  readonly error: SqlValue;
}

/** From the columns of `findJob` and `dueJobs`. */
export function fromJobRow(row: SqlRow): JobRow {
  return {
    state: stateOf(row),
    kind: textOf(row, 'kind'),
    priority: numberOf(row, 'priority'),
    dueAt: numberOf(row, 'due_at'),
    order: numberOf(row, 'job_order'),
    attempts: numberOf(row, 'attempts'),
    fence: numberOf(row, 'fence'),
    deaths: numberOf(row, 'deaths'),
    holder: row['holder'] === null ? null : textOf(row, 'holder'),
    againAt: optionalNumberOf(row, 'again_at') ?? null,
    wakeAt: optionalNumberOf(row, 'wake_at') ?? null,
    gates: row['gates'] === null ? NO_GATES : (JSON.parse(textOf(row, 'gates')) as readonly StoredGate[]),
    passed: numberOf(row, 'passed'),
    waitsAt: row['waits_at'] === null ? null : Buffer.from(bytesOf(row, 'waits_at')).toString('base64'),
    notBefore: optionalNumberOf(row, 'not_before') ?? null,
    payload: [row['codec'] ?? 0, row['key_id'] ?? 0, row['payload'] ?? null],
    error: row['error'] ?? null,
  };
}

const NO_GATES: readonly StoredGate[] = [];

function stateOf(row: SqlRow): JobState {
  const state = numberOf(row, 'is_dead');
  return state === JOB_STATE.dead || state === JOB_STATE.parked ? state : JOB_STATE.queued;
}

/** In the order of the columns of `putJob`. */
export function toJobRow(tenantNo: number, id: string, job: JobRow): readonly SqlValue[] {
  const queued = [job.state, job.kind, job.priority, job.dueAt, job.order];
  const lease = [job.attempts, job.fence, job.deaths, job.holder, job.againAt, job.wakeAt];
  const gates = job.gates.length === 0 ? null : Buffer.from(JSON.stringify(job.gates));
  const waitsAt = job.waitsAt === null ? null : Buffer.from(job.waitsAt, 'base64');
  return [tenantNo, id, ...queued, ...lease, gates, job.passed, waitsAt, job.notBefore, ...job.payload, job.error];
}

/** Seals what a job carries; an empty payload takes no room. */
export function sealJobPayload(tenant: StateTenant, id: string, payload: JsonObject | undefined): JobRow['payload'] {
  if (payload === undefined || Object.keys(payload).length === 0) return [0, 0, null];
  const sealed = tenant.keyring.seal(JSON.stringify(payload), jobPlace(tenant, id));
  return [sealed.codec, sealed.keyId, sealed.bytes];
}

/** The payload of a job's row as JSON text. */
export function openJobPayload(tenant: StateTenant, id: string, row: SqlRow): string {
  return row['payload'] === null ? '{}' : tenant.keyring.open(row, jobPlace(tenant, id));
}

function jobPlace(tenant: StateTenant, id: string): string {
  return `${tenant.keyring.tenantId}\0job\0${id}`;
}
