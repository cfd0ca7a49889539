import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { readForm } from '../forms/form-view.ts';
import { admit } from '../forms/submission.ts';
import type { FormReviewInput, FormReviewOutput, FormSubmissionsRow, Settings } from '../gen/manifest.gen.ts';

/**
 * Decides on an answer that was kept aside. The same decision again changes nothing.
 *
 * @throws TendrilError NOT_FOUND; INPUT_INVALID when the answer is stated already and can no longer be refused
 */
export const formReview: ActionHandler<FormReviewInput, FormReviewOutput, Settings> = async ({ submission, decision }, call) => {
  const row = await call.table<FormSubmissionsRow>('form_submissions').get(submission);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'submission' });
  const { state, form } = row.value;
  if (decision === 'refuse') {
    if (state === 'accepted') throw new TendrilError('INPUT_INVALID', { field: 'submission', reason: 'it is stated already' });
    if (state === 'refused') return { id: submission, state };
    const reasons = [...row.value.reasons, { code: 'by_hand' as const, text: 'Somebody has refused it.' }];
    call.changes.put('form_submissions', { ...row.value, state: 'refused', reasons, reviewedAt: call.clock.now() }, row.version);
    return { id: submission, state: 'refused' };
  }
  if (state === 'accepted' || state === 'unconfirmed') return { id: submission, state };
  const admitted = await admit((await readForm(form, call)).value, row.value, call);
  call.changes.put('form_submissions', { ...admitted, reviewedAt: call.clock.now() }, row.version);
  return { id: submission, state: admitted.state };
};
