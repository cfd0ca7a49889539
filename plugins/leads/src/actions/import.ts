import type { ActionHandler } from '@tendril/plugin-api';
import type { ImportInput, ImportOutput, Settings } from '../gen/manifest.gen.ts';
import { readImport, viewImport } from '../imports/import-view.ts';

/** How far an import is. @throws TendrilError NOT_FOUND */
export const getImport: ActionHandler<ImportInput, ImportOutput, Settings> = async ({ id }, call) =>
  viewImport((await readImport(id, call)).value, call);
