import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { createSandboxControl, startSandboxes } from '../../src/sandboxes/index.ts';
import type { KeptMail, SandboxControl, Sandboxes } from '../../src/sandboxes/index.ts';

const mail = {
  from: 'Shop <shop@example.invalid>',
  to: 'Ada <ada@example.invalid>',
  subject: 'Wëlcome',
  text: 'Hello',
  html: '<p>Hello</p>',
  messageId: '<run-1-step@example.invalid>',
  headers: { 'List-Unsubscribe': '<https://example.invalid/u>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
};

describe('the mail sink', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-mail-'));
  let sandboxes: Sandboxes;
  let control: SandboxControl;
  before(async () => {
    sandboxes = await startSandboxes({ folder });
    control = createSandboxControl(sandboxes.services.smtp.apiUrl);
  });
  beforeEach(() => control.reset());
  after(async () => {
    await sandboxes.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function send(changes: object = {}): Promise<string> {
    const { host, port } = sandboxes.services.smtp;
    const transport = createTransport({ host, port, socketTimeout: 20_000 });
    try {
      return (await transport.sendMail({ ...mail, ...changes })).response;
    } finally {
      transport.close();
    }
  }

  async function get<Body>(path: string): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${sandboxes.services.smtp.apiUrl}${path}`);
    return { status: response.status, body: (await response.json()) as Body };
  }

  it('shows nothing to pages of other sites, also under a name that leads here', async () => {
    const { apiUrl } = sandboxes.services.smtp;
    const statusOf = (headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        http.get(`${apiUrl}/mails`, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject);
      });
    assert.equal(await statusOf({ host: 'evil.example' }), 403);
    assert.equal(await statusOf({ origin: 'https://evil.example' }), 403);
    assert.equal(await statusOf({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await statusOf({}), 200);
  });

  it('keeps a mail as a file and shows it by id and by message id', async () => {
    await send();
    const found = await get<KeptMail>(`/mails/by-message-id/${encodeURIComponent('run-1-step@example.invalid')}`);
    assert.equal(found.status, 200);
    const { id, file, from, to, subject, text, html, headers } = found.body;
    assert.deepEqual(
      { from, to, subject, text: text.trim(), html },
      { from: '"Shop" <shop@example.invalid>', to: ['ada@example.invalid'], subject: 'Wëlcome', text: 'Hello', html: '<p>Hello</p>' },
    );
    assert.equal(headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
    assert.deepEqual((await get(`/mails/${id}`)).body, found.body);
    assert.match(readFileSync(join(folder, 'mails', file), 'utf8'), /^Message-ID: <run-1-step@example\.invalid>/im);
    assert.equal((await get('/mails/by-message-id/nobody%40example.invalid')).status, 404);
  });

  it('lists the newest first, in pages', async () => {
    for (const subject of ['one', 'two', 'three']) await send({ subject, messageId: `<${subject}@example.invalid>` });
    const first = await get<{ items: KeptMail[]; nextCursor?: string }>('/mails?limit=2');
    const second = await get<{ items: KeptMail[]; nextCursor?: string }>(`/mails?limit=2&cursor=${first.body.nextCursor ?? ''}`);
    assert.deepEqual(
      [...first.body.items, ...second.body.items].map((item) => item.subject),
      ['three', 'two', 'one'],
    );
    assert.equal(second.body.nextCursor, undefined);
  });

  it('counts a message id that came twice', async () => {
    await send();
    await send();
    const { effects, keys, doubled } = await control.status();
    assert.deepEqual({ effects, keys, doubled }, { effects: 2, keys: 1, doubled: 1 });
  });

  for (const [kind, code, effects] of [
    ['reject_temporary', 451, 0],
    ['reject_permanent', 550, 0],
    ['throttle', 421, 0],
    ['drop_before', undefined, 0],
    ['drop_after', undefined, 1],
  ] as const) {
    it(`${kind}: ${code === undefined ? 'the connection ends' : String(code)}, ${String(effects)} mail kept`, async () => {
      await control.fault(kind);
      await assert.rejects(send(), (error: Error & { responseCode?: number }) => error.responseCode === code);
      const status = await control.status();
      assert.deepEqual([status.effects, status.requests], [effects, 1]);
      assert.match(await send(), /^250/);
    });
  }
});
