import type { ActionHandler } from '@tendril/plugin-api';
import type { PutTemplateInput, PutTemplateOutput, Settings, TemplatesRow } from '../gen/manifest.gen.ts';
import { parsePart } from '../liquid.ts';

/** Adds or changes a template. Saving the same again changes nothing. @throws TendrilError INPUT_INVALID when a part is no Liquid */
export const putTemplate: ActionHandler<PutTemplateInput, PutTemplateOutput, Settings> = async ({ name, subject, html, text }, call) => {
  await parsePart('subject', subject);
  if (html !== undefined) await parsePart('html', html);
  if (text !== undefined) await parsePart('text', text);
  const stored = await call.table<TemplatesRow>('templates').get(name);
  const before = stored?.value;
  if (before !== undefined && before.subject === subject && before.html === html && before.text === text)
    return { name, version: before.version };
  const version = (before?.version ?? 0) + 1;
  const row: TemplatesRow = {
    name,
    subject,
    version,
    updatedAt: call.clock.now(),
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
  };
  call.changes.put('templates', row, stored?.version ?? 'absent');
  return { name, version };
};
