/** What a column holds. */
export type SqlValue = number | string | Uint8Array | null;

/** One row, by column. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** One statement with its values, asked of whatever database runs the work. */
export interface Step {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** Instead of a statement: what is going to be asked soon, so that it can be fetched at once. */
  readonly ahead?: readonly Step[];
}

/**
 * A piece of work on a database: yields statements, is given their rows; of a write one row that tells the `changes`. The same work runs on SQLite, whose answers
 * are at hand at once, and on a MySQL at the other end of a network.
 */
export type Work<Result> = Generator<Step, Result, readonly SqlRow[]>;

/** The rows of one statement. */
export function* ask(sql: string, ...values: SqlValue[]): Work<readonly SqlRow[]> {
  return yield { sql, values };
}

/** Tells which rows will be asked for, each by its own statement. Where a row costs a way over a network they come together. */
export function* foresee(steps: readonly Step[]): Work<void> {
  if (steps.length > 0) yield { sql: '', values: [], ahead: steps };
}

/** The number in a column. */
export function numberOf(row: SqlRow, column: string): number {
  return Number(row[column]);
}

/** The number in a column that may be empty. */
export function optionalNumberOf(row: SqlRow, column: string): number | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : Number(value);
}

/** The text in a column; MySQL gives it as bytes. */
export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString() : String(value);
}

/** The bytes in a column. */
export function bytesOf(row: SqlRow, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : Buffer.from(String(value ?? ''));
}
