import type { Row, TableQuery } from '@tendril/plugin-api';
import type { Change, TableSpec, TenantState } from '../../ports.ts';
import { timeOfRunId } from '../runs/records.ts';
import type { RunRecord } from '../runs/records.ts';
import { BLOBS, JOURNAL, RUNS } from '../tables.ts';

/** How long runs of a pipeline are kept after their end, in milliseconds. */
export type RetentionOf = (pipeline: string) => Promise<number>;

/** How far a pass over the runs has come. */
export interface PrunePass {
  /** Where to go on; the pass is over without it. */
  readonly cursor: string | undefined;
  readonly deleted: number;
}

const PAGE = 200;
/** Rows of one commit: small enough that nobody else waits for it. */
const ROWS_PER_COMMIT = 500;

/**
 * Deletes ended runs that are older than their pipeline keeps them, with their steps and large values: one page of runs,
 * oldest first. A run whose steps do not fit into one commit loses them first and itself last, so that a crash in between
 * leaves nothing that is never found again.
 */
export async function pruneRuns(
  state: TenantState,
  options: { readonly now: number; readonly cursor: string | undefined; readonly retentionOf: RetentionOf; readonly shortestMs: number },
): Promise<PrunePass> {
  const page = await state.query(RUNS, { limit: PAGE, ...(options.cursor === undefined ? {} : { cursor: options.cursor }) });
  let deleted = 0;
  let pending: Change[] = [];
  const waitedFor = await idsOfWaitedFor(state, page.items);
  for (const row of page.items) {
    const run = row.value as unknown as RunRecord;
    // Ids are in the order of time: behind this one nothing can have ended long ago enough.
    if (timeOfRunId(run.id) > options.now - options.shortestMs) return finish(state, pending, { cursor: undefined, deleted });
    if (run.endedAt === undefined || run.endedAt > options.now - (await options.retentionOf(run.pipeline))) continue;
    if (waitedFor.has(run.id)) continue;
    pending.push(...(await deletionOf(state, run.id)), { op: 'delete', table: RUNS, key: run.id, expect: row.version });
    deleted += 1;
    if (pending.length < ROWS_PER_COMMIT) continue;
    await commitAll(state, pending);
    pending = [];
  }
  return finish(state, pending, { cursor: page.nextCursor, deleted });
}

/** Those that another run has called that has not ended: it may not have read yet what they came to. */
async function idsOfWaitedFor(state: TenantState, rows: readonly Row[]): Promise<ReadonlySet<string>> {
  const called = rows.flatMap(({ value }) => {
    const { id, parent } = value as unknown as RunRecord;
    return parent === undefined ? [] : [{ id, parentId: parent.runId }];
  });
  if (called.length === 0) return new Set();
  const parents = await state.get(
    RUNS,
    called.map(({ parentId }) => parentId),
  );
  const isOpen = (row: Row | undefined): boolean => row !== undefined && (row.value as unknown as RunRecord).endedAt === undefined;
  return new Set(called.filter((_, index) => isOpen(parents[index])).map(({ id }) => id));
}

async function finish(state: TenantState, pending: readonly Change[], pass: PrunePass): Promise<PrunePass> {
  await commitAll(state, pending);
  return pass;
}

async function deletionOf(state: TenantState, runId: string): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const table of [JOURNAL, BLOBS]) for (const key of await keysBelow(state, table, runId)) changes.push({ op: 'delete', table, key });
  return changes;
}

async function keysBelow(state: TenantState, table: TableSpec, runId: string): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const query: TableQuery = { from: `${runId}/`, to: `${runId}0`, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) };
    const page = await state.query(table, query);
    keys.push(...page.items.map(({ key }) => key));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return keys;
}

/** In pieces. One that fails because somebody wrote the run meanwhile is left for the next pass. */
async function commitAll(state: TenantState, changes: readonly Change[]): Promise<void> {
  for (let start = 0; start < changes.length; start += ROWS_PER_COMMIT) await state.commit(changes.slice(start, start + ROWS_PER_COMMIT));
}
