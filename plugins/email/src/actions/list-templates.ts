import type { ActionHandler } from '@tendril/plugin-api';
import type { ListTemplatesInput, ListTemplatesOutput, Settings, TemplatesRow } from '../gen/manifest.gen.ts';
import { toTemplate } from './get-template.ts';

/** Templates by name. */
export const listTemplates: ActionHandler<ListTemplatesInput, ListTemplatesOutput, Settings> = async ({ limit = 100, cursor }, call) => {
  const page = await call.table<TemplatesRow>('templates').query(cursor === undefined ? { limit } : { limit, cursor });
  const items = page.items.map(({ value }) => toTemplate(value));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
