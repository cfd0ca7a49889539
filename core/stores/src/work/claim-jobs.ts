import type { Claim } from '@tendril/engine/ports';
import { fromJobRow, JOB_STATE, openJobPayload, toJobRow } from './job-row.ts';
import type { JobRow } from './job-row.ts';
import { passGates } from './pass-gates.ts';
import type { StateTenant } from './state-scope.ts';
import type { StateSql } from './state-sql.ts';
import { ask, foresee, numberOf, textOf } from './step.ts';
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
  /** When a job was due that can be claimed at once by another call. */
  readonly dueAt?: number;
}

/** How many jobs that do not pass their gates one call puts aside. They do not come again until it is their turn. */
const MOST_REFUSED = 1_000;
/** How many are looked at at once after some were put aside. */
const LOOKED_AT = 64;
/** Before the first tenant. */
const NO_TENANT = -1;

interface Candidate {
  readonly tenant: StateTenant;
  readonly id: string;
}

/** What a claim has come to so far. */
interface Progress {
  readonly claims: TextClaim[];
  fence: number;
  lastTenantNo: number;
  refused: number;
  dueAt: number;
}

/**
 * Takes due jobs: tenants in turn, each tenant's by priority, due time and order. A job that does not pass its gates is
 * put aside and the next one is looked at.
 */
export function* claimDueJobs(sql: StateSql, request: ClaimRequest): Work<Claimed> {
  yield* foresee([
    { sql: sql.lastFence, values: [] },
    { sql: sql.firstQueueOfNextTenant, values: [request.lastTenantNo] },
    { sql: sql.firstQueueOfNextTenant, values: [NO_TENANT] },
  ]);
  // Claims go one after another, however many workers there are: what comes first in a lane is seen first.
  const [fenceRow] = yield* ask(sql.lastFence);
  const lastFence = fenceRow === undefined ? 1 : numberOf(fenceRow, 'last_fence');
  const progress: Progress = { claims: [], fence: lastFence, lastTenantNo: request.lastTenantNo, refused: 0, dueAt: Infinity };
  let refusedBefore = -1;
  while (progress.claims.length < request.limit && progress.refused > refusedBefore && progress.refused < MOST_REFUSED) {
    refusedBefore = progress.refused;
    yield* claimSome(sql, request, progress);
  }
  if (progress.refused >= MOST_REFUSED) progress.dueAt = Math.min(progress.dueAt, request.now);
  if (progress.fence > lastFence) yield* ask(sql.setLastFence, progress.fence);
  const { claims, lastTenantNo, dueAt } = progress;
  return dueAt === Infinity ? { claims, lastTenantNo } : { claims, lastTenantNo, dueAt };
}

function* claimSome(sql: StateSql, request: ClaimRequest, progress: Progress): Work<void> {
  const wanted = request.limit - progress.claims.length;
  const most = progress.refused === 0 ? wanted : Math.max(wanted, LOOKED_AT);
  const candidates = takeTurns(yield* dueQueues(sql, request, progress.lastTenantNo, wanted, most));
  for (let start = 0; start < candidates.length && progress.claims.length < request.limit; start += most) {
    const some = candidates.slice(start, start + most);
    yield* foresee(some.map(({ tenant, id }) => ({ sql: sql.findJob, values: [tenant.tenantNo, id] })));
    for (const candidate of some) {
      if (progress.claims.length === request.limit) return;
      yield* claimOne(sql, request, candidate, progress);
    }
  }
}

function* claimOne(sql: StateSql, request: ClaimRequest, { tenant, id }: Candidate, progress: Progress): Work<void> {
  const [row] = yield* ask(sql.findJob, tenant.tenantNo, id);
  const found = row === undefined ? undefined : fromJobRow(row);
  // Somebody may have written it since it was seen.
  if (row === undefined || found?.state !== JOB_STATE.queued || found.dueAt > request.now) return;
  const passage = yield* passGates({ sql, tenant, now: request.now }, id, found);
  progress.dueAt = Math.min(progress.dueAt, passage.dueAt ?? Infinity);
  progress.lastTenantNo = tenant.tenantNo;
  if (!passage.isIn) {
    progress.refused += 1;
    yield { sql: sql.putJob, values: toJobRow(tenant.tenantNo, id, passage.job) };
    return;
  }
  progress.fence += 1;
  const held = hold(passage.job, request, progress.fence);
  yield { sql: sql.putJob, values: toJobRow(tenant.tenantNo, id, held) };
  const { kind, priority, attempts, deaths, fence, dueAt } = held;
  const payload = openJobPayload(tenant, id, row);
  const counted = deaths > 0 ? { deaths } : {};
  progress.claims.push({ tenantId: tenant.keyring.tenantId, id, kind, priority, attempts, ...counted, payload, fence, leaseUntil: dueAt });
}

function hold(job: JobRow, { now, leaseMs, workerId }: ClaimRequest, fence: number): JobRow {
  // One that is held is due only when its lease ran out.
  const deaths = job.holder === null ? job.deaths : job.deaths + 1;
  return { ...job, dueAt: now + leaseMs, fence, holder: workerId, deaths };
}

// Walks the tenants from the one after the last served, once around, until so many have work as can be served.
function* dueQueues(
  sql: StateSql,
  request: ClaimRequest,
  lastTenantNo: number,
  mostTenants: number,
  mostOfTenant: number,
): Work<readonly Candidate[][]> {
  const queues: Candidate[][] = [];
  let after = lastTenantNo;
  let hasWrapped = false;
  while (queues.length < mostTenants) {
    const [first] = yield* ask(sql.firstQueueOfNextTenant, after);
    const tenantNo = first === undefined ? Infinity : numberOf(first, 'tenant_no');
    if (hasWrapped && tenantNo > lastTenantNo) break;
    if (first === undefined) {
      hasWrapped = true;
      after = NO_TENANT;
      continue;
    }
    after = tenantNo;
    const tenant = request.tenants.get(tenantNo);
    if (tenant === undefined) continue;
    const queue = yield* dueOfTenant(sql, request, tenant, first, mostOfTenant);
    if (queue.length > 0) queues.push(queue);
  }
  return queues;
}

function* dueOfTenant(sql: StateSql, request: ClaimRequest, tenant: StateTenant, first: SqlRow, most: number): Work<Candidate[]> {
  const found: Candidate[] = [];
  let queue: SqlRow | undefined = first;
  while (queue !== undefined && found.length < most) {
    const priority = numberOf(queue, 'priority');
    if (numberOf(queue, 'due_at') <= request.now) {
      const values = [tenant.tenantNo, priority, request.now, ...request.kinds, most - found.length];
      const due = { sql: sql.dueJobs(request.kinds.length), values };
      yield* foresee([
        due,
        { sql: sql.nextQueueOfTenant, values: [tenant.tenantNo, priority] },
        { sql: sql.firstQueueOfNextTenant, values: [tenant.tenantNo] },
      ]);
      const rows = yield due;
      found.push(...rows.map((row) => ({ tenant, id: textOf(row, 'id') })));
    }
    [queue] = yield* ask(sql.nextQueueOfTenant, tenant.tenantNo, priority);
  }
  return found;
}

function takeTurns(queues: readonly Candidate[][]): readonly Candidate[] {
  const rounds = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: rounds }, (_, round) => queues.flatMap((queue) => queue.slice(round, round + 1))).flat();
}
