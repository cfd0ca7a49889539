import type { SqlRow, SqlValue } from '../work/step.ts';

/** A statement that goes to the server together with others. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Sends statements to the server, as one message where they fit; answers in their order. */
export type SendBatch = (statements: readonly Statement[]) => Promise<readonly (readonly SqlRow[])[]>;

/** Below what a server takes as one message unless told otherwise (16 MiB), with room for bytes being sent as hexadecimal digits. */
const MOST_BYTES = 4_000_000;
const MOST_ROWS = 500;

/** Cuts a list so that each part fits into one message. A single item that is larger stands alone. */
export function cutBySize<Item>(
  items: readonly Item[],
  valuesOf: (item: Item) => readonly SqlValue[],
  mostItems = MOST_ROWS,
): readonly (readonly Item[])[] {
  const parts: Item[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = sizeOf(valuesOf(item));
    if (bytes + size > MOST_BYTES || (parts.at(-1)?.length ?? 0) >= mostItems) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(item);
    bytes += size;
  }
  return parts;
}

function sizeOf(values: readonly SqlValue[]): number {
  let bytes = 0;
  for (const value of values) bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
  return bytes;
}

/** One INSERT of many rows. */
export function insertRows(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
  how: { readonly verb?: string; readonly suffix?: string } = {},
): readonly Statement[] {
  const marks = `(${columns.map(() => '?').join(', ')})`;
  const { verb = 'INSERT', suffix = '' } = how;
  return cutBySize(rows, (row) => row).map((part) => ({
    sql: `${verb} INTO ${table} (${columns.join(', ')}) VALUES ${part.map(() => marks).join(', ')}${suffix}`,
    values: part.flat(),
  }));
}

/**
 * Deletes rows, given by the values of the columns that make the key. One statement for each: of one for all a server that
 * takes the table for short makes a walk over the whole of it, and waits for the locks of everybody who writes to it.
 */
export function deleteRows(table: string, key: readonly string[], rows: readonly (readonly SqlValue[])[]): readonly Statement[] {
  const sql = `DELETE FROM ${table} WHERE ${key.map((column) => `${column} = ?`).join(' AND ')}`;
  return rows.map((values) => ({ sql, values }));
}
