import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { TenantOpener } from '../../tenants/contract.ts';
import { queryAll } from '../../tenants/index.ts';
import type { Change } from '../../ports.ts';
import { JOURNAL, RUNS } from '../tables.ts';
import type { RunRecord, StepRecord } from './records.ts';
import { readRun } from './run-executor.ts';
import type { RunListeners } from './run-listeners.ts';
import { resumeChange } from './start-run.ts';

/** Takes up the runs again that wait for a new login of a connection. @returns how many */
export type WakeBlocked = (tenantId: string, connection: { readonly plugin: string; readonly name: string }) => Promise<number>;

/** @returns the function that the vault's owner calls after a connection has been replaced */
export function createWakeBlocked({
  tenants,
  listeners,
  clock,
}: {
  readonly tenants: TenantOpener;
  readonly listeners: RunListeners;
  readonly clock: Clock;
}): WakeBlocked {
  return async (tenantId, connection) => {
    const { state } = await tenants.open(tenantId);
    const wanted = new Set([`connection:${connection.name}`, `plugin:${connection.plugin}`]);
    const blocked = await queryAll(state, RUNS, { index: 'by_state', equals: { state: 'blocked' } });
    let woken = 0;
    for (const row of blocked) {
      const isWanted = (row.value as unknown as RunRecord).blockedOn?.some((name) => wanted.has(name)) ?? false;
      const run = isWanted ? await readRun(state, row.key) : undefined;
      if (run?.record.state !== 'blocked') continue;
      const { blockedOn: _blockedOn, ...rest } = run.record;
      const record: RunRecord = { ...rest, state: 'running' };
      const steps = run.steps.filter((step) => step.state === 'blocked');
      const changes: Change[] = [
        { op: 'put', table: RUNS, value: record as unknown as JsonObject, expect: run.version },
        ...steps.map((step): Change => ({ op: 'put', table: JOURNAL, value: unblocked(step) as unknown as JsonObject })),
        resumeChange(record.id, clock.now()),
      ];
      const result = await state.commit(changes);
      if (!result.ok) continue;
      woken += 1;
      listeners.changed(tenantId, record);
    }
    return woken;
  };
}

// A step that is still blocked finds that out again; its attempts begin anew, as nothing was wrong with the step.
function unblocked(step: StepRecord): StepRecord {
  const { error: _error, ...rest } = step;
  return { ...rest, state: 'running', attempts: 0 };
}
