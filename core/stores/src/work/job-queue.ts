import type { GateStatus, JobGate } from '@tendril/engine/ports';
import { SEAL_CODEC } from '@tendril/engine/seal';
import { deadPlace, unpackError } from './job-changes.ts';
import { hashGate, fromGateRow } from './gate-row.ts';
import { fromJobRow, JOB_STATE } from './job-row.ts';
import type { StateTenant } from './state-scope.ts';
import type { StateSql } from './state-sql.ts';
import { ask, bytesOf, foresee, numberOf, textOf } from './step.ts';
import type { Work } from './step.ts';

/** A claim as far as renewing needs it. */
export interface HeldClaim {
  readonly tenantNo: number;
  readonly id: string;
  readonly fence: number;
}

/** What became of a claim that was to be renewed; `woken`: held, and somebody asked to wake it meanwhile. */
export type RenewedClaim = 'lost' | 'held' | 'woken';

/** Moves the leases' ends. */
export function* renewClaims(sql: StateSql, claims: readonly HeldClaim[], leaseUntil: number): Work<readonly RenewedClaim[]> {
  const renewed: RenewedClaim[] = [];
  yield* foresee(claims.map(({ tenantNo, id }) => ({ sql: sql.findJob, values: [tenantNo, id] })));
  for (const { tenantNo, id, fence } of claims) {
    const [row] = yield* ask(sql.findJob, tenantNo, id);
    const job = row === undefined ? undefined : fromJobRow(row);
    const isHeld = job?.state === JOB_STATE.queued && job.holder !== null && job.fence === fence;
    if (isHeld) yield* ask(sql.renewJob, leaseUntil, tenantNo, id);
    renewed.push(!isHeld ? 'lost' : job.wakeAt === null ? 'held' : 'woken');
  }
  return renewed;
}

/** When the next job is due, of all tenants. */
export function* nextDueAt(sql: StateSql): Work<number | undefined> {
  let earliest = Infinity;
  let after = -1;
  for (;;) {
    let [queue] = yield* ask(sql.firstQueueOfNextTenant, after);
    if (queue === undefined) return earliest === Infinity ? undefined : earliest;
    after = numberOf(queue, 'tenant_no');
    while (queue !== undefined) {
      earliest = Math.min(earliest, numberOf(queue, 'due_at'));
      [queue] = yield* ask(sql.nextQueueOfTenant, after, numberOf(queue, 'priority'));
    }
  }
}

/** A dead letter whose error is JSON text still. */
export interface DeadJob {
  readonly id: string;
  readonly kind: string;
  readonly error: string;
  readonly buriedAt: number;
}

/** Dead letters of a tenant, newest first. */
export function* deadJobs(sql: StateSql, tenant: StateTenant, limit: number): Work<readonly DeadJob[]> {
  const rows = yield* ask(sql.deadJobs, tenant.tenantNo, limit);
  return rows.map((row) => {
    const id = textOf(row, 'id');
    const error = tenant.keyring.open(unpackError(SEAL_CODEC, bytesOf(row, 'error')), deadPlace(tenant.keyring.tenantId, id));
    return { id, kind: textOf(row, 'kind'), error, buriedAt: numberOf(row, 'due_at') };
  });
}

/** How many are inside of gates and how many wait at them. One that was called and not claimed yet waits still. */
export function* gateStatuses(
  sql: StateSql,
  { tenantNo, keyring }: StateTenant,
  gates: readonly Pick<JobGate, 'kind' | 'key'>[],
): Work<readonly GateStatus[]> {
  const steps = gates.map((gate) => ({ sql: sql.readGate, values: [tenantNo, hashGate(keyring, gate)] }));
  yield* foresee(steps);
  const statuses: GateStatus[] = [];
  for (const step of steps) {
    const [row] = yield step;
    const { held, letIn, waiting } = fromGateRow(row);
    statuses.push({ held, waiting: waiting + letIn });
  }
  return statuses;
}
