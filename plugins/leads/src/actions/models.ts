import type { ActionHandler } from '@tendril/plugin-api';
import { currentVersion } from '../current-model.ts';
import type { ModelsInput, ModelsOutput, ModelsRow, Settings } from '../gen/manifest.gen.ts';
import { toModelInfo } from '../lead-view.ts';

/** Versions of the model, newest first. */
export const models: ActionHandler<ModelsInput, ModelsOutput, Settings> = async ({ limit = 100, cursor }, call) => {
  const page = await call.table<ModelsRow>('models').query({ order: 'descending', limit, ...(cursor === undefined ? {} : { cursor }) });
  const active = await currentVersion(call);
  const items = page.items.map(({ value }) => toModelInfo(value, active));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
