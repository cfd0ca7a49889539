import type { Call, JsonObject, TakenIn } from '@tendril/plugin-api';
import type { ContactsRow, ImportChunksRow, ImportRefusalsRow, ImportsRow, Settings } from '../gen/manifest.gen.ts';
import { createIntake, withOrigin } from '../intake/intake.ts';
import { chunkId, MOST_REFUSALS } from './chunks.ts';
import { packMarks } from './marks.ts';
import { createRowReader, isRowRefusal } from './read-rows.ts';
import type { ReadRow, RefusalCode } from './read-rows.ts';

/** A row of the file with its number. */
export interface NumberedRow {
  readonly row: number;
  readonly cells: readonly string[];
}

/** A refused row. */
export type Refusal = ImportRefusalsRow['items'][number];

/** Which rows a chunk stands for, and those of them that nobody took in before. */
export interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly rows: readonly NumberedRow[];
}

/** What came of a chunk. */
export interface ChunkOutcome {
  readonly accepted: number;
  readonly refusals: readonly Refusal[];
}

interface Placed extends ReadRow {
  readonly row: number;
}

/**
 * Takes rows in as events and gathers their chunk. The events are on disk before the chunk is: after a death in between the same rows
 * come again, their message ids make them repeated ones, and the chunk is written then.
 */
export async function takeInRows(definition: ImportsRow, chunk: Chunk, call: Call<Settings>): Promise<ChunkOutcome> {
  const phoneTrait = call.settings.phoneTrait ?? 'phone';
  const intake = await createIntake(call, Object.values(definition.mapping).includes(phoneTrait));
  const read = createRowReader(definition, intake);
  const placed: Placed[] = [];
  const refusals: Refusal[] = [];
  for (const { row, cells } of chunk.rows) {
    const result = read(cells);
    if (isRowRefusal(result)) refusals.push({ row, ...result });
    else placed.push({ row, ...result });
  }
  const known = await findKnown(placed, call);
  const outcomes = await call.events.ingest(
    placed.map(({ call: identify, row }) => withOrigin(identify, `import-${definition.id}-${row}`, originOf(definition, row))),
    { isImport: definition.isImported },
  );
  const accepted = placed.filter((row, place) => {
    const isIn = isTakenIn(outcomes[place]);
    if (!isIn) refusals.push({ row: row.row, code: 'not_an_event' });
    return isIn;
  });
  refusals.sort((a, b) => a.row - b.row);
  await gather(definition.id, chunk, { accepted, refusals, known }, call);
  return { accepted: accepted.length, refusals };
}

function isTakenIn(outcome: TakenIn | undefined): boolean {
  return outcome?.status === 'accepted' || outcome?.status === 'duplicate';
}

function originOf({ id, source }: ImportsRow, row: number): JsonObject {
  return { source: 'import', import: { id, row, ...(source === undefined ? {} : { source }) } };
}

/** Which people are a lead already, as far as the log has been followed. */
async function findKnown(rows: readonly Placed[], call: Call<Settings>): Promise<ReadonlySet<string>> {
  const keys = [...new Set(rows.flatMap(({ contactKeys }) => contactKeys))];
  if (keys.length === 0) return new Set();
  const found: string[] = [];
  for (let start = 0; start < keys.length; start += 1_000) {
    const page = keys.slice(start, start + 1_000);
    const contacts = await call.table<ContactsRow>('contacts').getMany(page);
    found.push(...page.filter((_, place) => contacts[place] !== undefined));
  }
  return new Set(found);
}

async function gather(
  importId: string,
  { first, count }: Chunk,
  {
    accepted,
    refusals,
    known,
  }: { readonly accepted: readonly Placed[]; readonly refusals: readonly Refusal[]; readonly known: ReadonlySet<string> },
  call: Call<Settings>,
): Promise<void> {
  const room = refusals.length === 0 ? 0 : Math.max(0, MOST_REFUSALS - (await keptSoFar(importId, call)));
  const kept = refusals.slice(0, room);
  const byCode: Partial<Record<RefusalCode, number>> = {};
  for (const { code } of refusals) byCode[code] = (byCode[code] ?? 0) + 1;
  const id = chunkId(importId, first);
  const marks = accepted.map(({ key, contactKeys }) => ({ key, isKnown: contactKeys.some((contact) => known.has(contact)) }));
  call.changes.put(
    'import_chunks',
    {
      id,
      import: importId,
      first,
      rows: count,
      accepted: accepted.length,
      refused: refusals.length,
      refusals: byCode as Record<string, number>,
      kept: kept.length,
      marks: packMarks(marks),
    } satisfies ImportChunksRow,
    'absent',
  );
  if (kept.length > 0) call.changes.put('import_refusals', { id, import: importId, first, items: kept } satisfies ImportRefusalsRow);
}

async function keptSoFar(importId: string, call: Call<Settings>): Promise<number> {
  const [sum] = await call.table('import_chunks').aggregate({ index: 'by_kept', equals: { import: importId }, of: 'kept' });
  return sum?.sum ?? 0;
}
