/** A stretch of time in which one value of a trait was stated, at its beginning and at its end at least. */
export interface Run {
  readonly value: unknown;
  /** Epoch milliseconds. */
  readonly since: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Message id of the event that stated it last. */
  readonly source: string;
}

/** One event's statement of a trait. */
export interface Statement {
  readonly value: unknown;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly source: string;
}

/**
 * Adds a statement to the runs of one trait, oldest first, wherever it belongs by its time: the last run is the same in
 * whatever order statements come. Of two at the same millisecond the one with the greater message id is the later.
 */
export function addStatement(runs: readonly Run[], statement: Statement): readonly Run[] {
  const before = runs.findLastIndex((run) => isNotAfter(run.since, run.source, statement));
  const run = runs[before];
  const single: Run = { value: statement.value, since: statement.at, at: statement.at, source: statement.source };
  if (run === undefined) return joinNext(runs, 0, single);
  const isInside = !isNotAfter(run.at, run.source, statement);
  if (isSame(run.value, statement.value)) {
    return isInside ? runs : runs.with(before, { ...run, at: statement.at, source: statement.source });
  }
  if (!isInside) return joinNext(runs, before + 1, single);
  return runs.toSpliced(before, 1, { ...run, at: run.since }, single, { ...run, since: run.at });
}

/** Whether two values of a trait are the same; objects are compared by what they hold. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  return typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right);
}

/** Whether the statement comes after a point in time. */
export function isNotAfter(at: number, source: string, statement: Statement): boolean {
  return at < statement.at || (at === statement.at && source <= statement.source);
}

function joinNext(runs: readonly Run[], index: number, single: Run): readonly Run[] {
  const next = runs[index];
  if (next !== undefined && isSame(next.value, single.value)) return runs.with(index, { ...next, since: single.since });
  return runs.toSpliced(index, 0, single);
}
