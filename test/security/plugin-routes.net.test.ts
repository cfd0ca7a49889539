import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { PluginSource } from '@tendril/engine';
import type { Host, RouteAnswer, RouteRequest } from '@tendril/plugin-api';
import { startPluginHub } from '../support/plugin-hub.ts';
import type { PluginHub, Side } from '../support/plugin-hub.ts';

const seen: RouteRequest[] = [];
const keys: string[] = [];

const route = (method: string, path: string, auth: string, more: object = {}): object => ({ method, path, auth, ...more });

/** A plugin that tries what its routes should not get through. */
const source: PluginSource = {
  folder: 'sly',
  file: 'sly/plugin.json',
  packageJson: { name: '@tendril/plugin-sly', version: '1.0.0', description: 'Tries.' },
  manifest: JSON.stringify({
    id: 'sly',
    title: 'Sly',
    engines: { tendril: '^0.1.0' },
    permissions: { storage: ['tables'], events: { write: ['Sly Did'] }, actions: ['sly.write'] },
    contributes: {
      routes: {
        headers: route('GET', '/headers', 'none'),
        script: route('GET', '/script.js', 'none'),
        away: route('GET', '/away', 'none'),
        said: route('POST', '/said', 'write_key', { input: { type: 'object' } }),
        inside: route('GET', '/inside', 'session'),
        count: route('POST', '/count', 'none', { input: { type: 'object' }, output: { type: 'object', required: ['count'] } }),
        broken: route('GET', '/broken/{how}', 'none', { output: { type: 'object', required: ['count'] } }),
        writes: route('GET', '/writes', 'none'),
      },
      actions: { write: { title: 'Write', effect: 'write', idempotency: 'natural', input: { type: 'object' }, output: true } },
      tables: { counts: { key: 'id', schema: { type: 'object', properties: { id: { type: 'string' }, count: { type: 'integer' } } } } },
    },
  }),
  read: () => Promise.reject(new Error('ENOENT')),
  load: async () => ({ default: { setup } }),
};

function setup(host: Host): void {
  host.route('headers', async () => ({
    headers: {
      'Set-Cookie': 'tendril_session=stolen',
      'content-security-policy': "script-src 'unsafe-inline'",
      'content-type': 'text/html',
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'true',
      'strict-transport-security': 'max-age=0',
      'clear-site-data': '"*"',
      'x-frame-options': 'ALLOWALL',
      etag: '"1"',
    },
    body: '<script>fetch("/v1/keys")</script>',
  }));
  host.route('script', async () => ({ headers: { 'content-type': 'text/javascript' }, body: 'alert(1)' }));
  host.route('away', async () => ({ status: 302, headers: { location: 'javascript:alert(1)' } }));
  host.route('said', async (request) => {
    seen.push(request);
    return { status: 201, body: { ok: true } };
  });
  host.route('inside', async () => ({ body: { secret: 1 } }));
  host.route('count', async (_request, call) => {
    keys.push(call.idempotencyKey);
    const row = await call.table<{ id: string; count: number }>('counts').get('all');
    const count = (row?.value.count ?? 0) + 1;
    call.changes.put('counts', { id: 'all', count }, row?.version ?? 'absent');
    return { body: { count } };
  });
  host.route('broken', async ({ parameters }) => BROKEN[parameters['how'] ?? '']?.() ?? {});
  host.route('writes', async (_request, call) => ({ body: await call.actions.call('sly.write', {}) }) as RouteAnswer);
  host.action('write', async () => ({}));
}

const BROKEN: Readonly<Record<string, () => RouteAnswer>> = {
  shape: () => ({ body: { other: 'a secret of the plugin' } }),
  status: () => ({ status: 99 }),
  cycle: () => {
    const body: Record<string, unknown> = { count: 1 };
    body['self'] = body;
    return { body: body as never };
  },
  getter: () =>
    ({
      get body(): never {
        throw new Error('a secret of the plugin');
      },
    }) as RouteAnswer,
  header: () => ({ headers: { etag: 'a\r\nset-cookie: b' }, body: { count: 1 } }),
  thrown: () => {
    throw new Error('a secret of the plugin');
  },
  large: () => ({ body: { count: 'x'.repeat(2_000_000) } }),
};

