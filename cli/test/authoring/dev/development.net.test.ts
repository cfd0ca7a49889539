import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLock, writeLock } from '@tendril/registry';
import { createPlugin } from 'create-tendril-plugin';
import { readAuthorFolder } from '../../../src/authoring/author-folder.ts';
import { Development } from '../../../src/authoring/dev/development.ts';
import { followCalls } from '../../../src/authoring/dev/follow-calls.ts';
import { createTrials } from '../../../src/authoring/dev/trials.ts';
import { createHubClient } from '../../../src/hub-client.ts';
import { pluginHomeOf } from '../../../src/operator/plugin-home.ts';

/** What a hub was asked, and how it answers; beyond that it is none. */
class AnsweringHub {
  readonly asked: string[] = [];
  readonly bodies: unknown[] = [];
  reload: object = { added: [], changed: [], removed: [], faults: [] };
  calls: readonly string[] = [];
  readonly #server = http.createServer((req, res) => void this.#answer(req, res));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    this.asked.push(`${req.method} ${req.url}`);
    this.bodies.push(text === '' ? undefined : JSON.parse(text));
    if (req.url?.endsWith('/calls') === true) {
      res.setHeader('content-type', 'text/event-stream');
      for (const call of this.calls) res.write(call);
      res.end();
      return;
    }
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(this.#json(req.url ?? '')));
  }

  #json(path: string): object {
    if (path === '/v1/plugins/reload') return this.reload;
    if (path.startsWith('/v1/actions/')) return { output: { givenName: 'Ada' } };
    if (path === '/v1/track') return {};
    return {
      id: 'acme_names',
      version: '0.1.0',
      isEnabled: false,
      permissionsHash: 'h1',
      consent: { isNeeded: true },
      permissionsInWords: [],
    };
  }
}

