import type { Clock } from '@tendril/plugin-api';
import type { JobWorker, Lease } from '../jobs/index.ts';
import type { Change } from '../ports.ts';
import type { OpenTenant, TenantOpener } from '../tenants/index.ts';
import { KEY_VALUES } from './key-value-table.ts';

const SWEEP_JOB = 'plugins.sweep';
const EVERY_MS = 3_600_000;
const AT_ONCE = 1_000;
const PRIORITY = 9;
/** A sweep that is buried would stay so, and the table would only grow. */
const ATTEMPTS = Infinity;

/** Deletes values of `call.kv` whose time is over; readers do not see them from the moment that it is. */
export interface KeyValueSweeper {
  register(worker: JobWorker): void;
  /** Sees to it that the tenant's job is there; safe to repeat. */
  plan(tenantId: string): Promise<void>;
}

/** @returns a sweeper that works once it is registered with a worker */
export function createKeyValueSweeper({ tenants, clock }: { readonly tenants: TenantOpener; readonly clock: Clock }): KeyValueSweeper {
  async function sweep({ claim }: Lease): Promise<void> {
    const { state } = await tenants.open(claim.tenantId);
    const { items, nextCursor } = await state.query(KEY_VALUES, { index: 'by_expiry', from: 0, to: clock.now(), limit: AT_ONCE });
    // A row that was written again meanwhile is left; its job comes round once more.
    const deletions = items.map(({ value, version }): Change => ({
      op: 'delete',
      table: KEY_VALUES,
      key: value['id'] as string,
      expect: version,
    }));
    await Promise.all(deletions.map((deletion) => state.commit([deletion])));
    const dueAt = nextCursor === undefined ? clock.now() + EVERY_MS : clock.now();
    await state.commit([{ op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt, attempts: 0 }]);
  }

  async function plan(tenantId: string): Promise<void> {
    const { state }: OpenTenant = await tenants.open(tenantId);
    const job = { id: SWEEP_JOB, kind: SWEEP_JOB, priority: PRIORITY, dueAt: clock.now() + EVERY_MS };
    await state.commit([{ op: 'job', ifAbsent: true, job }]);
  }

  return { plan, register: (worker) => worker.register(SWEEP_JOB, sweep, { concurrency: 1, attempts: ATTEMPTS }) };
}