describe('routes of a sly plugin', function () {
  this.timeout(60_000);
  let served: PluginHub;
  let acme: Side;
  before(async () => {
    served = await startPluginHub([], 'process', { plugins: [source] });
    assert.deepEqual(served.hub.plugins.faults(), []);
    acme = await served.side('acme', ['sly']);
    await served.side('globex', ['sly']);
  });
  after(() => served.close());

  const ask = (path: string, asked: Parameters<PluginHub['ask']>[2] = {}, method = 'GET'): ReturnType<PluginHub['ask']> =>
    served.ask(method, `/plugins/sly${path}`, asked);

  it('set no header that is the server’s', async () => {
    const { headers } = await ask('/headers', { headers: { origin: 'https://evil.example' } });
    assert.equal(headers.get('set-cookie'), null);
    assert.match(headers.get('content-security-policy') ?? '', /^sandbox allow-forms; default-src 'none'/);
    assert.equal(headers.get('access-control-allow-credentials'), null);
    assert.equal(headers.get('clear-site-data'), null);
    assert.notEqual(headers.get('x-frame-options'), 'ALLOWALL');
    assert.equal(headers.get('etag'), '"1"');
  });

  it('answer with the server’s own headers, whether they need a session or not, and failures too', async () => {
    const names = ['x-frame-options', 'cross-origin-opener-policy', 'origin-agent-cluster', 'referrer-policy', 'x-xss-protection'];
    const dashboard = await served.ask('GET', '/healthz', {});
    for (const path of ['/script.js', '/inside', '/broken/status', '/nothing']) {
      const { headers } = await ask(path, { headers: { 'x-request-id': 'asked-1' } });
      for (const name of names.filter((one) => one !== 'referrer-policy'))
        assert.equal(headers.get(name), dashboard.headers.get(name), name);
      assert.ok(
        names.every((name) => headers.get(name) !== null),
        path,
      );
      assert.match(headers.get('content-security-policy') ?? '', /^sandbox allow-forms/, path);
      assert.equal(headers.get('x-request-id'), 'asked-1', path);
      assert.equal(headers.get('x-powered-by'), null);
    }
  });

  it('are counted under one name, whatever was asked', async () => {
    await ask('/script.js?secret=1');
    await served.ask('GET', '/t/acme/plugins/sly/script.js', {});
    const { text } = await served.ask('GET', '/metrics', { key: acme.admin });
    assert.match(text, /tendril_http_requests_total\{route="\/plugins\/:plugin\/\{\*path\}",method="GET",status="200"\} \d/);
    assert.match(text, /route="\/t\/:tenant\/plugins\/:plugin\/\{\*path\}",method="GET",status="200"/);
    assert.doesNotMatch(text, /script\.js/);
  });

  it('serve no script and lead nowhere but to the web', async () => {
    const script = await ask('/script.js');
    assert.equal(script.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(script.headers.get('x-content-type-options'), 'nosniff');
    assert.equal((await ask('/away')).headers.get('location'), null);
  });

  it('see nothing that proves who the caller is, and are read by pages of the app’s origins only', async () => {
    const from = (origin: string): ReturnType<typeof ask> =>
      ask('/said?a=1&a=2', { key: acme.write, body: { b: 1 }, headers: { origin, cookie: 'tendril_session=x', 'x-own': 'yes' } }, 'POST');
    const allowed = await from('https://shop.example');
    assert.deepEqual([allowed.status, allowed.headers.get('access-control-allow-origin')], [201, 'https://shop.example']);
    const [said] = seen;
    assert.deepEqual([said?.input, said?.query, said?.headers['x-own']], [{ b: 1 }, { a: ['1', '2'] }, 'yes']);
    for (const name of ['authorization', 'cookie']) assert.equal(said?.headers[name], undefined);
    const refused = await from('https://evil.example');
    assert.deepEqual(
      [refused.status, refused.json['code'], refused.headers.get('access-control-allow-origin')],
      [403, 'ORIGIN_REFUSED', null],
    );
    assert.equal(seen.length, 1);
  });

  it('of the session are for the dashboard’s own pages', async () => {
    assert.equal((await ask('/inside')).status, 401);
    assert.equal((await ask('/inside', { key: acme.admin })).status, 401);
    const opened = await fetch(`${served.url}/open?token=${served.loginToken('acme')}`, { redirect: 'manual' });
    const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const open = (site: string): ReturnType<typeof ask> => ask('/inside', { headers: { cookie, 'sec-fetch-site': site } });
    assert.equal((await open('same-origin')).status, 200);
    assert.equal((await open('none')).status, 200);
    for (const site of ['cross-site', 'same-site']) assert.equal((await open(site)).status, 403);
    const elsewhere = await served.ask('GET', '/t/globex/plugins/sly/inside', { headers: { cookie, 'sec-fetch-site': 'same-origin' } });
    assert.equal(elsewhere.status, 404);
  });

  it('commit what they gather before they answer, also when all come at once', async () => {
    const replies = await Promise.all(Array.from({ length: 4 }, () => ask('/count', { body: {} }, 'POST')));
    assert.deepEqual(replies.map(({ json }) => json['count']).toSorted(), [1, 2, 3, 4]);
    keys.length = 0;
    for (const key of ['same', 'same', 'other']) await ask('/count', { body: {}, headers: { 'idempotency-key': key } }, 'POST');
    assert.equal(new Set(keys).size, 2);
    const long = await ask('/count', { body: {}, headers: { 'idempotency-key': 'x'.repeat(256) } }, 'POST');
    assert.equal(long.status, 422);
  });

  for (const how of Object.keys(BROKEN)) {
    it(`answer as faulty what is no answer: ${how}`, async () => {
      const { status, json, text } = await ask(`/broken/${how}`);
      assert.ok(status === 500, `${how} ${String(status)} ${text}`);
      assert.ok(['PLUGIN_FAULTY', 'PLUGIN_LIMIT_EXCEEDED'].includes(String(json['code'])), text);
      assert.deepEqual(json['details'], {});
      assert.doesNotMatch(text, /secret/);
    });
  }

  it('have others only read for a GET', async () => {
    const { status, json } = await ask('/writes');
    assert.deepEqual([status, json['code']], [403, 'PERMISSION_DENIED']);
  });
});

describe('routes behind a proxy', function () {
  this.timeout(60_000);

  it('see the name of the hub, whatever name a sender writes', async () => {
    const served = await startPluginHub([], 'process', { plugins: [source] }, { publicUrl: 'https://hub.example', proxyHops: 1 });
    try {
      const { write } = await served.side('acme', ['sly']);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { host: 'evil.example', authorization: `Bearer ${write}`, 'content-type': 'application/json' };
        request(`${served.url}/plugins/sly/said`, { method: 'POST', headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end('{}');
      });
      assert.deepEqual([status, seen.at(-1)?.headers['host']], [201, 'hub.example']);
    } finally {
      await served.close();
    }
  });
});
