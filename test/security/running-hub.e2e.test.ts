import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { startHub } from '../support/start-hub.ts';
import type { RunningHub } from '../support/start-hub.ts';
import { runTendril } from '../support/tendril.ts';

const ADDRESS = 'ada.lovelace@victim.example';
const NAME = 'Lovelace-Unmistakable';
const SIGNING = 'whsec_c2VjcmV0IG9mIGEgd2ViaG9vay4uLi4uLi4uLi4=';

/** Files below a folder, by their paths in it. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Sends a person's data through everything: log, profile, lead, mail, vendors, a failing webhook. */
async function useEverything(hub: RunningHub): Promise<void> {
  const status = await hub.send([
    { type: 'identify', userId: 'u-1', traits: { email: ADDRESS, lastName: NAME } },
    { type: 'track', userId: 'u-1', event: 'Signup Completed', properties: { note: `write to ${ADDRESS}` } },
  ]);
  assert.equal(status, 200);
  const values = { url: 'https://127.0.0.1:1/', secret: SIGNING };
  await hub.api('POST', '/v1/connections', { name: 'hook', plugin: 'webhook', kind: 'endpoint', values });
  const person = await findPerson(hub);
  const act = (action: string, input: object): Promise<unknown> =>
    hub.api('POST', `/v1/actions/${action}`, { input }).catch((error: unknown) => String(error));
  await act('email.send', { person, subject: 'Hello {{profile.traits.email}}', html: '<p>{{profile.traits.lastName}}</p>' });
  await act('email.send', { person, subject: 'Hello {{profile.traits.missing}}', html: '<p>{{profile.traits.email}}</p>' });
  await act('salesforce.upsert_lead', { email: ADDRESS, lastName: NAME, company: 'C', externalId: 'u-1' });
  await act('hubspot.upsert_contact', { email: ADDRESS, properties: { nonsense: NAME } });
  await act('webhook.send', { type: 'a.b', data: { email: ADDRESS } });
}

/** Profiles follow the log. */
async function findPerson(hub: RunningHub): Promise<string> {
  for (;;) {
    const { items } = await hub.api<{ items: readonly { id: string }[] }>('GET', `/v1/people?email=${encodeURIComponent(ADDRESS)}`);
    if (items[0] !== undefined) return items[0].id;
  }
}

describe('a running hub', function () {
  this.timeout(120_000);
  let hub: RunningHub;
  let backup: string;
  const folders: string[] = [];
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'tendril-security-'));
    folders.push(made);
    return made;
  };

  before(async () => {
    hub = await startHub({ flags: ['--empty', '--log-level', 'debug'] });
    await useEverything(hub);
    backup = join(folder(), 'backup');
    const { code, stdout } = await runTendril(['backup', backup], { home: hub.dataDir });
    assert.equal(code, 0, stdout);
  });
  after(async () => {
    await hub.stop();
    for (const each of [...folders, hub.dataDir]) rmSync(each, { recursive: true, force: true });
  });

  it('writes no secret and nothing of a person into its log, at the most talkative level', () => {
    const lines = hub.errors();
    assert.match(lines, /request answered/);
    for (const secret of [ADDRESS, NAME, SIGNING, hub.secretKey, hub.writeKey]) assert.ok(!lines.includes(secret), secret);
  });

  it('tells nothing of a person in figures, nor in what is open to all', async () => {
    for (const path of ['/metrics', '/readyz', '/healthz', '/openapi.json']) {
      const text = await (await fetch(hub.url + path)).text();
      for (const secret of [ADDRESS, NAME, SIGNING, hub.secretKey, hub.writeKey]) assert.ok(!text.includes(secret), path);
    }
  });

  it('keeps its data sealed: only sandboxes and the local key files say anything in the clear', () => {
    const secrets = [ADDRESS, NAME, SIGNING, hub.secretKey, hub.writeKey].map((text) => Buffer.from(text));
    const isClear = (path: string): boolean => secrets.some((secret) => readFileSync(path).includes(secret));
    const clear = filesOf(hub.dataDir).filter((path) => isClear(join(hub.dataDir, path)) && !path.startsWith('sandbox'));
    assert.deepEqual(clear.toSorted(), ['keys-main.json', 'local.json']);
    assert.deepEqual(
      filesOf(backup).filter((path) => isClear(join(backup, path))),
      [],
    );
  });

  it('keeps its files for its owner alone, and those of a backup', () => {
    for (const root of [hub.dataDir, backup]) {
      assert.notEqual(filesOf(root).length, 0);
      for (const path of ['', ...filesOf(root)]) assert.equal(statSync(join(root, path)).mode & 0o077, 0, join(root, path));
    }
  });

  it('does not start in production without a master key, nor with keys that lie in the clear', async () => {
    const home = folder();
    const start = async (): Promise<string> => {
      const { code, stdout } = await runTendril(['start', '--json', '--production'], { home, environment: { PORT: '0' } });
      assert.equal(code, 3, stdout);
      return stdout;
    };
    assert.match(await start(), /TENDRIL_MASTER_KEY/);
    const developed = await startHub({ dataDir: home, flags: ['--empty'] });
    await developed.stop();
    assert.match(await start(), /keys-main\.json/);
  });
});
