import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { FinishImportInput, FinishImportOutput, ImportsRow, Settings } from '../gen/manifest.gen.ts';
import { endImport } from '../imports/end-import.ts';
import { readImport } from '../imports/import-view.ts';

/** Closes an import; again, it answers the same. @throws TendrilError NOT_FOUND, INPUT_INVALID when it was cancelled */
export const finishImport: ActionHandler<FinishImportInput, FinishImportOutput, Settings> = async ({ import: id }, call) => {
  const row = await readImport(id, call);
  const { state }: ImportsRow = row.value;
  if (state === 'cancelled') throw new TendrilError('INPUT_INVALID', { field: 'import', reason: 'it is cancelled' });
  return endImport(row, 'finished', call);
};
