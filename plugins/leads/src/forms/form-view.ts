import { TendrilError } from '@tendril/plugin-api';
import type { Call, Row } from '@tendril/plugin-api';
import type { FormSaveOutput, FormsRow, Settings } from '../gen/manifest.gen.ts';
import { formPath } from './addresses.ts';
import type { WarnOfForm } from './form-warnings.ts';

/** @throws TendrilError NOT_FOUND */
export async function readForm(id: string, call: Call<Settings>): Promise<Row<FormsRow>> {
  const row = await call.table<FormsRow>('forms').get(id);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'form' });
  return row;
}

/** A form as people see it. */
export function viewForm({ savedAt, ...form }: FormsRow, warn: WarnOfForm, call: Call<Settings>): FormSaveOutput {
  return { ...form, path: formPath(form.id, call), savedAt: new Date(savedAt).toISOString(), warnings: warn(form) };
}

/** Answers of a form by state. */
export async function countAnswers(form: string, call: Call<Settings>): Promise<Record<string, number>> {
  const groups = await call.table('form_submissions').aggregate({ index: 'by_state', equals: { form }, groupBy: 'state' });
  return Object.fromEntries(groups.map(({ group, count }) => [typeof group === 'string' ? group : 'other', count]));
}
