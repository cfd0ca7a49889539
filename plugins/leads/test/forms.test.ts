import assert from 'node:assert/strict';
import type { JsonObject, RouteAnswer, RouteRequest, StartedPipeline } from '@tendril/plugin-api';
import { formConfirmation } from '../src/actions/form-confirmation.ts';
import { formDelete } from '../src/actions/form-delete.ts';
import { formGet } from '../src/actions/form-get.ts';
import { formList } from '../src/actions/form-list.ts';
import { formReview } from '../src/actions/form-review.ts';
import { formSave } from '../src/actions/form-save.ts';
import { formSubmissions } from '../src/actions/form-submissions.ts';
import { countAnswer } from '../src/forms/rate.ts';
import { hasWorked } from '../src/forms/suspicion.ts';
import type { FormSaveInput, FormSubmissionsOutput } from '../src/gen/manifest.gen.ts';
import { confirm, confirmPage } from '../src/routes/confirm.ts';
import { formPage } from '../src/routes/form-page.ts';
import { formSubmit } from '../src/routes/form-submit.ts';
import { formToken } from '../src/routes/form-token.ts';
import { createSourcesTenant } from './sources-tenant.ts';

const CONTACT: FormSaveInput = {
  id: 'contact',
  title: 'Talk <to> us',
  fields: [
    { name: 'email', type: 'email', label: 'E-mail', isRequired: true },
    { name: 'firstName', type: 'text', label: 'First name', trait: 'firstName' },
    { name: 'message', type: 'textarea', label: 'What is it about?' },
  ],
  consents: [{ purpose: 'marketing', text: 'Send me news.' }],
};

function request(input: JsonObject = {}, parts: Partial<RouteRequest> = {}): RouteRequest<Record<string, never>> {
  return {
    path: '/forms/{form}',
    parameters: { form: 'contact' },
    query: {},
    headers: { host: 'hub.invalid' },
    sender: 'sender-1',
    ...parts,
    input: input as Record<string, never>,
  };
}

