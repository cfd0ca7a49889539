import { TendrilError } from '@tendril/plugin-api';
import type { Aggregate, Clock, Json, JsonObject, Page, TableQuery } from '@tendril/plugin-api';
import type { Run, RunInfo, RunService } from '../../hub.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import { JOURNAL, RUNS } from '../tables.ts';
import { keepError } from './kept-error.ts';
import { toRunInfo, toStepInfo, withoutUndefined } from './records.ts';
import type { RunRecord, StepRecord } from './records.ts';
import { readRun } from './run-executor.ts';
import type { RunListeners } from './run-listeners.ts';
import { assertCommitted, resumeChange } from './start-run.ts';

/** What the service needs. */
export interface RunServiceOptions {
  readonly tenants: TenantOpener;
  readonly listeners: RunListeners;
  readonly clock: Clock;
}

type Filter = Parameters<RunService['list']>[0];

/** @returns the runs of one tenant */
export function createRunService(tenantId: string, { tenants, listeners, clock }: RunServiceOptions): RunService {
  return {
    list: async (filter) => listRuns((await tenants.open(tenantId)).state, filter),
    get: async (runId) => {
      const run = await readRun((await tenants.open(tenantId)).state, runId);
      return run === undefined ? undefined : toRun(run.record, run.steps);
    },
    count: async (): Promise<readonly Aggregate[]> =>
      (await tenants.open(tenantId)).state.aggregate(RUNS, { index: 'by_state', groupBy: 'state' }),
    resolve: async (runId, decision, output) => {
      const { state } = await tenants.open(tenantId);
      const run = await readRun(state, runId);
      if (run === undefined) throw new TendrilError('RUN_UNKNOWN', { runId });
      const step = run.steps.find((candidate) => candidate.state === 'needs_review');
      if (step === undefined || run.record.state !== 'needs_review')
        throw new TendrilError('RUN_NOT_IN_REVIEW', { runId, state: run.record.state });
      const record: RunRecord = { ...run.record, state: 'running' };
      const result = await state.commit([
        { op: 'put', table: RUNS, value: record as unknown as JsonObject, expect: run.version },
        { op: 'put', table: JOURNAL, value: decided(step, decision, output, clock.now()) as unknown as JsonObject },
        resumeChange(runId, clock.now()),
      ]);
      assertCommitted(result, { runId });
      listeners.changed(tenantId, record);
    },
    subscribe: (listener) => listeners.subscribe(tenantId, listener),
  };
}

function decided(step: StepRecord, decision: 'happened' | 'retry' | 'fail', output: Json | undefined, now: number): StepRecord {
  const { intent: _intent, error: _error, ...rest } = step;
  if (decision === 'retry') return { ...rest, state: 'running' };
  if (decision === 'happened') return { ...rest, state: 'succeeded', output: output ?? null, endedAt: now };
  return { ...rest, state: 'failed', endedAt: now, error: step.error ?? keepError(new TendrilError('ACTION_NEEDS_REVIEW')) };
}

function toRun(record: RunRecord, steps: readonly StepRecord[]): Run {
  const inOrder = steps.toSorted((a, b) => comparePaths(a.path, b.path)).map(toStepInfo);
  return { ...toRunInfo(record), steps: inOrder, settings: record.settings, ...withoutUndefined({ requestId: record.requestId }) };
}

/** In the order of the definition: numbers by size, the rest as text. */
function comparePaths(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

async function listRuns(state: Awaited<ReturnType<TenantOpener['open']>>['state'], filter: Filter): Promise<Page<RunInfo>> {
  const limit = Math.max(1, Math.min(filter.limit ?? 50, 1_000));
  const items: RunInfo[] = [];
  let cursor = filter.cursor;
  do {
    const page = await state.query(RUNS, {
      ...indexFor(filter),
      order: 'descending',
      limit: limit - items.length,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const runs = page.items.map((row) => row.value as unknown as RunRecord);
    items.push(...runs.filter((run) => matches(run, filter)).map(toRunInfo));
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < limit);
  return cursor === undefined ? { items } : { items, nextCursor: cursor };
}

/** The index that leaves the fewest rows to look at. */
function indexFor({ person, pipeline, state }: Filter): TableQuery {
  if (person !== undefined) return { index: 'by_person', equals: { personId: person } };
  if (state !== undefined && state !== 'succeeded') return { index: 'by_state', equals: { state } };
  if (pipeline !== undefined) return { index: 'by_pipeline', equals: { pipeline } };
  return state === undefined ? {} : { index: 'by_state', equals: { state } };
}

function matches(run: RunRecord, { person, pipeline, state }: Filter): boolean {
  return (
    (person === undefined || run.personId === person) &&
    (pipeline === undefined || run.pipeline === pipeline) &&
    (state === undefined || run.state === state)
  );
}
