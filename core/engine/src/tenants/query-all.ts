import type { Row, TableQuery } from '@tendril/plugin-api';
import type { TableSpec, TenantState } from '../ports.ts';

/** All rows that a query finds, page after page: for tables that stay small. */
export async function queryAll(state: TenantState, table: TableSpec, query: TableQuery = {}): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await state.query(table, { limit: 1_000, ...query, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return rows;
}
