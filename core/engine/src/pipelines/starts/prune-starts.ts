import type { Clock } from '@tendril/plugin-api';
import type { JobHandler } from '../../jobs/contract.ts';
import type { Change, TableSpec } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import { REFUSALS_KEPT_MS } from './refusals.ts';
import { REFUSALS, SERIAL_LATEST } from './tables.ts';

/** Kind of the jobs that forget why nothing was started. */
export const PRUNE_JOB = 'prune-starts';

const EVERY_MS = 86_400_000;
const ROWS_AT_ONCE = 500;

/** Makes sure that what is kept is forgotten some day. */
export function pruneJob(now: number): Change {
  return { op: 'job', job: { id: PRUNE_JOB, kind: PRUNE_JOB, priority: 9, dueAt: now + EVERY_MS }, ifAbsent: true };
}

/** @returns the handler of these jobs; they come back until nothing is left */
export function createPruneStarts({ tenants, clock }: { readonly tenants: TenantOpener; readonly clock: Clock }): JobHandler {
  return async ({ claim, signal }) => {
    const { state } = await tenants.open(claim.tenantId);
    const held: Change = { op: 'held', jobId: claim.id, fence: claim.fence };
    let isEmpty = true;
    for (const table of [REFUSALS, SERIAL_LATEST] satisfies readonly TableSpec[]) {
      for (;;) {
        signal.throwIfAborted();
        const { items } = await state.query(table, { index: 'by_time', limit: ROWS_AT_ONCE });
        const old = items.filter(({ value }) => Number(value['at']) < clock.now() - REFUSALS_KEPT_MS);
        if (items.length > old.length) isEmpty = false;
        if (old.length === 0) break;
        await state.commit([held, ...old.map(({ key, version }): Change => ({ op: 'delete', table, key, expect: version }))]);
      }
    }
    const dueAt = clock.now() + EVERY_MS;
    const end: Change = isEmpty
      ? { op: 'finish', jobId: claim.id, fence: claim.fence }
      : { op: 'reschedule', jobId: claim.id, fence: claim.fence, dueAt, attempts: 0 };
    await state.commit([end]);
  };
}
