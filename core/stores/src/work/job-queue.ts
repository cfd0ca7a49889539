import type { Claim } from '@tendril/engine/ports';
import { SEAL_CODEC } from '@tendril/engine/seal';
import { deadPlace, unpackError } from './job-changes.ts';
import { fromJobRow, openJobPayload } from './job-row.ts';
import type { StateTenant } from './state-scope.ts';
import type { StateSql } from './state-sql.ts';
import { ask, bytesOf, numberOf, textOf } from './step.ts';
import type { SqlRow, Work } from './step.ts';

/** What claiming needs to know. */
export interface ClaimRequest {
  readonly workerId: string;
  readonly limit: number;
  readonly leaseMs: number;
  readonly kinds: readonly string[];
  readonly now: number;
  /** Tenants of whom the keys are at hand, by number. */
  readonly tenants: ReadonlyMap<number, StateTenant>;
  /** The tenant that was served last; its next turn is after all others'. */
  readonly lastTenantNo: number;
}

/** A claim whose payload is JSON text still. */
export type TextClaim = Omit<Claim, 'payload'> & { readonly payload: string };

/** What was claimed and whose turn was last. */
export interface Claimed {
  readonly claims: readonly TextClaim[];
  readonly lastTenantNo: number;
}

interface Candidate {
  readonly tenant: StateTenant;
  readonly row: SqlRow;
}

/** Takes due jobs: tenants in turn, each tenant's by priority and then by due time. */
export function* claimDueJobs(sql: StateSql, request: ClaimRequest): Work<Claimed> {
  const queues = yield* dueQueues(sql, request);
  const chosen = takeTurns(queues, request.limit);
  if (chosen.length === 0) return { claims: [], lastTenantNo: request.lastTenantNo };
  const [fenceRow] = yield* ask(sql.lastFence);
  let fence = fenceRow === undefined ? 1 : numberOf(fenceRow, 'last_fence');
  const leaseUntil = request.now + request.leaseMs;
  const claims: TextClaim[] = [];
  for (const { tenant, row } of chosen) {
    const id = textOf(row, 'id');
    const { kind, priority, attempts, ...job } = fromJobRow(row);
    // One that is held is due only when its lease ran out.
    const deaths = job.holder === null ? job.deaths : job.deaths + 1;
    const payload = openJobPayload(tenant, id, row);
    fence += 1;
    yield* ask(sql.claimJob, leaseUntil, fence, request.workerId, deaths, tenant.tenantNo, id);
    claims.push({
      tenantId: tenant.keyring.tenantId,
      id,
      kind,
      priority,
      attempts,
      ...(deaths > 0 && { deaths }),
      payload,
      fence,
      leaseUntil,
    });
  }
  yield* ask(sql.setLastFence, fence);
  return { claims, lastTenantNo: chosen.at(-1)?.tenant.tenantNo ?? request.lastTenantNo };
}

// Walks the tenants from the one after the last served, once around, until so many have work as can be served.
function* dueQueues(sql: StateSql, request: ClaimRequest): Work<readonly Candidate[][]> {
  const queues: Candidate[][] = [];
  let after = request.lastTenantNo;
  let hasWrapped = false;
  while (queues.length < request.limit) {
    const [first] = yield* ask(sql.firstQueueOfNextTenant, after);
    const tenantNo = first === undefined ? Infinity : numberOf(first, 'tenant_no');
    if (hasWrapped && tenantNo > request.lastTenantNo) break;
    if (first === undefined) {
      hasWrapped = true;
      after = -1;
      continue;
    }
    after = tenantNo;
    const tenant = request.tenants.get(tenantNo);
    if (tenant === undefined) continue;
    const queue = yield* dueOfTenant(sql, request, tenant, first);
    if (queue.length > 0) queues.push(queue);
  }
  return queues;
}

function* dueOfTenant(sql: StateSql, request: ClaimRequest, tenant: StateTenant, first: SqlRow): Work<Candidate[]> {
  const found: Candidate[] = [];
  let queue: SqlRow | undefined = first;
  while (queue !== undefined && found.length < request.limit) {
    const priority = numberOf(queue, 'priority');
    if (numberOf(queue, 'due_at') <= request.now) {
      const values = [tenant.tenantNo, priority, request.now, ...request.kinds, request.limit - found.length];
      const rows = yield { sql: sql.dueJobs(request.kinds.length), values };
      found.push(...rows.map((row) => ({ tenant, row })));
    }
    [queue] = yield* ask(sql.nextQueueOfTenant, tenant.tenantNo, priority);
  }
  return found;
}

function takeTurns(queues: readonly Candidate[][], limit: number): readonly Candidate[] {
  const chosen: Candidate[] = [];
  for (let round = 0; chosen.length < limit; round += 1) {
    const turn = queues.flatMap((queue) => queue.slice(round, round + 1)).slice(0, limit - chosen.length);
    if (turn.length === 0) break;
    chosen.push(...turn);
  }
  return chosen;
}

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
  for (const { tenantNo, id, fence } of claims) {
    const [row] = yield* ask(sql.findJob, tenantNo, id);
    const job = row === undefined ? undefined : fromJobRow(row);
    const isHeld = job !== undefined && !job.isDead && job.holder !== null && job.fence === fence;
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

/** How many jobs wait and how many are buried, by tenant and kind. */
export function* countJobs(
  sql: StateSql,
): Work<readonly { readonly tenantId: string; readonly kind: string; readonly state: 'waiting' | 'dead'; readonly count: number }[]> {
  const rows = yield* ask(sql.countJobs);
  return rows.map((row) => ({
    tenantId: textOf(row, 'tenant_id'),
    kind: textOf(row, 'kind'),
    state: numberOf(row, 'is_dead') === 1 ? 'dead' : 'waiting',
    count: numberOf(row, 'count'),
  }));
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
