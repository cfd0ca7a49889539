import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { confirmationPath } from '../forms/addresses.ts';
import { createSigner } from '../forms/form-token.ts';
import { readForm } from '../forms/form-view.ts';
import { addressOf } from '../forms/submission.ts';
import type { FormConfirmationInput, FormConfirmationOutput, FormSubmissionsRow, Settings } from '../gen/manifest.gen.ts';
import { parseEmail } from '../intake/email-syntax.ts';

/**
 * The link that a person opens to confirm: for the mail alone, so that it stands in no event. Whoever can send events can name an answer
 * as somebody else, or say that somebody has another address: for any but the one that was filled in there is no link.
 *
 * @throws TendrilError NOT_FOUND; INPUT_INVALID when the address of the hub is not known
 */
export const formConfirmation: ActionHandler<FormConfirmationInput, FormConfirmationOutput, Settings> = async (
  { submission, address },
  call,
) => {
  const row = (await call.table<FormSubmissionsRow>('form_submissions').get(submission))?.value;
  const signer = await createSigner(call);
  if (row === undefined || signer === undefined || row.expiresAt === undefined)
    throw new TendrilError('NOT_FOUND', { field: 'submission' });
  const { value: form } = await readForm(row.form, call);
  const base = call.settings.publicUrl ?? row.baseUrl;
  if (base === undefined) throw new TendrilError('INPUT_INVALID', { field: 'publicUrl', reason: 'set it in the settings of the plugin' });
  const { expiresAt } = row;
  const isTheirs = isSameEmail(address, await addressOf(form, row, call));
  return {
    ...(isTheirs ? { url: `${base}${confirmationPath(signer.confirmation({ submission, expiresAt }), call)}` } : {}),
    expiresAt: new Date(expiresAt).toISOString(),
    isOpen: isTheirs && row.state === 'unconfirmed' && call.clock.now() < expiresAt,
    form: form.id,
    title: form.title,
  };
};

function isSameEmail(given: string, filledIn: string | undefined): boolean {
  const parts = parseEmail(given);
  return parts !== undefined && `${parts.local}@${parts.domain}` === filledIn;
}
