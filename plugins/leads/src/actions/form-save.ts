import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { ensureKey } from '../forms/form-token.ts';
import { createFormWarnings } from '../forms/form-warnings.ts';
import { viewForm } from '../forms/form-view.ts';
import type { FormSaveInput, FormSaveOutput, FormsRow, Settings } from '../gen/manifest.gen.ts';

/**
 * Adds or changes a form. Says when it asks for confirmations that nothing sends: that is no fault, since the pipeline may come later.
 *
 * @throws TendrilError INPUT_INVALID when names repeat, a field to choose from has no choices, or double opt-in has no address to ask
 */
export const formSave: ActionHandler<FormSaveInput, FormSaveOutput, Settings> = async (input, call) => {
  const problems = [...problemsOf(input)];
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { problems });
  await ensureKey(call);
  const row: FormsRow = { ...input, savedAt: call.clock.now() };
  call.changes.put('forms', row);
  return viewForm(row, await createFormWarnings(call), call);
};

function* problemsOf({ fields, consents = [], doubleOptIn }: FormSaveInput) {
  for (const [place, { name, type, options = [] }] of fields.entries()) {
    const pointer = `/fields/${String(place)}`;
    if (fields.findIndex((field) => field.name === name) < place) yield { pointer, message: `another field is called ${name}` };
    if (type === 'select' && options.length === 0) yield { pointer, message: 'there is nothing to choose from: add options' };
  }
  for (const [place, { purpose }] of consents.entries()) {
    if (consents.findIndex((consent) => consent.purpose === purpose) < place)
      yield { pointer: `/consents/${String(place)}`, message: `another one is about ${purpose}` };
  }
  if (doubleOptIn?.isOn === true && !fields.some(({ type, isRequired }) => type === 'email' && isRequired === true))
    yield { pointer: '/doubleOptIn', message: 'nobody can be asked: add a required field of type email' };
}
