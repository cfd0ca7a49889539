import assert from 'node:assert/strict';
import { createHub } from '@tendril/engine';
import type { Hub } from '@tendril/engine';
import type { Host, JsonObject } from '@tendril/plugin-api';
import { createMemoryStores } from '@tendril/testkit/stores';
import { serveHub } from './served.ts';
import type { Served } from './served.ts';

type Source = Parameters<typeof createHub>[0]['plugins'][number];

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const rows = { key: 'id', schema: { type: 'object', properties: { id: { type: 'string' } } }, indexes: {} };
const echo = { title: 'Echo', effect: 'write', idempotency: 'natural', input: { type: 'object' }, output: true };
const manifest = (more: JsonObject = {}): JsonObject => ({
  id: 'notes',
  title: 'Notes',
  engines: { tendril: '^0.1.0' },
  permissions: { storage: ['kv', 'tables'] },
  contributes: { actions: { echo: echo as JsonObject }, tables: { rows } },
  ...more,
});
const packageJson = (version: string): JsonObject => ({ name: '@acme/plugin-notes', version, description: 'Keeps notes.' });

/** A plugin that keeps what it is given. */
function notes(more: Partial<Source> = {}): Source {
  return {
    folder: 'notes',
    file: 'notes/plugin.json',
    packageJson: packageJson('1.0.0'),
    manifest: manifest(),
    read: () => Promise.reject(new Error('no files')),
    load: async () => ({
      default: {
        setup: (host: Host) =>
          host.action('echo', async (input, call) => {
            call.changes.put('rows', { id: 'one' });
            await call.kv.set('last', input);
            return input;
          }),
      },
    }),
    ...more,
  };
}

