import type { Call, RouteAnswer, RouteHandler, RouteRequest, Row } from '@tendril/plugin-api';
import { escapeHtml, messagePage } from '../forms/form-page.ts';
import { createSigner } from '../forms/form-token.ts';
import { state } from '../forms/submission.ts';
import type { FormsRow, FormSubmissionsRow, Settings } from '../gen/manifest.gen.ts';

interface Found {
  readonly form: FormsRow;
  readonly row: Row<FormSubmissionsRow>;
}

/** Asks whether it was them. Looking never acts: link scanners of mail providers look. */
export const confirmPage: RouteHandler<Record<string, never>, string, Settings> = async (request, call) => {
  const found = await find(request, call);
  if (!('row' in found)) return found;
  const { form, row } = found;
  if (row.value.state === 'accepted') return done(form);
  return html(
    form,
    200,
    form.title,
    '<p>Was it you who filled in this form?</p><form method="post"><button type="submit" name="confirm" value="yes">Yes, it was me</button></form>',
  );
};

/** Confirms an answer, once: from now on what it says is stated. */
export const confirm: RouteHandler<Record<string, never>, string, Settings> = async (request, call) => {
  const found = await find(request, call);
  if (!('row' in found)) return found;
  const { form, row } = found;
  if (row.value.state === 'accepted') return done(form);
  const accepted = await state(form, row.value, call);
  call.changes.put('form_submissions', { ...accepted, confirmedAt: call.clock.now() }, row.version);
  return done(form);
};

async function find({ parameters }: RouteRequest, call: Call<Settings>): Promise<Found | RouteAnswer<string>> {
  const token = (await createSigner(call))?.readConfirmation(parameters['token'] ?? '');
  const row = token === undefined ? undefined : await call.table<FormSubmissionsRow>('form_submissions').get(token.submission);
  const form = row === undefined ? undefined : (await call.table<FormsRow>('forms').get(row.value.form))?.value;
  const isOpen = row?.value.state === 'unconfirmed' || (row?.value.state === 'accepted' && row.value.confirmedAt !== undefined);
  if (token === undefined || row === undefined || form === undefined || !isOpen)
    return html({}, 404, 'This link is not known', '<p>It may be incomplete. Please open it from the mail again.</p>');
  if (row.value.state === 'unconfirmed' && call.clock.now() >= Math.min(token.expiresAt, row.value.expiresAt ?? token.expiresAt))
    return html(form, 410, 'This link has expired', '<p>Please fill in the form again.</p>');
  return { form, row };
}

function done(form: FormsRow): RouteAnswer<string> {
  const next = form.redirectUrl === undefined ? '' : `<p><a href="${escapeHtml(form.redirectUrl)}">Go on</a></p>`;
  return html(
    form,
    200,
    'Thank you',
    `<p role="status">${escapeHtml(form.doubleOptIn?.confirmedText ?? 'You have confirmed it.')}</p>${next}`,
  );
}

function html(form: Partial<FormsRow>, status: number, title: string, content: string): RouteAnswer<string> {
  return { status, headers: { 'content-type': 'text/html', 'cache-control': 'no-store' }, body: messagePage(form, title, content) };
}