describe('Development', function () {
  this.timeout(30_000);
  const root = mkdtempSync(join(tmpdir(), 'tendril-dev-'));
  const hub = new AnsweringHub();
  let url = '';
  let count = 0;
  before(async () => {
    url = await hub.listen();
  });
  after(async () => {
    await hub.close();
    rmSync(root, { recursive: true, force: true });
  });
  beforeEach(() => {
    hub.asked.length = 0;
    hub.bodies.length = 0;
    hub.reload = { added: [], changed: [], removed: [], faults: [] };
  });

  async function start(id = 'acme_names') {
    count += 1;
    const home = join(root, `home-${count}`);
    const { dir } = await createPlugin({ kind: 'action', id, dir: join(root, `plugin-${count}`) });
    const place = pluginHomeOf({ folder: home, keyFile: '', localFile: join(home, 'local.json'), hubFile: '', sandboxFolder: '' });
    const client = createHubClient({ url, key: 'k', keyOrigin: '--key' });
    const development = new Development(readAuthorFolder(dir), place, client);
    const built = (): readonly string[] => readdirSync(join(home, 'development', id));
    return { dir, home, place, client, development, built };
  }

  it('links a package of the folder, has the hub load it, and takes it out again', async () => {
    const { place, development, built, home } = await start();
    const refreshed = await development.refresh();
    assert.equal(refreshed.state, 'running');
    assert.deepEqual(hub.asked, ['POST /v1/plugins/reload', 'GET /v1/plugins/acme_names']);
    const pinned = (await readLock(place.lockFile)).plugins['acme_names'];
    assert.equal(pinned?.source.kind, 'folder');
    const path = pinned?.source.kind === 'folder' ? pinned.source.path : '';
    assert.match(readFileSync(join(path, 'dist/index.js'), 'utf8'), /split_name/);
    await development.enable(refreshed.state === 'running' ? refreshed.plugin : assert.fail());
    assert.deepEqual(hub.bodies.at(-1), { consent: 'h1' });
    assert.equal(built().length, 1);
    await development.end();
    assert.equal((await readLock(place.lockFile)).plugins['acme_names'], undefined);
    assert.equal(existsSync(join(home, 'development/acme_names')), false);
    assert.equal(hub.asked.at(-1), 'POST /v1/plugins/reload');
  });

  it('puts each build into a folder of its own, and keeps the newest', async () => {
    const { dir, place, development, built } = await start();
    await development.refresh();
    const [first] = built();
    writeFileSync(
      join(dir, 'src/actions/split-name.ts'),
      `${readFileSync(join(dir, 'src/actions/split-name.ts'), 'utf8')}\nexport const two = 2;\n`,
    );
    await development.refresh();
    assert.equal(built().length, 1);
    assert.notEqual(built()[0], first);
    const { source } = (await readLock(place.lockFile)).plugins['acme_names'] ?? assert.fail();
    assert.ok(source.kind === 'folder' && source.path.endsWith(built()[0] ?? '-'));
    await development.end();
  });

  it('tells the faults of what cannot be built, and leaves the hub as it is', async () => {
    const { dir, development, built } = await start();
    await development.refresh();
    const [first] = built();
    hub.asked.length = 0;
    writeFileSync(join(dir, 'plugin.json'), readFileSync(join(dir, 'plugin.json'), 'utf8').replace('"title": "Acme names",', ''));
    const refreshed = await development.refresh();
    assert.equal(refreshed.state, 'faulty');
    assert.match(refreshed.state === 'faulty' ? refreshed.lines.join('\n') : '', /plugin\.json:1:1 {2}\/title is missing/);
    assert.deepEqual([hub.asked, built()], [[], [first]]);
    writeFileSync(join(dir, 'plugin.json'), '{');
    assert.equal((await development.refresh()).state, 'faulty');
    rmSync(dir, { recursive: true });
    assert.equal((await development.refresh()).state, 'refused');
    await development.end();
  });

  it('tells what the hub found wrong, with it alone', async () => {
    const { development } = await start();
    hub.reload = {
      ...hub.reload,
      faults: [
        { plugin: 'acme_names', pointer: '/requires', message: 'no sound plugin contributes it' },
        { plugin: 'other', message: 'is broken' },
      ],
    };
    assert.deepEqual(await development.refresh(), { state: 'refused', reasons: ['/requires no sound plugin contributes it'] });
    await development.end();
  });

  it('generates types that are behind', async () => {
    const { dir, development } = await start();
    const schema = join(dir, 'schema/settings.schema.json');
    writeFileSync(schema, readFileSync(schema, 'utf8').replaceAll('isFamilyNameFirst', 'isOther'));
    writeFileSync(join(dir, 'src/actions/split-name.ts'), 'export const splitName = async () => ({ givenName: "x" });\n');
    assert.equal((await development.refresh()).state, 'running');
    assert.match(readFileSync(join(dir, 'src/gen/manifest.gen.ts'), 'utf8'), /isOther/);
    await development.end();
  });

  it('gives back what was installed under its id before', async () => {
    const { place, development, home } = await start();
    await development.refresh();
    await development.end();
    const before = {
      version: '9.0.0',
      source: { kind: 'tarball', file: '/a.tgz' },
      integrity: `sha512-${'A'.repeat(86)}==`,
      files: '0'.repeat(64),
      manifest: '0'.repeat(64),
      grants: {},
    } as const;
    await writeLock(place.lockFile, { lockVersion: 1, plugins: { acme_names: before } });
    const again = new Development(development.folder(), place, createHubClient({ url, key: 'k', keyOrigin: '--key' }));
    await again.refresh();
    assert.notDeepEqual((await readLock(place.lockFile)).plugins['acme_names'], before);
    await again.end();
    assert.deepEqual((await readLock(place.lockFile)).plugins['acme_names'], before);
    assert.ok(home.length > 0);
  });

  it('tries the examples of actions, effects held back, and events', async () => {
    const { dir, development, client, place } = await start();
    writeFileSync(
      join(dir, 'plugin.json'),
      readFileSync(join(dir, 'plugin.json'), 'utf8').replace('"effect": "read"', '"effect": "write", "idempotency": "natural"'),
    );
    const trials = createTrials(development, client, place.home.localFile);
    const trial = await trials.callNext({ isReal: false });
    assert.match(trial.says, /^acme_names\.split_name \(A name of three words\), effects held back: \{"givenName":"Ada"\}/);
    assert.deepEqual(hub.bodies.at(-1), { input: { fullName: 'Ada King Lovelace' }, isDryRun: true });
    await trials.callNext({ isReal: true });
    assert.deepEqual(hub.bodies.at(-1), { input: { fullName: 'Ada' } });
    assert.match((await trials.sendNext()).says, /describes no event/);
    assert.match((await trials.send({ name: 'Hello', properties: {} })).says, /no write key/);
  });

  it('follows calls, over breaks, until the end', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    hub.calls = [
      'event: hello\ndata: {}\n\n',
      'data: {"handler":"action split_name","outcome":"ok","startedAt":"2026-01-01T00:00:00Z","durationMs":2,"attempt":1}\n\n',
    ];
    await followCalls(createHubClient({ url, key: 'k', keyOrigin: '--key' }), 'acme_names', stop.signal, {
      onCall: ({ handler }) => {
        seen.push(handler);
        if (seen.length === 2) stop.abort();
      },
      onTrouble: (reason) => assert.fail(reason),
    });
    assert.deepEqual(seen, ['action split_name', 'action split_name']);
  });
});
