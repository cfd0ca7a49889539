import type { ActionHandler } from '@tendril/plugin-api';
import { countAnswers, readForm, viewForm } from '../forms/form-view.ts';
import { createFormWarnings } from '../forms/form-warnings.ts';
import { plainSnippet, scriptSnippet } from '../forms/snippets.ts';
import type { FormGetInput, FormGetOutput, Settings } from '../gen/manifest.gen.ts';

/** A form, with what to put into a page. @throws TendrilError NOT_FOUND */
export const formGet: ActionHandler<FormGetInput, FormGetOutput, Settings> = async ({ id, baseUrl }, call) => {
  const { value } = await readForm(id, call);
  const base = baseUrl ?? call.settings.publicUrl;
  const view = { ...viewForm(value, await createFormWarnings(call), call), counts: await countAnswers(id, call) };
  if (base === undefined) return view;
  const address = `${base.replace(/\/$/, '')}${view.path}`;
  return { ...view, snippet: plainSnippet(value, address), script: scriptSnippet(value, address) };
};
