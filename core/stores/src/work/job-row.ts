import type { JsonObject } from '@tendril/plugin-api';
import type { StateTenant } from './state-scope.ts';
import { numberOf, optionalNumberOf, textOf } from './step.ts';
import type { SqlRow, SqlValue } from './step.ts';

/** A job as it is stored. Held while it has a holder; `dueAt` is the end of the lease then. */
export interface JobRow {
  readonly isDead: boolean;
  readonly kind: string;
  readonly priority: number;
  readonly dueAt: number;
  readonly attempts: number;
  readonly fence: number;
  /** How often in a row a lease of it ran out without a write by its holder. */
  readonly deaths: number;
  readonly holder: string | null;
  /** Asked for by `job` while it was held: it stays after `finish`, due then. */
  readonly againAt: number | null;
  /** Asked for by `wake` while it was held: counts when the holder reschedules. */
  readonly wakeAt: number | null;
  /** Sealed columns as they are: codec, key_id, payload. */
  readonly payload: readonly [SqlValue, SqlValue, SqlValue];
  readonly error: SqlValue;
}

/** From the columns of `findJob` and `dueJobs`. */
export function fromJobRow(row: SqlRow): JobRow {
  return {
    isDead: numberOf(row, 'is_dead') === 1,
    kind: textOf(row, 'kind'),
    priority: numberOf(row, 'priority'),
    dueAt: numberOf(row, 'due_at'),
    attempts: numberOf(row, 'attempts'),
    fence: numberOf(row, 'fence'),
    deaths: numberOf(row, 'deaths'),
    holder: row['holder'] === null ? null : textOf(row, 'holder'),
    againAt: optionalNumberOf(row, 'again_at') ?? null,
    wakeAt: optionalNumberOf(row, 'wake_at') ?? null,
    payload: [row['codec'] ?? 0, row['key_id'] ?? 0, row['payload'] ?? null],
    error: row['error'] ?? null,
  };
}

/** In the order of the columns of `putJob`. */
export function toJobRow(tenantNo: number, id: string, job: JobRow): readonly SqlValue[] {
  const lease = [job.dueAt, job.attempts, job.fence, job.holder, job.againAt, job.wakeAt];
  return [tenantNo, id, job.isDead ? 1 : 0, job.kind, job.priority, ...lease, ...job.payload, job.error, job.deaths];
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
