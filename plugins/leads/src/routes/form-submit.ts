import type { Call, RouteAnswer, RouteHandler, RouteRequest } from '@tendril/plugin-api';
import { baseUrlOf, isAllowedOrigin } from '../forms/addresses.ts';
import { consentField, HONEYPOT, readAnswers, textOf, TOKEN_FIELD, WORK_FIELD } from '../forms/answers.ts';
import type { AnswerProblem, Answers } from '../forms/answers.ts';
import { escapeHtml, formPage, messagePage } from '../forms/form-page.ts';
import { createSigner } from '../forms/form-token.ts';
import type { TokenSigner } from '../forms/form-token.ts';
import { countAnswer } from '../forms/rate.ts';
import { admit, submissionId } from '../forms/submission.ts';
import { findReasons } from '../forms/suspicion.ts';
import { isDisposable } from '../enrichment/email-quality.ts';
import type { FormsRow, FormSubmissionsRow, Settings } from '../gen/manifest.gen.ts';

const UNCERTAIN_MS = 10 * 60_000;
const TOKEN_SECONDS = 2 * 24 * 60 * 60;
const THANKS = 'Thank you. We have received it.';
const ASKED = 'Thank you. Please open the link in the mail that we have sent you.';

/** Takes in an answer to a form, by a page without scripts or by a script of a site that may. */
export const formSubmit: RouteHandler<Record<string, never>, string | object, Settings> = async (request, call) => {
  const form = (await call.table<FormsRow>('forms').get(request.parameters['form'] ?? ''))?.value;
  if (form === undefined || form.isOpen === false) return tell(request, form, 404, 'refused', 'There is no such form, or not any more.');
  if (!isAllowedOrigin(request.headers, form.allowedOrigins ?? []))
    return tell(request, form, 403, 'refused', 'This site may not send this form: its origin is not among those that the form allows.');
  const signer = await createSigner(call);
  const answers = await checkMailbox(form, readAnswers(form, request.input));
  if (answers.problems.length > 0) return askAgain(request, form, answers.problems, signer, call);

  const token = textOf(request.input, TOKEN_FIELD);
  const page = token === '' ? undefined : signer?.readPage(token);
  const now = call.clock.now();
  // Without a page of ours, the same from the same sender within some minutes is one answer.
  const mark = page?.nonce ?? `${request.sender}/${String(Math.floor(now / UNCERTAIN_MS))}`;
  const id = submissionId(form.id, mark, answers);
  const before = await call.table<FormSubmissionsRow>('form_submissions').get(id);
  if (before !== undefined) return thank(request, form, before.value);
  if (!(await countAnswer(form, { sender: request.sender, submission: id }, call)))
    return tell(request, form, 429, 'refused', 'There were too many answers from here. Please try again later.');

  const isTokenUsed = page !== undefined && !(await call.kv.claim(`token/${page.nonce}`, id, TOKEN_SECONDS));
  const honeypot = textOf(request.input, HONEYPOT);
  const reasons = findReasons(form, { answers, honeypot, token, page, isTokenUsed, work: textOf(request.input, WORK_FIELD), now });
  const baseUrl = baseUrlOf(request, call.settings);
  const row: FormSubmissionsRow = {
    id,
    form: form.id,
    state: honeypot === '' ? 'suspicious' : 'refused',
    at: now,
    values: answers.values,
    consents: answers.consents,
    reasons: [...reasons],
    isTest: call.isTest,
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
  const kept = reasons.length === 0 ? await admit(form, row, call) : row;
  call.changes.put('form_submissions', kept, 'absent');
  return thank(request, form, kept);
};

async function checkMailbox(form: FormsRow, answers: Answers): Promise<Answers> {
  if (form.protection?.refusesDisposable !== true) return answers;
  const problems: AnswerProblem[] = [];
  for (const { name, type } of form.fields) {
    const value = answers.values[name];
    if (type === 'email' && typeof value === 'string' && (await isDisposable(value)))
      problems.push({ field: name, message: 'Please use an address that you keep.' });
  }
  return problems.length === 0 ? answers : { ...answers, problems: [...answers.problems, ...problems] };
}

/** The same words for what is kept aside: whoever tries things out learns nothing by it. */
function thank(request: RouteRequest, form: FormsRow, { state }: FormSubmissionsRow): RouteAnswer<string | object> {
  const asks = form.doubleOptIn?.isOn === true && state !== 'accepted';
  const words = asks ? ASKED : (form.thanks ?? THANKS);
  const { redirectUrl } = form;
  const { origin, host } = request.headers;
  const isElsewhere = origin !== undefined && origin !== 'null' && URL.canParse(origin) && new URL(origin).host !== host;
  if (redirectUrl !== undefined && !asks && isElsewhere && !wantsJson(request)) return { status: 303, headers: { location: redirectUrl } };
  return tell(request, form, 200, asks ? 'unconfirmed' : 'received', words, asks ? undefined : redirectUrl);
}

async function askAgain(
  request: RouteRequest,
  form: FormsRow,
  problems: readonly AnswerProblem[],
  signer: TokenSigner | undefined,
  call: Call<Settings>,
): Promise<RouteAnswer<string | object>> {
  if (wantsJson(request)) return json(422, { state: 'invalid', message: 'Please look at this again.', problems });
  const sent = textOf(request.input, TOKEN_FIELD);
  const token = signer?.readPage(sent) === undefined ? (signer?.page(form.id, call.clock.now()) ?? '') : sent;
  const names = [...form.fields.map(({ name }) => name), ...(form.consents ?? []).map(({ purpose }) => consentField(purpose))];
  const given = Object.fromEntries(names.map((name) => [name, textOf(request.input, name)]));
  return html(422, formPage(form, { token, given, problems }));
}

function tell(
  request: RouteRequest,
  form: FormsRow | undefined,
  status: number,
  state: string,
  message: string,
  next?: string,
): RouteAnswer<string | object> {
  if (wantsJson(request)) return json(status, { state, message });
  const link = next === undefined ? '' : `<p><a href="${escapeHtml(next)}">Go on</a></p>`;
  return html(status, messagePage(form ?? {}, form?.title ?? 'Form', `<p role="status">${escapeHtml(message)}</p>${link}`));
}

function wantsJson({ headers }: RouteRequest): boolean {
  return headers['accept']?.includes('application/json') === true;
}

function json(status: number, body: object): RouteAnswer<object> {
  return { status, body };
}

function html(status: number, body: string): RouteAnswer<string> {
  return { status, headers: { 'content-type': 'text/html' }, body };
}