function textOf({ body }: RouteAnswer<string | object>): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function open(form: Partial<FormSaveInput> = {}) {
  const tenant = createSourcesTenant();
  await tenant.run((call) => formSave({ ...CONTACT, ...form }, call));
  const token = async (): Promise<string> => {
    const page = textOf(await tenant.run((call) => formPage(request(), call)));
    return /name="_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  };
  const submit = (input: JsonObject, parts?: Partial<RouteRequest>) => tenant.run((call) => formSubmit(request(input, parts), call));
  return {
    ...tenant,
    token,
    submit,
    /** As a person does: opens the page, takes a while, sends. */
    fill: async (input: JsonObject, parts?: Partial<RouteRequest>) => {
      const _token = await token();
      tenant.advance(10_000);
      return submit({ ...input, _token }, parts);
    },
    list: async (): Promise<FormSubmissionsOutput['items']> =>
      (await tenant.run((call) => formSubmissions({ form: 'contact' }, call))).items,
  };
}

describe('a form', () => {
  it('is a page without scripts, with everything escaped and labelled, and states what a person sends', async () => {
    const { run, fill, takenIn, list } = await open();
    const page = textOf(await run((call) => formPage(request(), call)));
    assert.match(page, /<h1>Talk &lt;to&gt; us<\/h1>/);
    assert.match(page, /<label for="email">/);
    assert.doesNotMatch(page, /<script|https?:/);
    const answer = await fill({ email: 'Ada@Works.invalid', firstName: 'Ada', message: 'Hello', _consent_marketing: 'yes' });
    assert.equal(answer.status, 200);
    const [identify, submitted] = takenIn();
    assert.deepEqual(identify?.['traits'], { email: 'ada@works.invalid', firstName: 'Ada' });
    assert.deepEqual((identify['context'] as JsonObject)['consent'], { categoryPreferences: { marketing: true } });
    assert.equal(submitted?.['event'], 'Form Submitted');
    assert.deepEqual((submitted['properties'] as JsonObject)['answers'], { message: 'Hello' });
    assert.equal(submitted['anonymousId'], identify['anonymousId']);
    assert.deepEqual(
      (await list()).map(({ state, reasons }) => [state, reasons]),
      [['accepted', []]],
    );
  });

  it('says nothing of consent for a box that was left empty', async () => {
    const { fill, takenIn } = await open();
    await fill({ email: 'ada@works.invalid' });
    assert.equal((takenIn()[0]?.['context'] as JsonObject)['consent'], undefined);
  });

  it('gives the page again with what was filled in and what is wrong with it', async () => {
    const { submit, takenIn } = await open();
    const answer = await submit({ email: 'nobody', firstName: '"><script>' });
    assert.equal(answer.status, 422);
    assert.match(textOf(answer), /role="alert"/);
    assert.match(textOf(answer), /aria-invalid="true" aria-describedby="email-fault"/);
    assert.match(textOf(answer), /value="&quot;&gt;&lt;script&gt;"/);
    assert.equal(takenIn().length, 0);
    const json = await submit({ email: 'nobody' }, { headers: { host: 'hub.invalid', accept: 'application/json' } });
    assert.deepEqual(
      (json.body as { problems: { field: string }[] }).problems.map(({ field }) => field),
      ['email'],
    );
  });

  it('is stated once when it is sent twice', async () => {
    const { token, submit, takenIn, list, advance } = await open();
    const _token = await token();
    advance(10_000);
    await submit({ email: 'ada@works.invalid', _token });
    await submit({ email: 'ada@works.invalid', _token });
    assert.equal(takenIn().length, 2);
    assert.equal((await list()).length, 1);
  });

  it('keeps robots aside with the reasons, and tells them nothing', async () => {
    const { token, submit, fill, takenIn, list, advance, run } = await open();
    const fast = await submit({ email: 'fast@works.invalid', _token: await token() });
    const person = await fill({ email: 'ada@works.invalid' });
    assert.equal(textOf(fast), textOf(person));
    await submit({ email: 'bare@works.invalid' });
    await fill({ email: 'trap@works.invalid', _website: 'x' });
    await fill({ email: 'links@works.invalid', message: 'http://a http://b www.c' });
    await submit({ email: 'forged@works.invalid', _token: `${(await token()).slice(0, -2)}AA` });
    const old = await token();
    advance(25 * 60 * 60 * 1_000);
    await submit({ email: 'old@works.invalid', _token: old });
    const found = new Map(
      (await list()).map(({ values, state, reasons }) => [values['email'], [state, ...reasons.map(({ code }) => code)]]),
    );
    assert.deepEqual(Object.fromEntries(found), {
      'ada@works.invalid': ['accepted'],
      'bare@works.invalid': ['suspicious', 'no_token'],
      'fast@works.invalid': ['suspicious', 'too_fast'],
      'forged@works.invalid': ['suspicious', 'bad_token'],
      'links@works.invalid': ['suspicious', 'too_many_links'],
      'old@works.invalid': ['suspicious', 'old_token'],
      'trap@works.invalid': ['refused', 'honeypot'],
    });
    assert.equal(takenIn().length, 2);
    const kept = (await list()).find(({ values }) => values['email'] === 'fast@works.invalid');
    const approved = await run((call) => formReview({ submission: kept?.id ?? '', decision: 'approve' }, call));
    assert.equal(approved.state, 'accepted');
    assert.equal(takenIn().length, 4);
    await run((call) => formReview({ submission: kept?.id ?? '', decision: 'approve' }, call));
    assert.equal(takenIn().length, 4);
    await assert.rejects(
      run((call) => formReview({ submission: kept?.id ?? '', decision: 'refuse' }, call)),
      { code: 'INPUT_INVALID' },
    );
  });

  it('takes another answer of the same page for suspicious', async () => {
    const { token, submit, list, advance } = await open();
    const _token = await token();
    advance(10_000);
    await submit({ email: 'a@works.invalid', _token });
    await submit({ email: 'b@works.invalid', _token });
    assert.deepEqual((await list()).map(({ state }) => state).toSorted(), ['accepted', 'suspicious']);
  });

  it('refuses too many answers of one sender, and lets others go on', async () => {
    const { fill } = await open({ protection: { mostPerHourPerSender: 2 } });
    assert.equal((await fill({ email: 'a@works.invalid' })).status, 200);
    assert.equal((await fill({ email: 'b@works.invalid' })).status, 200);
    assert.equal((await fill({ email: 'c@works.invalid' })).status, 429);
    assert.equal((await fill({ email: 'd@works.invalid' }, { sender: 'sender-2' })).status, 200);
  });

  it('counts answers that come all at once one by one', async () => {
    const { run } = await open();
    const form = { id: 'contact', protection: { mostPerHourPerSender: 5, mostPerMinute: 8 } };
    const taken = async (sender: string): Promise<number> => {
      const all = await run((call) =>
        Promise.all(Array.from({ length: 20 }, (_, n) => countAnswer(form, { sender, submission: `${sender}-${String(n)}` }, call))),
      );
      return all.filter(Boolean).length;
    };
    assert.deepEqual([await taken('one'), await taken('one'), await taken('two'), await taken('three')], [5, 0, 3, 0]);
  });

  it('takes scripts of sites that it allows, and of no others', async () => {
    const { fill } = await open({ allowedOrigins: ['https://shop.invalid'] });
    const from = (origin: string): Partial<RouteRequest> => ({ headers: { host: 'hub.invalid', origin, accept: 'application/json' } });
    assert.equal((await fill({ email: 'a@works.invalid' }, from('https://shop.invalid'))).status, 200);
    assert.equal((await fill({ email: 'b@works.invalid' }, from('https://evil.invalid'))).status, 403);
    assert.equal((await fill({ email: 'c@works.invalid' }, from('null'))).status, 200);
  });

  it('asks scripts for work where it is told to', async () => {
    const { run, submit, advance, list } = await open({ protection: { workBits: 8 } });
    const { body } = await run((call) => formToken(request(), call));
    const { token, workBits } = body as { token: string; workBits: number };
    let proof = 0;
    while (!hasWorked(token, String(proof), workBits)) proof += 1;
    advance(10_000);
    await submit({ email: 'a@works.invalid', _token: token, _work: String(proof) });
    const { body: other } = await run((call) => formToken(request(), call));
    advance(10_000);
    await submit({ email: 'b@works.invalid', _token: (other as { token: string }).token, _work: '' });
    assert.deepEqual((await list()).map(({ state }) => state).toSorted(), ['accepted', 'suspicious']);
  });

  it('refuses throw-away mailboxes where it is told to', async () => {
    const { fill } = await open({ protection: { refusesDisposable: true } });
    assert.equal((await fill({ email: 'a@mailinator.com' })).status, 422);
  });

  it('says what is wrong with its definition', async () => {
    const tenant = createSourcesTenant();
    const refused = async (form: Partial<FormSaveInput>): Promise<void> =>
      assert.rejects(
        tenant.run((call) => formSave({ ...CONTACT, ...form }, call)),
        { code: 'INPUT_INVALID' },
      );
    await refused({ fields: [{ name: 'a', type: 'select', label: 'A' }] });
    await refused({ doubleOptIn: { isOn: true }, fields: [{ name: 'a', type: 'text', label: 'A' }] });
    await refused({ fields: [CONTACT.fields[0], CONTACT.fields[0]] });
  });

  it('is listed with its answers, gives snippets, and is gone when it is deleted', async () => {
    const { run, fill } = await open();
    await fill({ email: 'a@works.invalid' });
    const { items } = await run((call) => formList({}, call));
    assert.deepEqual(
      items.map(({ id, path, counts }) => [id, path, counts]),
      [['contact', '/t/test/plugins/leads/forms/contact', { accepted: 1 }]],
    );
    const { snippet, script } = await run((call) => formGet({ id: 'contact', baseUrl: 'https://hub.invalid/' }, call));
    assert.match(snippet ?? '', /action="https:\/\/hub\.invalid\/t\/test\/plugins\/leads\/forms\/contact"/);
    assert.match(script ?? '', /crypto\.subtle/);
    await run((call) => formDelete({ id: 'contact' }, call));
    assert.equal((await run((call) => formPage(request(), call))).status, 404);
    assert.equal((await fill({ email: 'a@works.invalid' })).status, 404);
  });
});

describe('double opt-in', () => {
  it('is warned of wherever a form is seen as long as nothing sends its mail', async () => {
    const pipelines: { [event: string]: readonly StartedPipeline[] } = {};
    const { run } = createSourcesTenant({}, {}, pipelines);
    const save = async (form: Partial<FormSaveInput> = { doubleOptIn: { isOn: true } }) =>
      (await run((call) => formSave({ ...CONTACT, ...form }, call))).warnings;
    const [missing, ...others] = await save();
    assert.deepEqual([missing?.code, others], ['confirmation_missing', []]);
    assert.match(missing?.message ?? '', /every answer stays unconfirmed.*tendril leads forms send-confirmations/);
    assert.deepEqual((await run((call) => formGet({ id: 'contact' }, call))).warnings, [missing]);
    assert.deepEqual((await run((call) => formList({}, call))).items[0]?.warnings, [missing]);
    for (const form of [{}, { doubleOptIn: { isOn: false } }, { doubleOptIn: { isOn: true }, isOpen: false }])
      assert.deepEqual(await save(form), []);
    pipelines['Form Confirmation Requested'] = [{ id: 'ask', isPaused: true }];
    const [paused] = await save();
    assert.deepEqual([missing?.pipelines, paused?.code, paused?.pipelines], [[], 'confirmation_paused', ['ask']]);
    assert.match(paused?.message ?? '', /`tendril pipelines resume ask`/);
    pipelines['Form Confirmation Requested'] = [
      { id: 'ask', isPaused: true },
      { id: 'of_ours', isPaused: false },
    ];
    assert.deepEqual(await save(), []);
  });

  async function asked() {
    const tenant = await open({ doubleOptIn: { isOn: true, hours: 24 } });
    await tenant.fill({ email: 'ada@works.invalid', firstName: 'Ada', _consent_marketing: 'yes' });
    const [row] = await tenant.list();
    const link = async (): Promise<string> =>
      (await tenant.run((call) => formConfirmation({ submission: row?.id ?? '', address: 'ada@works.invalid' }, call))).url
        ?.split('/')
        .at(-1) ?? '';
    const look = async (token: string) => tenant.run((call) => confirmPage(request({}, { parameters: { token } }), call));
    const act = async (token: string) => tenant.run((call) => confirm(request({ confirm: 'yes' }, { parameters: { token } }), call));
    return { ...tenant, row, link, look, act };
  }

  it('states only the address until the person confirms, and everything then, once', async () => {
    const { takenIn, row, link, look, act, list, run } = await asked();
    assert.equal(row?.state, 'unconfirmed');
    assert.deepEqual(
      takenIn().map(({ type, event, context }) => [type, event, (context as JsonObject)['traits'], (context as JsonObject)['consent']]),
      [['track', 'Form Confirmation Requested', { email: 'ada@works.invalid' }, undefined]],
    );
    const input = { submission: row.id, address: 'Ada@works.invalid' };
    const { url, isOpen } = await run((call) => formConfirmation(input, call));
    assert.match(url ?? '', /^https:\/\/hub\.invalid\/t\/test\/plugins\/leads\/confirm\//);
    assert.equal(isOpen, true);
    const token = await link();
    assert.match(textOf(await look(token)), /<form method="post">/);
    assert.equal(takenIn().length, 1, 'looking never acts');
    assert.equal((await act(token)).status, 200);
    assert.equal(takenIn().length, 3);
    assert.deepEqual((takenIn()[1]?.['context'] as JsonObject)['consent'], { categoryPreferences: { marketing: true } });
    assert.equal(takenIn()[1]?.['anonymousId'], takenIn()[0]?.['anonymousId']);
    assert.equal((await act(token)).status, 200);
    assert.equal(takenIn().length, 3);
    assert.equal((await list())[0]?.state, 'accepted');
    assert.equal((await run((call) => formConfirmation(input, call))).isOpen, false);
  });

  it('tells the link for the address that was filled in, and for no other', async () => {
    const { row, run } = await asked();
    for (const address of ['eve@evil.invalid', 'ada@works.invalid.evil.invalid', '']) {
      const { url, isOpen } = await run((call) => formConfirmation({ submission: row?.id ?? '', address }, call));
      assert.deepEqual([url, isOpen], [undefined, false], address);
    }
  });

  it('says clearly when a link is old, changed, or of another kind', async () => {
    const { link, look, act, advance, takenIn, token } = await asked();
    const good = await link();
    const payload = Buffer.from(good.split('.')[0] ?? '', 'base64url')
      .toString()
      .replace('confirm', 'confirm ');
    for (const bad of [
      `${good.slice(0, -3)}AAA`,
      'x',
      `${Buffer.from(payload).toString('base64url')}.${good.split('.')[1] ?? ''}`,
      await token(),
    ]) {
      assert.equal((await look(bad)).status, 404);
      assert.equal((await act(bad)).status, 404);
    }
    advance(25 * 60 * 60 * 1_000);
    assert.equal((await look(good)).status, 410);
    assert.equal((await act(good)).status, 410);
    assert.equal(takenIn().length, 1);
  });
});
