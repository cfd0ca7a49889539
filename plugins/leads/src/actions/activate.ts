import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { activateVersion, modelId } from '../current-model.ts';
import type { ActivateInput, ActivateOutput, ModelsRow, Settings } from '../gen/manifest.gen.ts';

/** Scores with that version from now on. @throws TendrilError NOT_FOUND when there is no such version */
export const activate: ActionHandler<ActivateInput, ActivateOutput, Settings> = async ({ version }, call) => {
  if ((await call.table<ModelsRow>('models').get(modelId(version))) === undefined)
    throw new TendrilError('NOT_FOUND', { field: 'version', version });
  await activateVersion(version, call);
  return { version };
};
