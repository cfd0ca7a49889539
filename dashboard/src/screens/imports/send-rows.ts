import { toApiProblem } from '../../api/api-problem.ts';
import type { ApiProblem } from '../../api/api-problem.ts';
import type { RowsAnswer } from '../../api/customers/imports.ts';
import type { CsvPiece } from '../../csv/csv-file.ts';

/** The hub takes no more rows at once. */
const MOST_ROWS = 1_000;
/** Of JSON as text; the hub takes requests of a megabyte, and characters may have up to four bytes. */
const MOST_CHARACTERS = 240_000;
const MOST_CELLS = 600;
const MOST_CELL_CHARACTERS = 100_000;
/** Calls that wait for their answers at once: while one is taken in, the next is on its way. */
const AT_ONCE = 3;
const RETRIES_MS = [500, 2_000, 5_000, 15_000, 30_000];

type Row = readonly string[];

/** How far the sending is. */
export interface SentSoFar {
  /** Rows of the file that were read, with those of an earlier go. */
  readonly rows: number;
  readonly readBytes: number;
}

/** How rows are sent. */
export interface RowSending {
  readonly pieces: AsyncIterable<CsvPiece>;
  /** First row that has not come, counted from 1. */
  readonly nextRow: number;
  readonly send: (first: number, rows: readonly Row[]) => Promise<RowsAnswer>;
  readonly onSent: (soFar: SentSoFar, answer: RowsAnswer) => void;
  /** Told while it waits to try again. */
  readonly onHindered?: (problem: ApiProblem | undefined) => void;
  readonly pause: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Sends the rows of a file in calls that the hub takes, a few at once, and what failed for a while again: rows that came
 * already count once. No more is read ahead than those calls hold.
 *
 * @returns how many rows the file has
 * @throws ApiProblem what the hub refuses for good; AbortError when it was stopped
 */
export async function sendRows(sending: RowSending): Promise<number> {
  const { pieces, nextRow, signal } = sending;
  let rowNumber = 0;
  let batch: Row[] = [];
  let characters = 0;
  // Pieces are larger than calls: how far the sending is lies between where the piece begins and where it ends.
  let readBytes = 0;
  let bytesBefore = 0;
  const underWay = new Set<Promise<void>>();
  let failure: { readonly thrown: unknown } | undefined;
  const settle = async (): Promise<void> => {
    await Promise.all(underWay);
    if (failure !== undefined) throw failure.thrown;
  };
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const rows = batch;
    const soFar = { rows: rowNumber, readBytes };
    batch = [];
    characters = 0;
    const call: Promise<void> = sendAgain(sending, rowNumber - rows.length + 1, rows)
      .then(
        (answer) => sending.onSent(soFar, answer),
        (thrown: unknown) => {
          failure ??= { thrown };
        },
      )
      .finally(() => underWay.delete(call));
    underWay.add(call);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
    if (failure !== undefined) await settle();
  };
  for await (const piece of pieces) {
    const bytesPerRow = (piece.readBytes - bytesBefore) / Math.max(1, piece.rows.length);
    for (const cells of piece.rows) {
      signal.throwIfAborted();
      readBytes += bytesPerRow;
      if (rowNumber + 1 < nextRow) {
        rowNumber += 1;
        continue;
      }
      const row = withinBounds(cells);
      const size = sizeOf(row);
      if (batch.length === MOST_ROWS || characters + size > MOST_CHARACTERS) await flush();
      rowNumber += 1;
      batch.push(row);
      characters += size;
    }
    readBytes = piece.readBytes;
    bytesBefore = piece.readBytes;
  }
  await flush();
  await settle();
  return rowNumber;
}

async function sendAgain({ send, onHindered, pause, signal }: RowSending, first: number, rows: readonly Row[]): Promise<RowsAnswer> {
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const answer = await send(first, rows);
      if (attempt > 0) onHindered?.(undefined);
      return answer;
    } catch (thrown) {
      signal.throwIfAborted();
      const problem = toApiProblem(thrown);
      const waitMs = RETRIES_MS[attempt];
      if (problem.remedy !== 'retry' || waitMs === undefined) throw problem;
      onHindered?.(problem);
      await pause(waitMs);
    }
  }
}

/** What is longer than the hub takes is cut just there: the row is refused with its reason, and the others are not. */
function withinBounds(row: Row): Row {
  const cells = row.length > MOST_CELLS ? row.slice(0, MOST_CELLS) : row;
  return cells.some((cell) => cell.length > MOST_CELL_CHARACTERS) ? cells.map((cell) => cell.slice(0, MOST_CELL_CHARACTERS)) : cells;
}

function sizeOf(row: Row): number {
  let size = 2;
  for (const cell of row) size += cell.length + 3;
  return size;
}
