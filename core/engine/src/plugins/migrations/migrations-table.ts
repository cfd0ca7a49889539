import type { JsonObject } from '@tendril/plugin-api';
import type { TableSpec, TenantState } from '../../ports.ts';

/** In which version a tenant's tables of plugins are, where that is not the first. */
export const MIGRATIONS: TableSpec = { name: '_plugins.migrations', key: 'id', indexes: {}, personal: [] };

/** How far one table of one tenant is. */
export interface MigrationRecord {
  /** `plugin.table`. */
  readonly id: string;
  /** The version that all rows have, but for those in front of the cursor while `target` is there. */
  readonly version: number;
  /** The version that rows are being brought to. */
  readonly target?: number;
  /** Where to go on. */
  readonly cursor?: string;
  /** Rows that have been brought to `target` so far. */
  readonly moved: number;
  /** What stands in the way, without values. */
  readonly fault?: string;
}

/** With the version for a conditional write, 0 where there is none yet. */
export async function readMigration(
  state: TenantState,
  id: string,
): Promise<{ readonly record: MigrationRecord | undefined; readonly version: number }> {
  const [row] = await state.get(MIGRATIONS, [id]);
  return { record: row?.value as MigrationRecord | undefined, version: row?.version ?? 0 };
}

/** To the row that `readMigration` reads. */
export function fromMigration(record: MigrationRecord): JsonObject {
  return record as unknown as JsonObject;
}
