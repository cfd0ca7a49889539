import type { ActionHandler } from '@tendril/plugin-api';
import type { FormSubmissionsInput, FormSubmissionsOutput, FormSubmissionsRow, Settings } from '../gen/manifest.gen.ts';

/** Answers to a form, newest first. */
export const formSubmissions: ActionHandler<FormSubmissionsInput, FormSubmissionsOutput, Settings> = async (
  { form, state, limit = 100, cursor },
  call,
) => {
  const page = await call.table<FormSubmissionsRow>('form_submissions').query({
    ...(state === undefined ? { index: 'by_form', equals: { form } } : { index: 'by_state', equals: { form, state } }),
    order: 'descending',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const items = page.items.map(({ value }) => view(value));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};

function view({
  at,
  confirmedAt,
  expiresAt,
  reviewedAt,
  baseUrl: _b,
  anonymousId: _a,
  isTest: _t,
  ...row
}: FormSubmissionsRow): FormSubmissionsOutput['items'][number] {
  return {
    ...row,
    at: new Date(at).toISOString(),
    ...(confirmedAt === undefined ? {} : { confirmedAt: new Date(confirmedAt).toISOString() }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    ...(reviewedAt === undefined ? {} : { reviewedAt: new Date(reviewedAt).toISOString() }),
  };
}
