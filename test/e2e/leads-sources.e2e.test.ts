import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, removeDataDir, startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';

const TENDRIL = fileURLToPath(new URL('../../cli/bin/tendril.mjs', import.meta.url));
const FORM = {
  id: 'news',
  title: 'News',
  fields: [
    { name: 'email', type: 'email', label: 'E-mail', isRequired: true },
    { name: 'firstName', type: 'text', label: 'First name', trait: 'firstName' },
  ],
  consents: [{ purpose: 'marketing', text: 'Send me news.' }],
  doubleOptIn: { isOn: true },
  protection: { leastSeconds: 0 },
};

interface Consumer {
  readonly lag: number;
}

interface Finished {
  readonly id: string;
  readonly rows: { readonly seen: number; readonly accepted: number; readonly refused: number };
  readonly people: { readonly new: number };
  readonly duplicates: { readonly inFile: number };
  readonly refusalsFile?: string;
}

async function act<Output>(hub: RunningHub, action: string, input: object): Promise<Output> {
  return (await hub.api<{ output: Output }>('POST', `/v1/actions/${action}`, { input })).output;
}

async function followed(hub: RunningHub): Promise<void> {
  await eventually(
    async () => (await hub.api<{ items: readonly Consumer[] }>('GET', '/v1/consumers')).items,
    (items) => items.every(({ lag }) => lag === 0),
    120_000,
  );
}

