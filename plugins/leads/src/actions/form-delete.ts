import type { ActionHandler } from '@tendril/plugin-api';
import type { FormDeleteInput, FormDeleteOutput, FormsRow, Settings } from '../gen/manifest.gen.ts';

/** Takes a form away; its answers stay, and links to confirm one work no more. */
export const formDelete: ActionHandler<FormDeleteInput, FormDeleteOutput, Settings> = async ({ id }, call) => {
  const row = await call.table<FormsRow>('forms').get(id);
  if (row !== undefined) call.changes.delete('forms', id);
  return { isDeleted: row !== undefined };
};
