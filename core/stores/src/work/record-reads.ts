import type { Aggregate, AggregateQuery, Json, TableQuery } from '@tendril/plugin-api';
import { decodeValue, TAG } from '../tables/entry-encoding.ts';
import { findIndex, fromCursor, invalidQuery, keyRangeOf, limitOf, rangeOf, toCursor } from '../tables/query-range.ts';
import type { Place, Range } from '../tables/query-range.ts';
import { encodeKey } from '../tables/table-definition.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import { findTable, recordPlace } from './state-scope.ts';
import type { StateScope } from './state-scope.ts';
import { ask, bytesOf, foresee, numberOf } from './step.ts';
import type { SqlRow, Work } from './step.ts';

const GROUPS_AT_ONCE = 5_000;

/** A row whose value is JSON text still. */
export interface TextRow {
  readonly version: number;
  readonly json: string;
}

/** A page of them. */
export interface TextPage {
  readonly items: readonly TextRow[];
  readonly nextCursor?: string;
}

function openRow(scope: StateScope, table: TableDefinition, key: Uint8Array, row: SqlRow): TextRow {
  return { version: numberOf(row, 'version'), json: scope.tenant.keyring.open(row, recordPlace(scope.tenant, table.spec, key)) };
}

/** Rows in the order of the keys. */
export function* readRows(scope: StateScope, tableName: string, keys: readonly string[]): Work<readonly (TextRow | undefined)[]> {
  const table = findTable(scope.tables, tableName);
  const stored = keys.map((key) => encodeKey(table.spec, key, scope.tenant.keyring.hash));
  const steps = stored.map((key) => ({ sql: scope.sql.readRecord, key, values: [scope.tenant.tenantNo, table.tableNo, key] }));
  if (steps.length > 1) yield* foresee(steps);
  const rows: (TextRow | undefined)[] = [];
  for (const { key, ...step } of steps) {
    const [row] = yield step;
    rows.push(row === undefined ? undefined : openRow(scope, table, key, row));
  }
  return rows;
}

/** One page in the order of an index, ties in the order of the keys; or in the order of the keys. */
export function* queryRows(scope: StateScope, tableName: string, query: TableQuery): Work<TextPage> {
  const table = findTable(scope.tables, tableName);
  const limit = limitOf(table.spec, query.limit);
  const after = fromCursor(table.spec, query.cursor);
  const rows =
    query.index === undefined
      ? yield* walkKeys(scope, table, query, after, limit + 1)
      : yield* walkIndex(scope, table, query, query.index, after, limit + 1);
  const page = rows.slice(0, limit);
  const items = page.map((row) => openRow(scope, table, bytesOf(row, 'record_key'), row));
  const last = page.at(-1);
  if (rows.length <= limit || last === undefined) return { items };
  const entry = last['entry'];
  return {
    items,
    nextCursor: toCursor({ entry: entry instanceof Uint8Array ? entry : new Uint8Array(), key: bytesOf(last, 'record_key') }),
  };
}

function* walkKeys(
  scope: StateScope,
  table: TableDefinition,
  query: TableQuery,
  after: Place | undefined,
  limit: number,
): Work<readonly SqlRow[]> {
  const { sql, tenant } = scope;
  const { low, high } = keyRangeOf(table.spec, query, tenant.keyring.hash);
  if (query.order === 'descending') return yield* ask(sql.keysDescending, tenant.tenantNo, table.tableNo, low, after?.key ?? high, limit);
  return yield* ask(sql.keysAscending, tenant.tenantNo, table.tableNo, after === undefined ? low : justAbove(after.key), high, limit);
}

// The rest of the cursor's own entry first, then what lies behind it: two plain ranges, where one comparison of two
// columns would read all ties again for each page on MySQL.
function* walkIndex(
  scope: StateScope,
  table: TableDefinition,
  query: TableQuery,
  indexName: string,
  after: Place | undefined,
  limit: number,
): Work<readonly SqlRow[]> {
  const { sql, tenant } = scope;
  const index = findIndex(table, indexName);
  const range = rangeOf(table.spec, index.fields, query, tenant.keyring.hash);
  const isDescending = query.order === 'descending';
  const ties: readonly SqlRow[] =
    after === undefined
      ? []
      : yield* ask(
          isDescending ? sql.tiesDescending : sql.tiesAscending,
          table.tableNo,
          tenant.tenantNo,
          index.indexNo,
          after.entry,
          after.key,
          limit,
        );
  if (after !== undefined && !isWithin(range, after.entry)) throw invalidQuery(table.spec, 'cursor');
  if (ties.length >= limit) return ties;
  const { low, high } = remainder(range, after, isDescending);
  const sqlOfRange = isDescending ? sql.rangeDescending : sql.rangeAscending;
  const rest = yield* ask(sqlOfRange, table.tableNo, tenant.tenantNo, index.indexNo, low, high, limit - ties.length);
  return [...ties, ...rest];
}

