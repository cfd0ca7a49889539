import assert from 'node:assert/strict';
import { createHub } from '@tendril/engine';
import type { Hub } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import { createServer } from '@tendril/server';
import { createMemoryStores } from '@tendril/testkit/stores';
import { findPlugins } from '../../cli/src/wiring/plugin-sources.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const PLUGINS = ['profiles', 'leads', 'email', 'webhook'] as const;
const ADDRESS = 'ada@acme-customer.example';
const SIGNING = 'whsec_c2VjcmV0IG9mIGEgd2ViaG9vay4uLi4uLi4uLi4=';
const PIPELINE = 'pipeline: note\ntrigger: { event: Noted }\nsteps:\n  - set: { seen: true }\n';

interface Side {
  readonly write: string;
  readonly admin: string;
  readonly reader: string;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly json: JsonObject;
}

describe('two tenants of one hub', function () {
  this.timeout(60_000);
  let hub: Hub;
  let url: string;
  let close: () => Promise<void>;
  let acme: Side;
  let globex: Side;
  /** What acme has, by the path under which it is found. */
  let paths: readonly string[];
  let eventCursor: string;

  async function ask(key: string | undefined, method: string, path: string, body?: unknown, headers = {}): Promise<Reply> {
    const response = await fetch(url + path, {
      method,
      headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, text, json: isJson ? (JSON.parse(text) as JsonObject) : {} };
  }

  const itemsOf = ({ json }: Reply): readonly JsonObject[] => (json['items'] ?? []) as unknown as readonly JsonObject[];

  async function firstOf(key: string, path: string): Promise<JsonObject> {
    for (;;) {
      const [first] = itemsOf(await ask(key, 'GET', path));
      if (first !== undefined) return first;
    }
  }

  async function createSide(id: string): Promise<Side> {
    await hub.admin.create({ id, name: id });
    const tenant = await hub.tenant(id);
    for (const plugin of PLUGINS) await tenant.plugins.enable(plugin);
    const app = await tenant.apps.create({ name: 'Shop', isTest: false, origins: ['*'] });
    const write = (await tenant.keys.create({ kind: 'write', appId: app.id })).secret;
    const admin = (await tenant.keys.create({ kind: 'secret', scopes: ['admin'] })).secret;
    return { write, admin, reader: (await tenant.keys.create({ kind: 'secret', scopes: ['read'] })).secret };
  }

  before(async () => {
    hub = await createHub({
      stores: createMemoryStores(),
      masterKey: new Uint8Array(32).fill(7),
      log,
      plugins: await findPlugins(PLUGINS),
    });
    [acme, globex] = [await createSide('acme'), await createSide('globex')];
    await hub.start();
    const clock = { now: () => Date.now() };
    const server = createServer({ hub, log, clock, defaultTenantId: 'main', sessionSecret: 's'.repeat(32), isProduction: true });
    const listening = await server.listen(0, '127.0.0.1');
    url = listening.url;
    close = () => listening.close(1_000);
    await fillAcme();
  });
  after(async () => {
    await close();
    await hub.stop();
  });

  async function fillAcme(): Promise<void> {
    const put = async (path: string, body: unknown): Promise<JsonObject> => {
      const reply = await ask(acme.admin, 'POST', path, body);
      assert.ok(reply.status < 300, `${path} ${reply.text}`);
      return reply.json;
    };
    await put('/v1/pipelines', { source: PIPELINE });
    await put('/v1/connections', {
      name: 'hook',
      plugin: 'webhook',
      kind: 'endpoint',
      values: { url: 'https://a.example', secret: SIGNING },
    });
    await put('/v1/actions/email.put_template', { input: { name: 'welcome', subject: 'Acme only', text: 'Hi' } });
    const batch = [
      { type: 'identify', userId: 'u-1', traits: { email: ADDRESS } },
      { type: 'track', userId: 'u-1', event: 'Noted' },
    ];
    assert.equal((await ask(acme.write, 'POST', '/v1/batch', { batch })).status, 200);
    const [person, lead, run, key] = await Promise.all([
      firstOf(acme.admin, '/v1/people'),
      firstOf(acme.admin, '/v1/leads'),
      firstOf(acme.admin, '/v1/runs?pipeline=note'),
      firstOf(acme.admin, '/v1/keys'),
    ]);
    paths = [
      `/v1/people/${String(person['id'])}`,
      `/v1/people/${String(person['id'])}/timeline`,
      `/v1/leads/${String(lead['id'])}`,
      `/v1/runs/${String(run['id'])}`,
      `/v1/keys/${String(key['id'])}/rotate`,
      `/v1/keys/${String(key['id'])}/revoke`,
      `/v1/runs/${String(run['id'])}/resolve`,
      '/v1/pipelines/note',
      '/v1/pipelines/note/pause',
      '/v1/connections/hook/test',
    ];
    eventCursor = String((await ask(acme.admin, 'GET', '/v1/events?limit=1')).json['nextCursor']);
  }

  it('show nothing of each other by ids, lists, filters and cursors', async () => {
    for (const path of paths) {
      const method = /rotate|revoke|resolve|pause|test$/.test(path) ? 'POST' : 'GET';
      const body = method === 'GET' ? undefined : path.endsWith('resolve') ? { decision: 'fail' } : {};
      const reply = await ask(globex.admin, method, path, body);
      const isEmptyTimeline = path.endsWith('timeline') && itemsOf(reply).length === 0;
      assert.ok(reply.status === 404 || isEmptyTimeline, `${path} ${String(reply.status)} ${reply.text}`);
      assert.ok(!reply.text.includes(ADDRESS));
    }
    const cursors = ['', `&cursor=${encodeURIComponent(eventCursor)}`];
    const lists = ['events', 'people', 'leads', 'runs', 'connections', 'pipelines', 'events/quarantine', 'schemas'];
    for (const list of lists) {
      for (const cursor of cursors) {
        const reply = await ask(globex.admin, 'GET', `/v1/${list}?limit=10${cursor}`);
        // Schemas that come with plugins are everybody's.
        const own = itemsOf(reply).filter((item) => list !== 'schemas' || !Object.hasOwn(item as object, 'plugin'));
        assert.deepEqual(own, [], `${list} ${reply.text}`);
      }
    }
    assert.deepEqual(itemsOf(await ask(globex.admin, 'GET', `/v1/people?email=${ADDRESS}`)), []);
  });

  it('act on nothing of each other through actions', async () => {
    const call = (name: string, input: object, rest = {}): Promise<Reply> =>
      ask(globex.admin, 'POST', `/v1/actions/${name}`, { input, ...rest });
    const person = paths[0]?.split('/').at(-1) ?? '';
    assert.equal((await call('profiles.get', { id: person })).status, 404);
    assert.equal((await call('email.get_template', { name: 'welcome' })).status, 404);
    const hook = await call('webhook.send', { type: 'a.b', data: {} }, { connection: 'hook' });
    assert.equal(hook.json['code'], 'CONNECTION_UNKNOWN');
  });

  it('have idempotency keys and suppressions of their own', async () => {
    const input = { name: 'mine', subject: 'S', text: 'T' };
    const headers = { 'idempotency-key': 'the-same' };
    const [first, second] = [
      await ask(acme.admin, 'POST', '/v1/actions/email.put_template', { input }, headers),
      await ask(globex.admin, 'POST', '/v1/actions/email.put_template', { input: { ...input, subject: 'Other' } }, headers),
    ];
    assert.deepEqual([first.status, second.status], [200, 200]);
    assert.notEqual(first.json['runId'], second.json['runId']);
    await ask(acme.admin, 'POST', '/v1/governor/suppressions', { channel: 'email', address: ADDRESS, reason: 'asked' });
    const suppressed = await ask(globex.admin, 'GET', `/v1/governor/suppressions?channel=email&address=${ADDRESS}`);
    assert.equal(suppressed.json['isSuppressed'], false);
  });

  it('hear nothing of each other in their streams', async () => {
    const stop = new AbortController();
    const response = await fetch(`${url}/v1/stream`, { headers: { authorization: `Bearer ${globex.reader}` }, signal: stop.signal });
    assert.ok(response.body !== null);
    await ask(acme.write, 'POST', '/v1/track', { userId: 'u-1', event: 'Of Acme' });
    await ask(globex.write, 'POST', '/v1/track', { userId: 'u-1', event: 'Of Globex' });
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
      text += chunk;
      if (text.includes('Of Globex')) break;
    }
    stop.abort();
    assert.ok(!text.includes('Of Acme') && !text.includes(ADDRESS));
  });

  it('let a write key send and nothing else, and a reading key read and nothing else', async () => {
    for (const path of ['/v1/events', '/v1/people', '/v1/runs', '/v1/actions', '/v1/connections', '/v1/keys', '/v1/stream', '/metrics'])
      assert.equal((await ask(acme.write, 'GET', path)).status, 403, path);
    const acts = [
      '/v1/actions/profiles.list',
      '/v1/keys',
      '/v1/apps',
      '/v1/connections',
      '/v1/pipelines',
      '/v1/governor/pause',
      '/v1/tenants',
      '/v1/tenants/globex/keys',
    ];
    for (const path of acts) assert.equal((await ask(acme.reader, 'POST', path, {})).status, 403, path);
    assert.equal((await ask(acme.reader, 'GET', '/v1/keys')).status, 403);
    assert.equal((await ask(acme.admin, 'POST', '/v1/track', { userId: 'u', event: 'E' })).status, 403);
    for (const path of ['/v1/tenants', '/metrics']) assert.equal((await ask(acme.admin, 'GET', path)).status, 403, path);
    assert.equal((await ask(acme.admin, 'POST', '/v1/tenants/globex/keys', { kind: 'secret', scopes: ['admin'] })).status, 403);
  });

  it('show a reading key no secret of a connection', async () => {
    const reply = await ask(acme.reader, 'GET', '/v1/connections');
    assert.equal(itemsOf(reply).length, 1);
    assert.ok(!reply.text.includes(SIGNING));
  });

  it('know no unsubscribe link of the other', async () => {
    for (const token of ['globex.x', `globex.${'A'.repeat(43)}`, '_hub.x', '.x', 'globex', '%2e%2e', '__proto__.x'])
      assert.equal((await ask(undefined, 'POST', `/u/${token}`)).status, 404, token);
  });
});
