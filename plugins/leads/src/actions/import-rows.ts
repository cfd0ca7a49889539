import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { ImportRowsInput, ImportRowsOutput, Settings } from '../gen/manifest.gen.ts';
import { chunksAcross } from '../imports/chunks.ts';
import { readImport } from '../imports/import-view.ts';
import { REFUSALS } from '../imports/read-rows.ts';
import { takeInRows } from '../imports/take-in-rows.ts';

const MOST_TOLD = 20;

/**
 * Takes in rows of an import, each once: by its number.
 *
 * @throws TendrilError NOT_FOUND; INPUT_INVALID when the import takes no more rows
 */
export const importRows: ActionHandler<ImportRowsInput, ImportRowsOutput, Settings> = async ({ import: id, first, rows }, call) => {
  const [{ value: definition }, earlier] = await Promise.all([readImport(id, call), chunksAcross(id, first, first + rows.length, call)]);
  if (definition.state !== 'open') throw new TendrilError('INPUT_INVALID', { field: 'import', reason: `it is ${definition.state}` });
  const isNew = (row: number): boolean => !earlier.some((chunk) => row >= chunk.first && row < chunk.first + chunk.rows);
  const fresh = rows.map((cells, place) => ({ row: first + place, cells })).filter(({ row }) => isNew(row));
  const repeated = rows.length - fresh.length;
  if (fresh.length === 0) return answer({ first, rows: rows.length, repeated, accepted: 0, refusals: [] });
  // A chunk that begins among rows of another stands for those behind them only: each row is counted once.
  const runs = runsOf(fresh);
  let accepted = 0;
  const refusals = [];
  for (const run of runs) {
    const outcome = await takeInRows(definition, { first: run[0]?.row ?? first, count: run.length, rows: run }, call);
    accepted += outcome.accepted;
    refusals.push(...outcome.refusals);
  }
  return answer({ first, rows: rows.length, repeated, accepted, refusals });
};

/** Stretches of rows without a gap. */
function runsOf<Item extends { readonly row: number }>(rows: readonly Item[]): readonly (readonly Item[])[] {
  const runs: Item[][] = [];
  for (const row of rows) {
    const current = runs.at(-1);
    if (current !== undefined && current.at(-1)?.row === row.row - 1) current.push(row);
    else runs.push([row]);
  }
  return runs;
}

function answer({
  refusals,
  ...counts
}: {
  readonly first: number;
  readonly rows: number;
  readonly repeated: number;
  readonly accepted: number;
  readonly refusals: readonly { readonly row: number; readonly column?: string; readonly code: keyof typeof REFUSALS }[];
}): ImportRowsOutput {
  return {
    ...counts,
    refused: refusals.length,
    refusals: refusals.slice(0, MOST_TOLD).map((refusal) => ({ ...refusal, message: REFUSALS[refusal.code] })),
  };
}
