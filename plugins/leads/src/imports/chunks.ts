import type { Call } from '@tendril/plugin-api';
import type { ImportChunksRow, ImportsRow, Settings } from '../gen/manifest.gen.ts';
import { PeopleCount } from './marks.ts';

/** Rows that a call may bring; a chunk that reaches into another begins no further above it. */
export const MOST_ROWS = 1_000;
/** Refused rows that are kept with their reasons. */
export const MOST_REFUSALS = 10_000;
// A row is up to 10 KB.
const PAGE = 250;

/** What came of an import so far. */
export type Totals = Required<Pick<ImportsRow, 'rows' | 'duplicates' | 'people' | 'nextRow' | 'refusals' | 'refusalsKept'>>;

/** The key of a chunk: keys sort as first rows do. */
export function chunkId(importId: string, first: number): string {
  return `${importId}/${String(first).padStart(10, '0')}`;
}

/** Chunks that share rows with `[first, end)`, in order. */
export async function chunksAcross(
  importId: string,
  first: number,
  end: number,
  call: Call<Settings>,
): Promise<readonly ImportChunksRow[]> {
  const found: ImportChunksRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await call.table<ImportChunksRow>('import_chunks').query({
      index: 'by_first',
      equals: { import: importId },
      from: Math.max(1, first - MOST_ROWS + 1),
      to: end,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...page.items.map(({ value }) => value).filter((chunk) => chunk.first + chunk.rows > first));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}

/** All chunks of an import, in the order of the rows. */
export async function* chunksOf(importId: string, call: Call<Settings>): AsyncGenerator<ImportChunksRow, void> {
  let cursor: string | undefined;
  do {
    const page = await call.table<ImportChunksRow>('import_chunks').query({
      index: 'by_first',
      equals: { import: importId },
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { value } of page.items) yield value;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

/** Counts an import up: exact, since each row is in one chunk. */
export async function countUp(importId: string, call: Call<Settings>): Promise<Totals> {
  const people = new PeopleCount();
  const rows = { seen: 0, accepted: 0, refused: 0 };
  const refusals: Record<string, number> = {};
  let refusalsKept = 0;
  let nextRow = 1;
  for await (const chunk of chunksOf(importId, call)) {
    rows.seen += chunk.accepted + chunk.refused;
    rows.accepted += chunk.accepted;
    rows.refused += chunk.refused;
    refusalsKept += chunk.kept;
    for (const [code, count] of Object.entries(chunk.refusals)) refusals[code] = (refusals[code] ?? 0) + count;
    people.add(chunk.marks);
    if (chunk.first <= nextRow) nextRow = Math.max(nextRow, chunk.first + chunk.rows);
  }
  return {
    rows,
    refusals,
    refusalsKept,
    nextRow,
    duplicates: { inFile: people.rows - people.people, known: people.known },
    people: { new: people.people - people.known, known: people.known },
  };
}

/** Deletes the chunks of an import that has ended; what was deleted before a death stays deleted. */
export async function deleteChunks(importId: string, call: Call<Settings>): Promise<void> {
  for (;;) {
    const { items } = await call
      .table<ImportChunksRow>('import_chunks')
      .query({ index: 'by_first', equals: { import: importId }, limit: PAGE });
    if (items.length === 0) return;
    for (const { key } of items) call.changes.delete('import_chunks', key);
    await call.changes.flush();
  }
}
