import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { CancelImportInput, CancelImportOutput, Settings } from '../gen/manifest.gen.ts';
import { endImport } from '../imports/end-import.ts';
import { readImport } from '../imports/import-view.ts';

/** Takes no more rows; what was taken in stays. @throws TendrilError NOT_FOUND, INPUT_INVALID when it is finished */
export const cancelImport: ActionHandler<CancelImportInput, CancelImportOutput, Settings> = async ({ import: id }, call) => {
  const row = await readImport(id, call);
  if (row.value.state === 'finished') throw new TendrilError('INPUT_INVALID', { field: 'import', reason: 'it is finished' });
  return endImport(row, 'cancelled', call);
};
