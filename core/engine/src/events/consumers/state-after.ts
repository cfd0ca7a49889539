import type { Row } from '@tendril/plugin-api';
import type { Change, PutRow, TenantState } from '../../ports.ts';

/** A row as a commit will leave it; `undefined` where only the store can tell its version. */
type Left = { readonly row: LeftRow | undefined } | undefined;

interface LeftRow {
  readonly version: number;
  readonly put: PutRow;
}

/**
 * The state as it will be once changes that are being committed are there: rows that they write are known before, everything
 * else is as it was. Questions to an index, and rows whose versions only the store knows, wait for the commit.
 *
 * @param committed resolves when the changes are there; when it rejects, whatever was made of this state is worth nothing
 */
export function stateAfter(state: TenantState, changes: readonly Change[], committed: Promise<unknown>): TenantState {
  const left = new Map<string, Map<string, Left>>();
  for (const change of changes) {
    if (change.op !== 'put' && change.op !== 'delete') continue;
    const rows = left.get(change.table.name) ?? new Map<string, Left>();
    left.set(change.table.name, rows);
    if (change.op === 'delete') rows.set(change.key, { row: undefined });
    else leave(rows, change);
  }
  const later =
    <Input extends readonly unknown[], Output>(ask: (...input: Input) => Promise<Output>) =>
    async (...input: Input): Promise<Output> => {
      await committed;
      return ask(...input);
    };
  return {
    get: async (table, keys) => {
      const rows = left.get(table.name);
      if (rows === undefined) return state.get(table, keys);
      const unknown = keys.filter((key) => rows.get(key) === undefined);
      if (unknown.some((key) => rows.has(key))) await committed;
      const read = unknown.length === 0 ? [] : await state.get(table, unknown);
      const found = new Map(unknown.map((key, index) => [key, read[index]]));
      return keys.map((key) => {
        const known = rows.get(key);
        return known === undefined ? found.get(key) : toRow(key, known.row);
      });
    },
    query: later((table, query) => state.query(table, query)),
    aggregate: later((table, query) => state.aggregate(table, query)),
    counters: later((names) => state.counters(names)),
    commit: later((more) => state.commit(more)),
  };
}

function leave(rows: Map<string, Left>, put: PutRow): void {
  const { table, text, expect } = put;
  const key = (text?.members ?? put.value)[table.key] as string;
  const before = rows.has(key) ? rows.get(key)?.row?.version : expect;
  const isFresh = !rows.has(key) || before === expect;
  rows.set(key, expect === undefined || !isFresh ? undefined : { row: { version: expect + 1, put } });
}

/** Whoever reads a row twice gets two. */
function toRow(key: string, left: LeftRow | undefined): Row | undefined {
  if (left === undefined) return undefined;
  const { version, put } = left;
  return { key, version, value: put.text === undefined ? structuredClone(put.value) : put.value };
}
