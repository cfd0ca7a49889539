import type { JsonObject } from '@tendril/plugin-api';
import { decodeValue } from '../tables/entry-encoding.ts';
import { missingFrom, packEntries, unpackEntries } from '../tables/entry-list.ts';
import { encodeKey, entriesOf, isComplete, keyOf } from '../tables/table-definition.ts';
import type { IndexEntry, TableDefinition } from '../tables/table-definition.ts';
import type { Outcome } from './changeset.ts';
import { findTable, recordPlace } from './state-scope.ts';
import type { StateScope } from './state-scope.ts';
import { ask, bytesOf, numberOf } from './step.ts';
import type { Work } from './step.ts';

const DONE: Outcome = {};

/** Writes a row and its index entries. */
export function* putRow(scope: StateScope, tableName: string, value: JsonObject, expect: number | undefined): Work<Outcome> {
  const { sql, tenant } = scope;
  const table = findTable(scope.tables, tableName);
  const key = encodeKey(table.spec, keyOf(table.spec, value), tenant.keyring.hash);
  const [found] = yield* ask(sql.findRecord, tenant.tenantNo, table.tableNo, key);
  const version = found === undefined ? 0 : numberOf(found, 'version');
  if (expect !== undefined && expect !== version) return { refusal: 'version' };
  const entries = entriesOf(table, value, tenant.keyring.hash);
  const before = found === undefined ? [] : unpackEntries(bytesOf(found, 'entries'));
  const added = before.length === 0 ? entries : missingFrom(entries, before);
  if (yield* isAnyTaken(scope, table, added, key)) return { refusal: 'unique' };
  yield* moveEntries(scope, key, missingFrom(before, entries), added);
  const sealed = tenant.keyring.seal(JSON.stringify(value), recordPlace(tenant, table.spec, key));
  yield* ask(
    sql.putRecord,
    tenant.tenantNo,
    table.tableNo,
    key,
    version + 1,
    sealed.codec,
    sealed.keyId,
    sealed.bytes,
    packEntries(entries),
  );
  return DONE;
}

/** Deletes a row and its index entries; a row that is not there is no failure unless a version was expected. */
export function* deleteRow(scope: StateScope, tableName: string, key: string, expect: number | undefined): Work<Outcome> {
  const { sql, tenant } = scope;
  const table = findTable(scope.tables, tableName);
  const stored = encodeKey(table.spec, key, tenant.keyring.hash);
  const [found] = yield* ask(sql.findRecord, tenant.tenantNo, table.tableNo, stored);
  if (expect !== undefined && expect !== (found === undefined ? 0 : numberOf(found, 'version'))) return { refusal: 'version' };
  if (found === undefined) return DONE;
  yield* moveEntries(scope, stored, unpackEntries(bytesOf(found, 'entries')), []);
  yield* ask(sql.deleteRecord, tenant.tenantNo, table.tableNo, stored);
  return DONE;
}

/** Takes entries of a row away and adds others. */
export function* moveEntries(scope: StateScope, key: Uint8Array, removed: readonly IndexEntry[], added: readonly IndexEntry[]): Work<void> {
  const { sql, tenant } = scope;
  for (const { indexNo, entry } of removed) yield* ask(sql.deleteEntry, tenant.tenantNo, indexNo, entry, key);
  for (const { indexNo, entry } of added) yield* ask(sql.insertEntry, tenant.tenantNo, indexNo, entry, key);
}

function* isAnyTaken(scope: StateScope, table: TableDefinition, added: readonly IndexEntry[], key: Uint8Array): Work<boolean> {
  for (const { indexNo, entry } of added) {
    const index = table.indexes.find((candidate) => candidate.indexNo === indexNo);
    if (index === undefined || !index.isUnique || !isComplete(index, entry, decodeValue)) continue;
    const owners = yield* ask(scope.sql.entryOwner, scope.tenant.tenantNo, indexNo, entry, key);
    if (owners.length > 0) return true;
  }
  return false;
}
