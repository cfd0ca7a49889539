import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { JobWorker } from '../../jobs/contract.ts';
import type { TenantState } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import { RUNS } from '../tables.ts';
import { jobIdOf } from './records.ts';
import type { RunRecord } from './records.ts';
import { readSteps } from './run-executor.ts';

/**
 * Asks to end a run; whoever holds it, or claims it next, does so. Asking twice is safe, and `now` is stronger than
 * `after_step`.
 *
 * @throws TendrilError RUN_UNKNOWN, RUN_ENDED; CONFLICT when the run never stands still
 */
export type CancelRun = (
  tenantId: string,
  runId: string,
  options?: { readonly mode?: 'now' | 'after_step'; readonly reason?: string },
) => Promise<void>;

const ATTEMPTS = 20;

/**
 * A run with nothing to undo only ends: it need not wait for its turn, and takes nobody's. What it does meanwhile changes
 * its row when it is put away, and this is asked again.
 */
async function mayPassGates(state: TenantState, { id, gates = [] }: RunRecord): Promise<{ readonly pastGates?: true }> {
  if (gates.length === 0) return {};
  const steps = await readSteps(state, id);
  return steps.some(({ sequence }) => sequence !== undefined) ? {} : { pastGates: true };
}

/** @returns the function behind `RunService.cancel` */
export function createCancelRun({
  tenants,
  worker,
  clock,
}: {
  readonly tenants: TenantOpener;
  readonly worker: Pick<JobWorker, 'nudge'>;
  readonly clock: Clock;
}): CancelRun {
  return async (tenantId, runId, { mode = 'now', reason } = {}) => {
    const { state } = await tenants.open(tenantId);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const [row] = await state.get(RUNS, [runId]);
      if (row === undefined) throw new TendrilError('RUN_UNKNOWN', { runId });
      const run = row.value as unknown as RunRecord;
      if (run.endedAt !== undefined) throw new TendrilError('RUN_ENDED', { runId, state: run.state });
      if (run.cancel !== undefined && (run.cancel.mode === 'now' || run.cancel.mode === mode)) return;
      const askedAt = clock.now();
      const cancel = { mode, askedAt, ...(reason === undefined ? {} : { reason }) };
      const result = await state.commit([
        { op: 'put', table: RUNS, value: { ...run, cancel } as unknown as JsonObject, expect: row.version },
        { op: 'wake', jobId: jobIdOf(runId), dueAt: askedAt, ...(await mayPassGates(state, run)) },
      ]);
      if (!result.ok) continue;
      // Held by this process it hears at once, by another one with the next renewal of its lease.
      worker.nudge(tenantId, jobIdOf(runId));
      return;
    }
    throw new TendrilError('CONFLICT', { runId });
  };
}