function remainder(range: Range, after: Place | undefined, isDescending: boolean): Range {
  if (after === undefined) return range;
  return isDescending ? { low: range.low, high: after.entry } : { low: justAbove(after.entry), high: range.high };
}

function isWithin(range: Range, entry: Uint8Array): boolean {
  return Buffer.compare(entry, range.low) >= 0 && Buffer.compare(entry, range.high) < 0;
}

function justAbove(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.of(0)]);
}

interface Group {
  value: Json;
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  hasNumbers: boolean;
}

/** Groups in ascending order, from the entries of an index alone. */
export function* aggregateRows(scope: StateScope, tableName: string, query: AggregateQuery): Work<readonly Aggregate[]> {
  const table = findTable(scope.tables, tableName);
  const index = findIndex(table, query.index);
  const range = rangeOf(table.spec, index.fields, query, scope.tenant.keyring.hash);
  const fixed = Object.keys(query.equals ?? {}).length;
  if (query.groupBy !== undefined && (index.fields[fixed] !== query.groupBy || table.spec.personal.includes(query.groupBy)))
    throw invalidQuery(table.spec, 'groupBy');
  const of = query.of === undefined ? undefined : index.fields.indexOf(query.of);
  if (of === -1) throw invalidQuery(table.spec, 'of');
  const groups = new Map<string, Group>();
  if (query.groupBy === undefined) groups.set('', emptyGroup(null));
  let low = range.low;
  for (;;) {
    const rows = yield* ask(scope.sql.entryGroups, scope.tenant.tenantNo, index.indexNo, low, range.high, GROUPS_AT_ONCE);
    for (const row of rows)
      addToGroup(groups, bytesOf(row, 'entry'), numberOf(row, 'count'), query.groupBy === undefined ? undefined : fixed, of);
    const last = rows.at(-1);
    if (rows.length < GROUPS_AT_ONCE || last === undefined)
      return [...groups.values()].map((group) => toAggregate(group, of !== undefined));
    low = justAbove(bytesOf(last, 'entry'));
  }
}

function emptyGroup(value: Json): Group {
  return { value, count: 0, sum: 0, minimum: Infinity, maximum: -Infinity, hasNumbers: false };
}

function addToGroup(
  groups: Map<string, Group>,
  entry: Uint8Array,
  count: number,
  groupField: number | undefined,
  of: number | undefined,
): void {
  const groupAt = groupField === undefined ? 0 : startOf(entry, groupField);
  const decoded = groupField === undefined ? undefined : decodeValue(entry, groupAt);
  const id = decoded === undefined ? '' : Buffer.from(entry.subarray(groupAt, decoded.end)).toString('latin1');
  const group = groups.get(id) ?? emptyGroup(decoded?.value ?? null);
  groups.set(id, group);
  group.count += count;
  if (of === undefined) return;
  const { tag, value } = decodeValue(entry, startOf(entry, of));
  if (tag !== TAG.number) return;
  group.hasNumbers = true;
  group.sum += Number(value) * count;
  group.minimum = Math.min(group.minimum, Number(value));
  group.maximum = Math.max(group.maximum, Number(value));
}

function startOf(entry: Uint8Array, field: number): number {
  let start = 0;
  for (let i = 0; i < field; i += 1) start = decodeValue(entry, start).end;
  return start;
}

function toAggregate(group: Group, hasNumberField: boolean): Aggregate {
  const { value, count, sum, minimum, maximum } = group;
  if (!hasNumberField) return { group: value, count };
  return group.hasNumbers ? { group: value, count, sum, minimum, maximum } : { group: value, count, sum };
}
