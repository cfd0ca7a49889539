import type { Clock, Json } from '@tendril/plugin-api';
import type { JobHandler, JobWorker } from '../../jobs/contract.ts';
import type { Change, TableSpec, TenantState } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import type { FaultPoint } from '../runs/fault-points.ts';
import { pruneRuns } from './prune-runs.ts';
import type { RetentionOf } from './prune-runs.ts';

/** Rows that are of no use after some time. */
export interface ExpiringTable {
  readonly table: TableSpec;
  /** Whose first field says when the row came to be, or ended. */
  readonly index: string;
  /** The first value of that field that is kept. */
  readonly keepFrom: (now: number) => Json;
}

/** What pruning needs. */
export interface PruningOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly fault: FaultPoint;
  readonly retentionOf: (tenantId: string) => Promise<{ readonly of: RetentionOf; readonly shortestMs: number }>;
  readonly expiring: readonly ExpiringTable[];
}

/** Deleting what is older than it has to be kept. */
export interface Pruning {
  register(worker: JobWorker): void;
  /** Makes sure that a tenant is pruned. */
  ensure(tenantId: string): Promise<void>;
}

/** Kind of the jobs that prune. */
export const PRUNE_JOB = 'prune';
const JOB_ID = 'prune';
/** Behind everything else. */
const PRIORITY = 9;
/** How long a pass waits between two pages, so that others get their turn, in milliseconds. */
const BREATH_MS = 200;
const BETWEEN_PASSES_MS = 3_600_000;
const ROWS_PER_COMMIT = 500;

/** @returns pruning that runs once it is registered with a worker: a page at a time, with a pause behind each */
export function createPruning({ tenants, clock, fault, retentionOf, expiring }: PruningOptions): Pruning {
  const handle: JobHandler = async ({ claim }) => {
    const { state } = await tenants.open(claim.tenantId);
    const now = clock.now();
    const retention = await retentionOf(claim.tenantId);
    const cursor = typeof claim.payload['cursor'] === 'string' ? claim.payload['cursor'] : undefined;
    const hasMore = cursor === undefined ? await pruneExpired(state, expiring, now) : false;
    const pass = await pruneRuns(state, { now, cursor, retentionOf: retention.of, shortestMs: retention.shortestMs });
    fault('prune.before-reschedule');
    const isOver = pass.cursor === undefined && !hasMore;
    await state.commit([
      {
        op: 'reschedule',
        jobId: claim.id,
        fence: claim.fence,
        dueAt: now + (isOver ? BETWEEN_PASSES_MS : BREATH_MS),
        attempts: 0,
        payload: pass.cursor === undefined ? {} : { cursor: pass.cursor },
      },
    ]);
  };
  return {
    register: (worker) => {
      worker.register(PRUNE_JOB, handle, { concurrency: 1, attempts: Infinity, role: 'scheduler' });
    },
    ensure: async (tenantId) => {
      const { state } = await tenants.open(tenantId);
      await state.commit([
        { op: 'job', job: { id: JOB_ID, kind: PRUNE_JOB, priority: PRIORITY, dueAt: clock.now() + BETWEEN_PASSES_MS }, ifAbsent: true },
      ]);
    },
  };
}

/** @returns whether there is more of it */
async function pruneExpired(state: TenantState, expiring: readonly ExpiringTable[], now: number): Promise<boolean> {
  let hasMore = false;
  for (const { table, index, keepFrom } of expiring) {
    const page = await state.query(table, { index, to: keepFrom(now), limit: ROWS_PER_COMMIT });
    if (page.items.length === 0) continue;
    // Under the version that was read: what somebody has written meanwhile is of use again.
    const changes = page.items.map(({ key, version }): Change => ({ op: 'delete', table, key, expect: version }));
    const result = await state.commit(changes);
    if (!result.ok) for (const change of changes) await state.commit([change]);
    hasMore ||= page.nextCursor !== undefined;
  }
  return hasMore;
}
