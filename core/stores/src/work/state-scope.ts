import type { TableSpec } from '@tendril/engine/ports';
import { TendrilError } from '@tendril/plugin-api';
import type { TableDefinition } from '../tables/table-definition.ts';
import type { Keyring } from './keyring.ts';
import type { StateSql } from './state-sql.ts';

/** A tenant as the state knows it. */
export interface StateTenant {
  readonly tenantNo: number;
  readonly keyring: Keyring;
}

/** What work on one tenant's state needs. */
export interface StateScope {
  readonly sql: StateSql;
  readonly tenant: StateTenant;
  readonly tables: ReadonlyMap<string, TableDefinition>;
  /** Epoch milliseconds of the store's clock. */
  readonly now: number;
}

/** What work on jobs needs of it. */
export type JobScope = Pick<StateScope, 'sql' | 'tenant' | 'now'>;

/** @throws TendrilError INTERNAL when `defineTables` was not called with it */
export function findTable(tables: ReadonlyMap<string, TableDefinition>, name: string): TableDefinition {
  const definition = tables.get(name);
  if (definition === undefined) throw new TendrilError('INTERNAL', { table: name, reason: 'not defined' });
  return definition;
}

/** Binds a sealed record to its tenant, table and key. */
export function recordPlace(tenant: StateTenant, spec: TableSpec, storedKey: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${tenant.keyring.tenantId}\0record\0${spec.name}\0`), storedKey]);
}
