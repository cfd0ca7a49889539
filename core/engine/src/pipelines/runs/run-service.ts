import { TendrilError } from '@tendril/plugin-api';
import type { Aggregate, Clock, Json, JsonObject } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { RunService } from '../../hub.ts';
import type { TenantState } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import { decideApproval, listApprovals } from '../approvals.ts';
import { listRuns } from '../history/list-runs.ts';
import { toRun } from '../history/run-view.ts';
import { JOURNAL, RUNS } from '../tables.ts';
import { withLargeValues } from './blobs.ts';
import type { CancelRun } from './cancel-run.ts';
import { END_PATH } from './end-run.ts';
import { keepError } from './kept-error.ts';
import type { RunRecord, StepRecord } from './records.ts';
import { readRun } from './run-executor.ts';
import type { Replay } from './replay.ts';
import type { RunListeners } from './run-listeners.ts';
import { assertCommitted, resumeChange } from './start-run.ts';
import { madeChanges } from './steps/effect-memory.ts';

/** What the service needs. */
export interface RunServiceOptions {
  readonly tenants: TenantOpener;
  /** Their schemas say what is masked. */
  readonly actions: Pick<ActionPath, 'list'>;
  readonly listeners: RunListeners;
  readonly replay: Replay;
  readonly clock: Clock;
  readonly cancel: CancelRun;
}

/** @returns the runs of one tenant */
export function createRunService(tenantId: string, { tenants, actions, listeners, replay, clock, cancel }: RunServiceOptions): RunService {
  return {
    list: async (filter) => listRuns((await tenants.open(tenantId)).state, filter),
    get: async (runId, { unmasked = false } = {}) => {
      const { state } = await tenants.open(tenantId);
      const run = await readRun(state, runId);
      return run === undefined ? undefined : toRun(run.record, await shownSteps(state, run.steps), actions, { unmasked });
    },
    count: async (): Promise<readonly Aggregate[]> =>
      (await tenants.open(tenantId)).state.aggregate(RUNS, { index: 'by_state', groupBy: 'state' }),
    resolve: async (runId, decision, output) => {
      const { state } = await tenants.open(tenantId);
      const run = await readRun(state, runId);
      if (run === undefined) throw new TendrilError('RUN_UNKNOWN', { runId });
      const step = run.steps.find((candidate) => candidate.state === 'needs_review' && candidate.endedAt === undefined);
      if (step === undefined || run.record.state !== 'needs_review')
        throw new TendrilError('RUN_NOT_IN_REVIEW', { runId, state: run.record.state });
      const record: RunRecord = { ...run.record, state: 'running' };
      const result = await state.commit([
        { op: 'put', table: RUNS, value: record as unknown as JsonObject, expect: run.version },
        {
          op: 'put',
          table: JOURNAL,
          value: decided(step, decision, output, { now: clock.now(), steps: run.steps }) as unknown as JsonObject,
        },
        ...(decision === 'happened' ? madeChanges({ run: run.record, now: () => clock.now() }, step, { output: output ?? null }) : []),
        resumeChange(runId, clock.now()),
      ]);
      assertCommitted(result, { runId });
      listeners.changed(tenantId, record);
    },
    cancel: (runId, cancelling) => cancel(tenantId, runId, cancelling),
    approvals: async (filter) => listApprovals((await tenants.open(tenantId)).state, filter),
    decide: async (approvalId, decision) => decideApproval((await tenants.open(tenantId)).state, clock, approvalId, decision),
    replay: (runId, options = {}) => replay.one(tenantId, runId, options),
    replayMany: (filter, options) => replay.many(tenantId, filter, options),
    subscribe: (listener) => listeners.subscribe(tenantId, listener),
  };
}

/** Without what the run only notes for itself. */
function shownSteps(state: TenantState, steps: readonly StepRecord[]): Promise<readonly StepRecord[]> {
  return withLargeValues(
    state,
    steps.filter(({ path }) => path !== END_PATH),
    (_record, name) => name === 'input' || name === 'output',
  );
}

function decided(
  step: StepRecord,
  decision: 'happened' | 'retry' | 'fail',
  output: Json | undefined,
  { now, steps }: { readonly now: number; readonly steps: readonly StepRecord[] },
): StepRecord {
  const { intent: _intent, error: _error, ...rest } = step;
  if (decision === 'retry') return { ...rest, state: 'running' };
  if (decision === 'happened') return { ...rest, state: 'succeeded', output: output ?? null, endedAt: now, sequence: nextSequence(steps) };
  return { ...rest, state: 'failed', endedAt: now, error: step.error ?? keepError(new TendrilError('ACTION_NEEDS_REVIEW')) };
}

/** Its place in the order of undoing: the run may be cancelled before it comes to the step again. */
function nextSequence(steps: readonly StepRecord[]): number {
  let last = 0;
  for (const { sequence = 0 } of steps) last = Math.max(last, sequence);
  return last + 1;
}
