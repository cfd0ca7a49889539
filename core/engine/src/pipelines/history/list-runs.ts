import type { Page, TableQuery } from '@tendril/plugin-api';
import type { TenantState } from '../../ports.ts';
import type { RunFilter, RunInfo } from '../contract.ts';
import type { RunRecord } from '../runs/records.ts';
import { RUNS } from '../tables.ts';
import { toRunInfo } from './run-view.ts';

/** Which part of them. */
export interface RunPage {
  readonly limit?: number;
  readonly cursor?: string;
}

/** How many rows one question may look at before it answers with what it has: a filter that fits few must not hold up. */
const MOST_LOOKED_AT = 20_000;

/** Runs of a tenant, newest first. A page may hold fewer than asked for and still have a next one. */
export async function listRuns(state: TenantState, filter: RunFilter & RunPage): Promise<Page<RunInfo>> {
  const limit = Math.max(1, Math.min(filter.limit ?? 50, 1_000));
  const items: RunInfo[] = [];
  let cursor = filter.cursor;
  let lookedAt = 0;
  do {
    const page = await state.query(RUNS, {
      ...indexFor(filter),
      order: 'descending',
      limit: limit - items.length,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const runs = page.items.map((row) => row.value as unknown as RunRecord);
    items.push(...runs.filter((run) => matches(run, filter)).map((run) => toRunInfo(run)));
    cursor = page.nextCursor;
    lookedAt += page.items.length;
  } while (cursor !== undefined && items.length < limit && lookedAt < MOST_LOOKED_AT);
  return cursor === undefined ? { items } : { items, nextCursor: cursor };
}

/** The index that leaves the fewest rows to look at; its second field is when runs started. */
function indexFor({ person, pipeline, state, from, to }: RunFilter): TableQuery {
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  if (person !== undefined) return { index: 'by_person', equals: { personId: person }, ...range };
  if (state !== undefined && state !== 'succeeded') return { index: 'by_state', equals: { state }, ...range };
  if (pipeline !== undefined) return { index: 'by_pipeline', equals: { pipeline }, ...range };
  // Ids begin with the time of what started a run, which is not quite when it started.
  return state === undefined ? {} : { index: 'by_state', equals: { state }, ...range };
}

function matches(run: RunRecord, filter: RunFilter): boolean {
  const { person, pipeline, version, state, environment, from = -Infinity, to = Infinity, broadcastId, parentId } = filter;
  return (
    (person === undefined || run.personId === person) &&
    (pipeline === undefined || run.pipeline === pipeline) &&
    (version === undefined || run.version === version) &&
    (state === undefined || run.state === state) &&
    (environment === undefined || run.environment === environment) &&
    (broadcastId === undefined || run.broadcastId === broadcastId) &&
    (parentId === undefined || run.parent?.runId === parentId) &&
    run.startedAt >= from &&
    run.startedAt < to
  );
}
