import { TendrilError } from '@tendril/plugin-api';
import type { Call, Row } from '@tendril/plugin-api';
import type { ImportOutput, ImportsRow, Settings } from '../gen/manifest.gen.ts';
import { countUp } from './chunks.ts';

/** @throws TendrilError NOT_FOUND */
export async function readImport(id: string, call: Call<Settings>): Promise<Row<ImportsRow>> {
  const row = await call.table<ImportsRow>('imports').get(id);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'import' });
  return row;
}

/** An import with its figures: those that were kept at its end, or as they are now. */
export async function viewImport(row: ImportsRow, call: Call<Settings>): Promise<ImportOutput> {
  const { createdAt, finishedAt, ...rest } = row;
  const { rows, duplicates, people, nextRow, refusals, refusalsKept } = row;
  const isCounted =
    rows !== undefined &&
    duplicates !== undefined &&
    people !== undefined &&
    nextRow !== undefined &&
    refusals !== undefined &&
    refusalsKept !== undefined;
  const totals = isCounted ? { rows, duplicates, people, nextRow, refusals, refusalsKept } : await countUp(row.id, call);
  return {
    ...rest,
    ...totals,
    createdAt: new Date(createdAt).toISOString(),
    ...(finishedAt === undefined ? {} : { finishedAt: new Date(finishedAt).toISOString() }),
  };
}
