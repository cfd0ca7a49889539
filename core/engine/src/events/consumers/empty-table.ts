import type { JsonObject } from '@tendril/plugin-api';
import type { Change, TableSpec, TenantState } from '../../ports.ts';

const ROWS_AT_ONCE = 1_000;

/** Deletes all rows of a table, some at once. What is deleted is gone, so it may be cut short anywhere and begun again. */
export async function emptyTable(
  state: TenantState,
  table: TableSpec,
  commit: (deletions: readonly Change[]) => Promise<void>,
): Promise<void> {
  for (;;) {
    const { items } = await state.query(table, { limit: ROWS_AT_ONCE });
    if (items.length === 0) return;
    await commit(items.map(({ value }): Change => ({ op: 'delete', table, key: keyIn(value, table) })));
  }
}

/** The row's key in the clear: of a personal one the store gives the hash. */
function keyIn(value: JsonObject, { key }: TableSpec): string {
  const found = value[key];
  return typeof found === 'string' ? found : '';
}
