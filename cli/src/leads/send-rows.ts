import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { HubUnreachable } from '../hub-client.ts';
import type { CsvRow } from './read-csv.ts';

/** Rows that go in one call. */
export interface RowChunk {
  readonly first: number;
  readonly rows: readonly (readonly string[])[];
  readonly readBytes: number;
}

/** What came of one call. */
export interface ChunkAnswer {
  readonly rows: number;
  readonly accepted: number;
  readonly refused: number;
  readonly repeated: number;
}

/** How rows are sent. */
export interface SendOptions {
  readonly send: (chunk: RowChunk) => Promise<ChunkAnswer>;
  /** Calls that wait for their answers at once. */
  readonly atOnce: number;
  readonly onAnswer: (chunk: RowChunk, answer: ChunkAnswer) => void;
  readonly wait: (ms: number) => Promise<void>;
  /** Aborted, nothing further is sent; what is on its way is waited for. */
  readonly signal?: AbortSignal;
}

const MOST_ROWS = 1_000;
/** One body of the API may have 1 MB; characters may take several bytes and an escape. */
const MOST_CHARACTERS = 300_000;
const PATIENCE_MS = 60_000;
const LONGEST_PAUSE_MS = 5_000;
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'OVERLOADED',
  'CONFLICT',
  'REQUEST_THROTTLED',
  'STORE_UNAVAILABLE',
  'HUB_STOPPING',
  'ACTION_TIMEOUT',
  'ACTION_ABORTED',
  'PLUGIN_MIGRATING',
  'LEASE_LOST',
]);

/** Rows in chunks of what one call takes. @param from the first row that has not come yet */
export async function* chunkRows(rows: AsyncIterable<CsvRow>, from: number): AsyncGenerator<RowChunk, void> {
  let first = from;
  let chunk: (readonly string[])[] = [];
  let characters = 0;
  let lastBytes = 0;
  for await (const { row, cells, readBytes } of rows) {
    lastBytes = readBytes;
    if (row < from) continue;
    const length = cells.reduce((sum, cell) => sum + cell.length + 4, 0);
    if (chunk.length === MOST_ROWS || (chunk.length > 0 && characters + length > MOST_CHARACTERS)) {
      yield { first, rows: chunk, readBytes };
      first = row;
      chunk = [];
      characters = 0;
    }
    chunk.push(cells);
    characters += length;
  }
  if (chunk.length > 0) yield { first, rows: chunk, readBytes: lastBytes };
}

/**
 * Sends chunks, several at once, and each again while the hub is only busy or starting: rows are taken in once however often they come.
 *
 * @throws what the hub refused for good, or the last failure after a minute without an answer
 */
export async function sendChunks(chunks: AsyncIterator<RowChunk>, options: SendOptions): Promise<void> {
  let isFailed = false;
  const isStopped = (): boolean => isFailed || options.signal?.aborted === true;
  const work = async (): Promise<void> => {
    while (!isStopped()) {
      const next = await chunks.next();
      if (next.done === true || isStopped()) return;
      const chunk = next.value;
      try {
        options.onAnswer(chunk, await sendPatiently(chunk, options));
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: options.atOnce }, work));
  // Closes the file when not all of it was read.
  await chunks.return?.();
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function sendPatiently(chunk: RowChunk, { send, wait }: SendOptions): Promise<ChunkAnswer> {
  let waitedMs = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(chunk);
    } catch (error) {
      const pauseMs = Math.max(retryAfterMs(error), Math.min(LONGEST_PAUSE_MS, 200 * 2 ** attempt));
      if (!isPassing(error) || waitedMs + pauseMs > PATIENCE_MS) throw error;
      waitedMs += pauseMs;
      await wait(pauseMs);
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof HubUnreachable || (TendrilError.is(error) && PASSING.has(error.code));
}

function retryAfterMs(error: unknown): number {
  if (!TendrilError.is(error)) return 0;
  const { retryAfterSeconds, retryAfterMs: ms } = error.details;
  return typeof ms === 'number' ? ms : typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1_000 : 0;
}