describe('the API of plugins', () => {
  let hub: Hub;
  let served: Served;
  let admin = '';
  let reader = '';
  let outsider = '';
  let found: readonly Source[] = [];
  before(async () => {
    found = [notes()];
    hub = await createHub({
      stores: createMemoryStores(),
      masterKey: new Uint8Array(32).fill(7),
      log,
      plugins: found,
      findPlugins: async () => found,
    });
    for (const id of ['acme', 'other']) await hub.admin.create({ id, name: id });
    const keys = (await hub.tenant('acme')).keys;
    admin = (await keys.create({ kind: 'secret', scopes: ['admin'] })).secret;
    reader = (await keys.create({ kind: 'secret', scopes: ['read'] })).secret;
    outsider = (await (await hub.tenant('other')).keys.create({ kind: 'secret', scopes: ['admin'] })).secret;
    await hub.start();
    served = await serveHub(hub);
  });
  after(async () => {
    await served.close();
    await hub.stop();
  });

  const ask = (method: string, path: string, body?: unknown, key = admin) =>
    served.ask(method, path, { key, ...(body !== undefined && { body }) });

  it('shows what a plugin may do, in words, and enables it with settings', async () => {
    const { json } = await ask('GET', '/v1/plugins/notes', undefined, reader);
    assert.deepEqual(json['permissionsInWords'], ['May store small values of its own', 'May store rows in tables of its own']);
    assert.deepEqual([json['runsIn'], json['health'], json['consent']], ['process', { state: 'ok', incidents: 0 }, { isNeeded: false }]);
    assert.deepEqual(json['contributes'], { actions: ['echo'], tables: ['rows'] });
    assert.equal((await ask('POST', '/v1/plugins/notes/enable', { consent: 'of something else' })).json['code'], 'PLUGIN_CONSENT_NEEDED');
    assert.equal((await ask('POST', '/v1/plugins/notes/enable', { settings: { what: 1 } })).json['code'], 'PLUGIN_SETTINGS_INVALID');
    const enabled = await ask('POST', '/v1/plugins/notes/enable', { consent: json['permissionsHash'] });
    assert.deepEqual([enabled.status, enabled.json['isEnabled']], [200, true]);
    assert.equal((await ask('POST', '/v1/plugins/notes/resume')).status, 200);
    assert.equal((await ask('POST', '/v1/plugins/notes/disable', undefined, reader)).status, 403);
  });

  it('plans an upgrade, and refuses what is no manifest', async () => {
    const next = manifest({ permissions: { storage: ['kv', 'tables'], hosts: ['api.notes.example'] } });
    const plan = await ask('POST', '/v1/plugins/notes/plan', { packageJson: packageJson('1.1.0'), manifest: next });
    assert.equal(plan.status, 200, plan.text);
    assert.deepEqual(plan.json['permissions'], { added: ['May reach api.notes.example'], removed: [] });
    assert.equal((await ask('POST', '/v1/plugins/notes/plan', { packageJson: {}, manifest: {} })).json['code'], 'MANIFEST_INVALID');
  });

  it("reloads for an operator's key only", async () => {
    found = [notes(), notes({ folder: 'broken', manifest: { id: 'broken' } })];
    assert.equal((await ask('POST', '/v1/plugins/reload', undefined, outsider)).status, 403);
    assert.equal((await ask('POST', '/v1/plugins/reload', undefined, reader)).status, 403);
    const reloaded = await ask('POST', '/v1/plugins/reload');
    assert.deepEqual([reloaded.status, reloaded.json['added'], reloaded.json['changed'], reloaded.json['removed']], [200, [], [], []]);
    assert.ok((reloaded.json['faults'] as readonly { plugin: string }[]).every(({ plugin }) => plugin === 'broken'));
  });

  it('shows an alert to the operator, not to other tenants', async () => {
    found = [notes({ revoked: { reason: 'it leaks' } })];
    await ask('POST', '/v1/plugins/reload');
    assert.deepEqual((await ask('GET', '/readyz')).json['alerts'], [
      { plugin: 'notes', tenantId: 'acme', state: 'revoked', reason: 'it leaks' },
    ]);
    for (const key of [outsider, null]) assert.equal((await served.ask('GET', '/readyz', { key })).json['alerts'], undefined);
    assert.equal((await ask('POST', '/v1/actions/notes.echo', { input: {} })).json['code'], 'PLUGIN_REVOKED');
    found = [notes()];
    await ask('POST', '/v1/plugins/reload');
  });

  it('streams the calls of a plugin without what is secret, while somebody listens', async () => {
    const gone = new AbortController();
    const response = await fetch(`${served.url}/v1/plugins/notes/calls`, {
      headers: { authorization: `Bearer ${admin}` },
      signal: gone.signal,
    });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const called = ask('POST', '/v1/actions/notes.echo', { input: { text: 'hello', password: 'hunter2' } });
    let text = '';
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      if (text.includes('event: call\n') && text.endsWith('\n\n')) break;
    }
    gone.abort();
    assert.equal((await called).status, 200);
    const data = JSON.parse(/event: call\ndata: (?<data>.*)\n/.exec(text)?.groups?.['data'] ?? 'null') as JsonObject;
    assert.deepEqual([data['handler'], data['outcome'], data['input']], ['action echo', 'ok', { text: 'hello', password: '[redacted]' }]);
    assert.ok(!text.includes('hunter2'));
    assert.equal((await ask('GET', '/v1/plugins/nobody/calls')).json['code'], 'PLUGIN_UNKNOWN');
  });

  it('gives out what a plugin keeps line by line, and deletes it once it is disabled', async () => {
    const exported = await served.ask('GET', '/v1/plugins/notes/data', { key: admin });
    assert.equal(exported.headers.get('content-type'), 'application/x-ndjson');
    const lines = exported.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
    assert.deepEqual(lines, [
      { table: 'rows', row: { id: 'one' } },
      { key: 'last', value: { text: 'hello', password: 'hunter2' } },
    ]);
    assert.equal((await ask('DELETE', '/v1/plugins/notes/data')).json['code'], 'CONFLICT');
    await ask('POST', '/v1/plugins/notes/disable');
    assert.deepEqual((await ask('DELETE', '/v1/plugins/notes/data')).json, { deleted: 2 });
    assert.equal((await ask('GET', '/v1/plugins/notes/data')).text, '');
    assert.equal((await ask('GET', '/v1/plugins/nobody/data')).json['code'], 'PLUGIN_UNKNOWN');
    assert.equal((await ask('GET', '/v1/plugins/notes/data', undefined, reader)).status, 403);
  });
});
