import { TendrilError } from '@tendril/plugin-api';
import type { Aggregate, AggregateQuery, Json, JsonObject, Page, Row, TableQuery } from '@tendril/plugin-api';
import type { TenantKeys } from '@tendril/engine/ports';
import { openInMemory } from './memory-log.ts';
import { cellValue, compareCells, compareEntries, compareText, toCell } from './memory-order.ts';
import type { Cell } from './memory-order.ts';
import type { MemoryRow, MemoryTable } from './memory-tables.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

interface Hit {
  readonly entry: readonly Cell[];
  readonly row: MemoryRow;
}

function openRow(row: MemoryRow, keys: TenantKeys): Row {
  return { key: row.key, version: row.version, value: JSON.parse(openInMemory(row.sealed, keys)) as JsonObject };
}

/** Rows in the order of the keys. */
export function getRows(table: MemoryTable, keys: TenantKeys, names: readonly string[]): readonly (Row | undefined)[] {
  return names.map((name) => {
    const row = table.rows.get(name);
    return row === undefined ? undefined : openRow(row, keys);
  });
}

/** One page in the order of an index, or of the keys. */
export function queryTable(table: MemoryTable, keys: TenantKeys, query: TableQuery): Page<Row> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw invalid(table, 'limit');
  const sign = query.order === 'descending' ? -1 : 1;
  const compare = (a: Hit, b: Hit): number => sign * (compareEntries(a.entry, b.entry) || compareText(a.row.key, b.row.key));
  const hits = hitsOf(table, query).toSorted(compare);
  const after = query.cursor === undefined ? undefined : fromCursor(table, query.cursor);
  const rest = after === undefined ? hits : hits.filter((hit) => compare(hit, after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const items = page.map(({ row }) => openRow(row, keys));
  return rest.length > limit && last !== undefined ? { items, nextCursor: toCursor(last) } : { items };
}

/** Groups in ascending order of their value. */
export function aggregateTable(table: MemoryTable, query: AggregateQuery): readonly Aggregate[] {
  const fields = fieldsOf(table, query.index);
  const fixed = Object.keys(query.equals ?? {}).length;
  if (query.groupBy !== undefined && (fields[fixed] !== query.groupBy || table.spec.personal.includes(query.groupBy)))
    throw invalid(table, 'groupBy');
  const of = query.of === undefined ? undefined : fields.indexOf(query.of);
  if (of === -1) throw invalid(table, 'of');
  const hits = hitsOf(table, query).toSorted((a, b) => compareEntries(a.entry, b.entry));
  if (query.groupBy === undefined) return [summary(null, hits, of)];
  const groups = Map.groupBy(hits, (hit) => JSON.stringify(hit.entry[fixed]));
  return [...groups.values()].map((group) => {
    const cell = group[0]?.entry[fixed];
    return summary(cell === undefined ? null : cellValue(cell), group, of);
  });
}

function summary(group: Json, hits: readonly Hit[], of: number | undefined): Aggregate {
  if (of === undefined) return { group, count: hits.length };
  const numbers = hits.flatMap((hit) => {
    const cell = hit.entry[of];
    return cell?.rank === 2 ? [Number(cell.value)] : [];
  });
  const sum = numbers.reduce((total, value) => total + value, 0);
  if (numbers.length === 0) return { group, count: hits.length, sum };
  return { group, count: hits.length, sum, minimum: Math.min(...numbers), maximum: Math.max(...numbers) };
}

function hitsOf(table: MemoryTable, query: TableQuery): readonly Hit[] {
  const fields = fieldsOf(table, query.index);
  const names = Object.keys(query.equals ?? {});
  if (names.length > fields.length || fields.slice(0, names.length).some((field) => !names.includes(field))) throw invalid(table, 'equals');
  const prefix = fields.slice(0, names.length).map((field) => toCell(query.equals?.[field], table.spec.personal.includes(field)));
  const isWithin = rangeOf(table, fields[names.length], query);
  const hits = [...table.rows.values()].flatMap((row) =>
    (query.index === undefined
      ? [[toCell(row.key, table.spec.personal.includes(table.spec.key))]]
      : (row.entries.get(query.index) ?? [])
    ).map((entry) => ({ entry, row })),
  );
  return hits.filter(({ entry }) => compareEntries(prefix, entry.slice(0, prefix.length)) === 0 && isWithin(entry[prefix.length]));
}

/** A bound that is missing is the end of the other bound's type, so that nulls are not below a date. */
function rangeOf(table: MemoryTable, field: string | undefined, query: TableQuery): (cell: Cell | undefined) => boolean {
  if (query.from === undefined && query.to === undefined) return () => true;
  if (field === undefined || table.spec.personal.includes(field)) throw invalid(table, 'from');
  const from = query.from === undefined ? undefined : toCell(query.from, false);
  const to = query.to === undefined ? undefined : toCell(query.to, false);
  return (cell) => {
    if (cell === undefined) return false;
    if (from !== undefined ? compareCells(cell, from) < 0 : cell.rank < (to?.rank ?? 0)) return false;
    return to !== undefined ? compareCells(cell, to) < 0 : cell.rank <= (from?.rank ?? Infinity);
  };
}

function fieldsOf(table: MemoryTable, index: string | undefined): readonly string[] {
  const fields = index === undefined ? [table.spec.key] : table.spec.indexes[index]?.fields;
  if (fields === undefined) throw invalid(table, 'index');
  return fields;
}

function toCursor(hit: Hit): string {
  return Buffer.from(JSON.stringify([hit.entry, hit.row.key])).toString('base64url');
}

function fromCursor(table: MemoryTable, cursor: string): Hit {
  try {
    const [entry, key] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [Cell[], string];
    if (Array.isArray(entry) && typeof key === 'string')
      return { entry, row: { key, version: 0, sealed: { keyId: 0, key: new Uint8Array(), payload: '' }, entries: new Map() } };
  } catch {
    // falls through to the same refusal
  }
  throw invalid(table, 'cursor');
}

function invalid(table: MemoryTable, field: string): TendrilError {
  return new TendrilError('INPUT_INVALID', { table: table.spec.name, field });
}
