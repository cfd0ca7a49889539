import type { JsonObject } from '@tendril/plugin-api';
import { TendrilError } from '@tendril/plugin-api';
import type { TableSpec } from '@tendril/engine/ports';
import { missingFrom, packEntries, unpackEntries } from '../tables/entry-list.ts';
import { checkTable, entriesOf, fingerprintOf, keyFingerprintOf } from '../tables/table-definition.ts';
import type { IndexDefinition, TableDefinition } from '../tables/table-definition.ts';
import { moveEntries } from './record-changes.ts';
import { recordPlace } from './state-scope.ts';
import type { StateScope } from './state-scope.ts';
import type { StateSql } from './state-sql.ts';
import { ask, bytesOf, numberOf, textOf } from './step.ts';
import type { SqlRow, Work } from './step.ts';

const ROWS_AT_ONCE = 200;

/**
 * Gives a table and its indexes their numbers. An index whose definition changed gets a new one, and each tenant with
 * rows is noted: the entries are made anew when the tenant's keys are at hand.
 *
 * @throws TendrilError CONFIG_INVALID when the key of a table with rows changed, or an index is out of bounds
 */
export function* defineTable(sql: StateSql, spec: TableSpec): Work<TableDefinition> {
  checkTable(spec);
  const tableNo = yield* numberTable(sql, spec);
  const known = yield* ask(sql.indexesOfTable, tableNo);
  const indexes: IndexDefinition[] = [];
  let isChanged = false;
  for (const [name, index] of Object.entries(spec.indexes)) {
    const fingerprint = fingerprintOf(spec, index);
    const existing = known.find((row) => textOf(row, 'name') === name);
    const isSame = existing !== undefined && textOf(existing, 'fingerprint') === fingerprint;
    if (!isSame) isChanged = true;
    const indexNo = isSame ? numberOf(existing, 'index_no') : yield* numberIndex(sql, tableNo, name, fingerprint, existing);
    indexes.push({ indexNo, name, fields: index.fields, isUnique: index.unique ?? false });
  }
  for (const row of known.filter((candidate) => spec.indexes[textOf(candidate, 'name')] === undefined)) {
    yield* ask(sql.deleteIndex, numberOf(row, 'index_no'));
    isChanged = true;
  }
  if (isChanged) yield* noteRebuilds(sql, tableNo);
  return { tableNo, spec, indexes };
}

function* numberTable(sql: StateSql, spec: TableSpec): Work<number> {
  const fingerprint = keyFingerprintOf(spec);
  yield* ask(sql.insertTable, spec.name, fingerprint);
  const [row] = yield* ask(sql.findTable, spec.name);
  if (row === undefined) throw new TendrilError('INTERNAL', { table: spec.name });
  const tableNo = numberOf(row, 'table_no');
  if (textOf(row, 'key_fingerprint') === fingerprint) return tableNo;
  for (const { tenantNo } of yield* readTenants(sql)) {
    const found = yield* ask(sql.anyRecord, tenantNo, tableNo);
    if (found.length > 0)
      throw new TendrilError('CONFIG_INVALID', { table: spec.name, reason: 'the key of a table with rows cannot change' });
  }
  yield* ask(sql.updateTableKey, fingerprint, tableNo);
  return tableNo;
}

function* numberIndex(sql: StateSql, tableNo: number, name: string, fingerprint: string, existing: SqlRow | undefined): Work<number> {
  if (existing !== undefined) yield* ask(sql.deleteIndex, numberOf(existing, 'index_no'));
  yield* ask(sql.insertIndex, tableNo, name, fingerprint);
  const rows = yield* ask(sql.indexesOfTable, tableNo);
  const row = rows.find((candidate) => textOf(candidate, 'name') === name);
  if (row === undefined) throw new TendrilError('INTERNAL', { index: name });
  return numberOf(row, 'index_no');
}

function* noteRebuilds(sql: StateSql, tableNo: number): Work<void> {
  for (const { tenantNo } of yield* readTenants(sql)) {
    const found = yield* ask(sql.anyRecord, tenantNo, tableNo);
    if (found.length > 0) yield* ask(sql.insertRebuild, tenantNo, tableNo);
  }
}

function* readTenants(sql: StateSql): Work<readonly { readonly tenantNo: number }[]> {
  const rows = yield* ask(sql.tenants);
  return rows.map((row) => ({ tenantNo: numberOf(row, 'tenant_no') }));
}

/** The number of a tenant, given on first sight. */
export function* numberTenant(sql: StateSql, tenantId: string): Work<number> {
  let [row] = yield* ask(sql.findTenant, tenantId);
  if (row === undefined) {
    yield* ask(sql.insertTenant, tenantId);
    [row] = yield* ask(sql.findTenant, tenantId);
  }
  if (row === undefined) throw new TendrilError('INTERNAL', { tenant: tenantId });
  return numberOf(row, 'tenant_no');
}

/** Makes the entries of a tenant's rows anew where a definition has changed since they were written. */
export function* rebuildIndexes(scope: StateScope): Work<void> {
  const { sql, tenant } = scope;
  const pending = yield* ask(sql.rebuildsOfTenant, tenant.tenantNo);
  for (const row of pending) {
    const tableNo = numberOf(row, 'table_no');
    const table = [...scope.tables.values()].find((candidate) => candidate.tableNo === tableNo);
    if (table === undefined) continue;
    yield* rebuildTable(scope, table);
    yield* ask(sql.deleteRebuild, tenant.tenantNo, tableNo);
  }
}

function* rebuildTable(scope: StateScope, table: TableDefinition): Work<void> {
  const { sql, tenant } = scope;
  let after: Uint8Array = Buffer.alloc(0);
  for (;;) {
    const rows = yield* ask(sql.recordsForRebuild, tenant.tenantNo, table.tableNo, after, ROWS_AT_ONCE);
    for (const row of rows) yield* rebuildRow(scope, table, row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_AT_ONCE) return;
    after = bytesOf(last, 'record_key');
  }
}

function* rebuildRow(scope: StateScope, table: TableDefinition, row: SqlRow): Work<void> {
  const { sql, tenant } = scope;
  const key = bytesOf(row, 'record_key');
  const value = JSON.parse(tenant.keyring.open(row, recordPlace(tenant, table.spec, key))) as JsonObject;
  const before = unpackEntries(bytesOf(row, 'entries'));
  const entries = entriesOf(table, value, tenant.keyring.hash);
  yield* moveEntries(scope, key, missingFrom(before, entries), missingFrom(entries, before));
  yield* ask(sql.setRecordEntries, packEntries(entries), tenant.tenantNo, table.tableNo, key);
}