async function tendril(
  hub: RunningHub,
  given: readonly string[],
): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
  const child = spawn(process.execPath, ['--conditions=tendril-source', '--disable-warning=ExperimentalWarning', TENDRIL, ...given], {
    env: { ...process.env, TENDRIL_URL: hub.url, TENDRIL_KEY: hub.secretKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output, errors };
}

describe('leads from files and forms, on a hub of its own', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-sources-'));
  let hub: RunningHub;

  before(async () => {
    hub = await startHub({ dataDir: join(folder, 'hub') });
  });
  after(async () => {
    await hub.stop();
    removeDataDir(hub.dataDir);
    rmSync(folder, { recursive: true, force: true });
  });

  it('imports a file through kill -9: nothing is lost, nothing is there twice', async () => {
    const file = join(folder, 'fair.csv');
    const lines = Array.from({ length: 3_000 }, (_, row) => `p${String(row % 2_900)}@fair.invalid,Person ${String(row)},"Works, Ltd"`);
    lines[1_500] = 'nobody,Nobody,Works';
    writeFileSync(file, `E-Mail,Name,Company\n${lines.join('\n')}\n`);
    const { count: before } = await act<{ count: number }>(hub, 'leads.count', {});
    const columns = ['E-Mail', 'Name', 'Company'];
    const { id } = await act<{ id: string }>(hub, 'leads.create_import', {
      name: 'Fair',
      columns,
      mapping: { 'E-Mail': 'email', Name: 'name', Company: 'company' },
    });
    const cells = lines.map((line) => [line.split(',')[0] ?? '', line.split(',')[1] ?? '', 'Works, Ltd']);
    await act(hub, 'leads.import_rows', { import: id, first: 1, rows: cells.slice(0, 700) });
    // The second call is on its way when the hub dies: at whatever point that is.
    const cutOff = act(hub, 'leads.import_rows', { import: id, first: 701, rows: cells.slice(700, 1_700) }).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    await hub.kill();
    await cutOff;
    hub = await startHub({ dataDir: hub.dataDir });

    const { code, output, errors } = await tendril(hub, ['leads', 'import', file, '--resume', id, '--json']);
    assert.equal(code, 0, `${output}${errors}`);
    const finished = JSON.parse(output) as Finished;
    assert.deepEqual(finished.rows, { seen: 3_000, accepted: 2_999, refused: 1 });
    assert.deepEqual([finished.people.new, finished.duplicates.inFile], [2_899, 100]);
    await followed(hub);
    assert.equal((await act<{ count: number }>(hub, 'leads.count', {})).count - before, 2_899);
    assert.match(
      await import('node:fs').then(({ readFileSync }) => readFileSync(`${file}.refused.csv`, 'utf8')),
      /nobody,Nobody,Works,1501,E-Mail: This is no/,
    );
    const again = await tendril(hub, ['leads', 'import', file, '--resume', id]);
    assert.equal(again.code, 3);
    assert.match((await tendril(hub, ['leads', 'imports'])).output, /Fair +finished/);
  });

  it('shows what columns mean before anything is imported', async () => {
    const file = join(folder, 'dry.csv');
    writeFileSync(file, 'Mail;Firma;PLZ\na@x.invalid;Works;01067\n');
    const { code, output } = await tendril(hub, ['leads', 'import', file, '--dry-run', '--json', '--map', 'Firma=employer']);
    assert.equal(code, 0, output);
    assert.deepEqual((JSON.parse(output) as { mapping: object }).mapping, { Mail: 'email', Firma: 'employer', PLZ: 'postalCode' });
  });

  it('asks by e-mail whether it was them, and states it when they say so', async () => {
    const file = join(folder, 'news.json');
    writeFileSync(file, JSON.stringify(FORM));
    const saved = await tendril(hub, ['leads', 'forms', 'save', file]);
    assert.deepEqual([saved.code, saved.output.trim()], [0, `news is at ${hub.url}/t/${hub.tenant}/plugins/leads/forms/news`]);
    assert.match(saved.errors, /^warning: No pipeline sends the mail for double opt-in/);
    await hub.api('POST', '/v1/plugins/leads/pipelines/double_opt_in', { settings: {} });
    assert.match(
      (await tendril(hub, ['leads', 'forms', 'list'])).errors,
      /^warning: .* is paused.*`tendril pipelines resume leads_double_opt_in`/,
    );
    for (const outcome of [true, false]) {
      const { code, output } = await tendril(hub, ['leads', 'forms', 'send-confirmations', '--json']);
      assert.deepEqual([code, JSON.parse(output)], [0, { pipeline: 'leads_double_opt_in', isAdded: false, isResumed: outcome }]);
    }
    const shown = await tendril(hub, ['leads', 'forms', 'show', 'news', '--yaml']);
    assert.deepEqual([shown.code, shown.errors], [0, '']);
    writeFileSync(file, shown.output);
    assert.deepEqual((await tendril(hub, ['leads', 'forms', 'save', file])).errors, '', 'what is shown can be saved');
    const address = `${hub.url}/t/${hub.tenant}/plugins/leads/forms/news`;
    const page = await fetch(address);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy') ?? '', /sandbox allow-forms; default-src 'none'/);
    const token = /name="_token" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    const sent = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'null' },
      body: new URLSearchParams({ email: 'ada.form@fair.invalid', firstName: 'Ada', _token: token, _consent_marketing: 'yes' }).toString(),
    });
    assert.match(await sent.text(), /open the link in the mail/);

    const mail = await eventually(
      async () => (await hub.api<{ items: readonly { id: string; to: readonly string[] }[] }>('GET', '/v1/sandbox/mails')).items,
      (items) => items.some(({ to }) => to.includes('ada.form@fair.invalid')),
      60_000,
    );
    const { text = '' } = await hub.api<{ text?: string }>(
      'GET',
      `/v1/sandbox/mails/${mail.find(({ to }) => to.includes('ada.form@fair.invalid'))?.id ?? ''}`,
    );
    const link = /https?:\/\/\S+\/confirm\/\S+/.exec(text.replaceAll(/=\r?\n/g, ''))?.[0] ?? '';
    assert.ok(link.startsWith(hub.url), text);
    assert.match(await (await fetch(link)).text(), /Was it you/);
    assert.equal(
      (await fetch(link, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'confirm=yes' })).status,
      200,
    );
    await followed(hub);
    const { items } = await act<{ items: readonly { state: string }[] }>(hub, 'leads.form_submissions', { form: 'news' });
    assert.deepEqual(
      items.map(({ state }) => state),
      ['accepted'],
    );
  });

  it('takes in what comes signed from outside, once, and enriches it', async () => {
    await hub.api('PUT', '/v1/plugins/leads/webhooks/lead_signed/secret', { secret: 'between us' });
    const { items } = await hub.api<{ items: readonly { id: string; path: string }[] }>('GET', '/v1/plugins/leads/webhooks');
    const path = items.find(({ id }) => id === 'lead_signed')?.path ?? '';
    const body = JSON.stringify({ 'E-Mail': 'grace.hook@works.example', Company: 'Works' });
    const deliver = async (secret: string): Promise<number> => {
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      const headers = { 'content-type': 'application/json', 'x-signature': signature, 'idempotency-key': 'd1' };
      return (await fetch(`${hub.url}${path}`, { method: 'POST', headers, body })).status;
    };
    const { count: before } = await act<{ count: number }>(hub, 'leads.count', {});
    assert.equal(await deliver('somebody else'), 401);
    assert.ok((await deliver('between us')) < 300);
    assert.ok((await deliver('between us')) < 300);
    await followed(hub);
    assert.equal((await act<{ count: number }>(hub, 'leads.count', {})).count, before + 1);
    const { person } = await act<{ person: { id: string } }>(hub, 'profiles.find', { email: 'grace.hook@works.example' });
    const { written } = await act<{ written: readonly string[] }>(hub, 'leads.enrich', { person: person.id });
    assert.ok(written.includes('firstName') && !written.includes('company'), written.join());
  });
});
