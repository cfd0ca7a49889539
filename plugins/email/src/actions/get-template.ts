import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { GetTemplateInput, GetTemplateOutput, Settings, TemplatesRow } from '../gen/manifest.gen.ts';

/** A template. @throws TendrilError NOT_FOUND */
export const getTemplate: ActionHandler<GetTemplateInput, GetTemplateOutput, Settings> = async ({ name }, call) => {
  const row = await call.table<TemplatesRow>('templates').get(name);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'name', template: name });
  return toTemplate(row.value);
};

/** A template as actions give it. */
export function toTemplate({ updatedAt, ...template }: TemplatesRow): GetTemplateOutput {
  return { ...template, updatedAt: new Date(updatedAt).toISOString() };
}
