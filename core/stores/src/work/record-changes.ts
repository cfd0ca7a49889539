import { decodeValue } from '../tables/entry-encoding.ts';
import { missingFrom, packEntries, unpackEntries } from '../tables/entry-list.ts';
import { encodeKey, entriesOf, isComplete, keyOf } from '../tables/table-definition.ts';
import type { IndexEntry, TableDefinition } from '../tables/table-definition.ts';
import type { Outcome } from './outcome.ts';
import type { NamedChange } from './packed-changes.ts';
import { findTable, recordPlace } from './state-scope.ts';
import type { StateScope } from './state-scope.ts';
import { ask, bytesOf, numberOf } from './step.ts';
import type { SqlValue, Work } from './step.ts';

const DONE: Outcome = {};

/** Writes a row and its index entries. */
export function* putRow(scope: StateScope, change: Extract<NamedChange, { readonly op: 'put' }>): Work<Outcome> {
  const { tenant } = scope;
  const { value, expect } = change;
  const table = findTable(scope.tables, change.table);
  const key = encodeKey(table.spec, keyOf(table.spec, value), tenant.keyring.hash);
  const entries = entriesOf(table, value, tenant.keyring.hash);
  const sealed = tenant.keyring.seal(change.json, recordPlace(tenant, table.spec, key));
  const written: WrittenRow = { table, key, entries, columns: [sealed.codec, sealed.keyId, sealed.bytes, packEntries(entries)] };
  // Most rows are new: inserting at once spares the question whether they are.
  if ((expect ?? 0) === 0 && (yield* insertRow(scope, written))) return yield* addEntries(scope, written, entries);
  if (expect === 0) return { refusal: 'version' };
  return yield* updateRow(scope, written, expect);
}

interface WrittenRow {
  readonly table: TableDefinition;
  readonly key: Uint8Array;
  readonly entries: readonly IndexEntry[];
  /** Sealed columns and packed entries, in the order of the statements. */
  readonly columns: readonly SqlValue[];
}

function* insertRow({ sql, tenant }: StateScope, { table, key, columns }: WrittenRow): Work<boolean> {
  const [result] = yield* ask(sql.insertRecord, tenant.tenantNo, table.tableNo, key, 1, ...columns);
  return result !== undefined && numberOf(result, 'changes') > 0;
}

function* updateRow(scope: StateScope, row: WrittenRow, expect: number | undefined): Work<Outcome> {
  const { sql, tenant } = scope;
  const [found] = yield* ask(sql.findRecord, tenant.tenantNo, row.table.tableNo, row.key);
  if (found === undefined || (expect !== undefined && expect !== numberOf(found, 'version'))) return { refusal: 'version' };
  const before = unpackEntries(bytesOf(found, 'entries'));
  yield* moveEntries(scope, row.key, missingFrom(before, row.entries), []);
  yield* ask(sql.updateRecord, numberOf(found, 'version') + 1, ...row.columns, tenant.tenantNo, row.table.tableNo, row.key);
  return yield* addEntries(scope, row, missingFrom(row.entries, before));
}

function* addEntries(scope: StateScope, { table, key }: WrittenRow, added: readonly IndexEntry[]): Work<Outcome> {
  if (table.indexes.some(({ isUnique }) => isUnique) && (yield* isAnyTaken(scope, table, added, key))) return { refusal: 'unique' };
  yield* moveEntries(scope, key, [], added);
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
  // Most of all statements are these: a generator for each would cost as much as the statement.
  for (const { indexNo, entry } of removed) yield { sql: sql.deleteEntry, values: [tenant.tenantNo, indexNo, entry, key] };
  for (const { indexNo, entry } of added) yield { sql: sql.insertEntry, values: [tenant.tenantNo, indexNo, entry, key] };
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
