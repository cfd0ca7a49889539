import type { IndexSpec, TableSpec } from '@tendril/engine/ports';
import type { Json, JsonObject } from '@tendril/plugin-api';

/** A field of an index entry: a value, or the stand-in of a personal one. */
export type Cell = { readonly rank: number; readonly value: number | string };

const RANK = { null: 0, false: 1, true: 1, number: 2, string: 3, hash: 4 } as const;

/** What an index holds for one value. Personal values and objects can only be told equal or not. */
export function toCell(value: Json | undefined, isPersonal: boolean): Cell {
  if (value === null || value === undefined) return { rank: RANK.null, value: 0 };
  if (isPersonal) return { rank: RANK.hash, value: JSON.stringify(value) };
  if (typeof value === 'boolean') return { rank: RANK.true, value: value ? 1 : 0 };
  if (typeof value === 'number') return { rank: RANK.number, value };
  if (typeof value === 'string') return { rank: RANK.string, value };
  return { rank: RANK.hash, value: JSON.stringify(value) };
}

/** Strings by their UTF-8 bytes, which is the order of code points and not of UTF-16 units. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Null before false, true, numbers, strings, hashes. */
export function compareCells(a: Cell, b: Cell): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (typeof a.value === 'string' && typeof b.value === 'string') return compareText(a.value, b.value);
  return Number(a.value) - Number(b.value);
}

/** Field by field. */
export function compareEntries(a: readonly Cell[], b: readonly Cell[]): number {
  for (const [i, cell] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    const order = compareCells(cell, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** The entries of one row: one, or one for each combination of the elements of its array fields. An empty array indexes as null. */
export function entriesOf(table: TableSpec, index: IndexSpec, value: JsonObject): readonly (readonly Cell[])[] {
  let entries: (readonly Cell[])[] = [[]];
  for (const field of index.fields) {
    const isPersonal = table.personal.includes(field);
    const found = value[field];
    const elements: readonly Json[] =
      Array.isArray(found) && found.length > 0 ? (found as readonly Json[]) : [Array.isArray(found) ? null : (found ?? null)];
    const cells = elements.map((element) => toCell(element, isPersonal));
    const distinct = cells.filter((cell, i) => cells.findIndex((other) => compareCells(cell, other) === 0) === i);
    entries = entries.flatMap((entry) => distinct.map((cell) => [...entry, cell]));
  }
  return entries;
}

/** Whether a unique index must look at the entry. */
export function isComplete(entry: readonly Cell[]): boolean {
  return entry.every((cell) => cell.rank !== RANK.null);
}

/** The value that an entry shows of a field, for groups of an aggregate. */
export function cellValue(cell: Cell): Json {
  if (cell.rank === RANK.null) return null;
  return cell.rank === RANK.true ? cell.value === 1 : cell.value;
}
