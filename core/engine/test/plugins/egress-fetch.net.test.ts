import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { Call, Connection, JsonObject } from '@tendril/plugin-api';
import type { NetworkOptions } from '../../src/plugins/index.ts';
import { oneAction, RUN, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';
import { startServer } from './local-server.ts';
import type { LocalServer } from './local-server.ts';

const LOOPBACK = [{ address: '127.0.0.1', family: 4 }] as const;

describe('call.fetch', () => {
  let server: LocalServer;
  let fixture: HostFixture | undefined;
  beforeEach(async () => {
    server = await startServer((req, res) => {
      if (req.url === '/private') res.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
      else if (req.url === '/away') res.writeHead(307, { location: `http://other.example:${server.port}/there` }).end();
      else if (req.url === '/loop') res.writeHead(302, { location: '/loop' }).end();
      else if (req.url === '/post') res.writeHead(303, { location: '/got' }).end();
      else if (req.url === '/large') res.end('x'.repeat(5_000));
      else if (req.url === '/busy') res.writeHead(429, { 'x-wait-until': String(Math.floor(Date.UTC(2026, 0, 15, 12, 1) / 1_000)) }).end();
      else if (req.url === '/name') res.end(req.headers.host);
      else res.end(`${req.method} ${req.url}`);
    });
  });
  afterEach(async () => {
    await fixture?.host.stop();
    await server.close();
  });

  const hosts = (...list: readonly unknown[]): JsonObject => ({
    permissions: { hosts: list as readonly string[], connections: ['account'] },
    connections: {
      account: { type: 'apiKey', title: 'Account', schema: { type: 'object' }, inject: { headers: { Authorization: 'Bearer {key}' } } },
    },
  });
  const allowing = (...names: readonly string[]): NetworkOptions => ({
    allow: names.map((name) => `${name}:${server.port}`),
    resolve: async () => LOOPBACK,
  });

  async function run<Result>(
    manifest: JsonObject,
    network: NetworkOptions,
    handler: (call: Call, input: JsonObject) => Promise<Result>,
    overrides: { readonly input?: JsonObject; readonly connection?: Connection; readonly isTest?: boolean } = {},
  ) {
    fixture = await startHost([oneAction((input, call) => handler(call, input), manifest)], { network });
    return (await fixture.host.runAction('acme', fixture.action('probe.go'), overrides.input ?? {}, { ...RUN, ...overrides })).output;
  }
  const get = (url: string) => async (call: Call) => (await call.fetch(url)).text();
  const account = (values: JsonObject): { readonly connection: Connection } => ({
    connection: { name: 'account', kind: 'account', isSandbox: true, values },
  });

  it('reaches what is declared and what the operator allowed', async () => {
    assert.equal(
      await run(hosts(`good.example:${server.port}`), allowing('good.example'), get(`http://good.example:${server.port}/a`)),
      'GET /a',
    );
  });

  it('names the host of the address to the service, whatever the plugin says', async () => {
    const url = `http://good.example:${server.port}/name`;
    const manifest = hosts(`good.example:${server.port}`);
    const named = await run(manifest, allowing('good.example'), async (call) =>
      (await call.fetch(url, { headers: { Host: 'behind-the-same-front.example' } })).text(),
    );
    assert.equal(named, `good.example:${server.port}`);
  });

  it('refuses agents a local socket behind the name of a permitted host', async () => {
    const host = 'good.example';
    for (const options of [{ socketPath: '/run/nothing.sock' }, { socketPath: '' }]) {
      const asked = run(hosts(`${host}:${server.port}`), allowing(host), async (call) => {
        const request = http.get({ host, port: server.port, agent: call.agent.http as unknown as http.Agent, ...options });
        await once(request, 'response');
      });
      await assert.rejects(asked, { code: 'EGRESS_DENIED' });
      await fixture?.host.stop();
    }
  });

  it('refuses a host that is not declared, and another port', async () => {
    const manifest = hosts(`good.example:${server.port}`);
    for (const url of [
      `http://bad.example:${server.port}/`,
      'http://good.example:81/',
      `http://good.example.bad.example:${server.port}/`,
      'file:///etc/passwd',
    ]) {
      await assert.rejects(run(manifest, allowing('good.example', 'bad.example'), get(url)), { code: 'EGRESS_DENIED' }, url);
      await fixture?.host.stop();
    }
    assert.equal(server.requests.length, 0);
  });

  it('reaches the host of a field of the connection, which the operator set', async () => {
    const values = { baseUrl: `http://tenant.example:${server.port}/api` };
    const manifest = hosts({ connectionField: 'baseUrl' });
    assert.equal(await run(manifest, allowing('tenant.example'), get(`http://tenant.example:${server.port}/x`), account(values)), 'GET /x');
    await fixture?.host.stop();
    await assert.rejects(run(manifest, allowing('tenant.example'), get(`http://tenant.example:${server.port}/x`)), {
      code: 'EGRESS_DENIED',
    });
  });

  it('refuses private addresses in every spelling, although the input may name any host', async () => {
    const manifest = hosts({ inputField: '/url' });
    const port = server.port;
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `http://2130706433:${port}/`,
      `http://0x7f.1:${port}/`,
      `http://0177.0.0.1:${port}/`,
      `http://[::1]:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://[::ffff:7f00:1]:${port}/`,
      `http://[64:ff9b::7f00:1]:${port}/`,
      'http://169.254.169.254/latest',
      'http://10.0.0.1/',
      'http://192.168.1.1/',
      'http://100.64.0.1/',
      'http://0.0.0.0/',
      'http://[fe80::1]/',
      'http://[fd00::1]/',
    ]) {
      await assert.rejects(run(manifest, { resolve: async () => LOOPBACK }, get(url), { input: { url } }), { code: 'EGRESS_DENIED' }, url);
      await fixture?.host.stop();
    }
    assert.equal(server.requests.length, 0);
  });

  it('refuses a public name that leads to a private address, whenever it does', async () => {
    let answers = 0;
    // The first answer, which a naive check would look at, is public.
    const resolve: NetworkOptions['resolve'] = async () =>
      (answers += 1) === 1 ? [{ address: '93.184.215.14', family: 4 }, ...LOOPBACK] : LOOPBACK;
    await assert.rejects(run(hosts(`good.example:${server.port}`), { resolve }, get(`http://good.example:${server.port}/`)), {
      code: 'EGRESS_DENIED',
    });
    await fixture?.host.stop();
    await assert.rejects(run(hosts(`good.example:${server.port}`), { resolve }, get(`http://good.example:${server.port}/`)), {
      code: 'EGRESS_DENIED',
    });
    assert.equal(server.requests.length, 0);
  });

  it('asks the name server once for a connection, and connects to that answer', async () => {
    let answers = 0;
    const resolve: NetworkOptions['resolve'] = async () => {
      answers += 1;
      return LOOPBACK;
    };
    await run(
      hosts(`good.example:${server.port}`),
      { resolve, allow: [`good.example:${server.port}`] },
      get(`http://good.example:${server.port}/`),
    );
    assert.equal(answers, 1);
  });

  it('checks where a redirect leads', async () => {
    const manifest = hosts(`good.example:${server.port}`, '169.254.169.254');
    await assert.rejects(run(manifest, allowing('good.example'), get(`http://good.example:${server.port}/private`)), {
      code: 'EGRESS_DENIED',
    });
    await fixture?.host.stop();
    await assert.rejects(run(manifest, allowing('good.example', 'other.example'), get(`http://good.example:${server.port}/away`)), {
      code: 'EGRESS_DENIED',
    });
    await fixture?.host.stop();
    await assert.rejects(run(manifest, allowing('good.example'), get(`http://good.example:${server.port}/loop`)), {
      code: 'UPSTREAM_REJECTED',
    });
  });

  it('puts credentials in, and does not take them to another host', async () => {
    const manifest = hosts(`good.example:${server.port}`, `other.example:${server.port}`);
    await run(
      manifest,
      allowing('good.example', 'other.example'),
      (call) =>
        call
          .fetch(`http://good.example:${server.port}/away`, { headers: { 'x-api-key': 'secret', cookie: 'a=b', 'x-note': 'kept' } })
          .then(() => null),
      account({ key: 'k-1' }),
    );
    const [first, second] = server.requests;
    assert.equal(first?.headers.authorization, 'Bearer k-1');
    assert.equal(second?.url, '/there');
    assert.deepEqual(
      [second.headers.authorization, second.headers['x-api-key'], second.headers.cookie, second.headers['x-note']],
      [undefined, undefined, undefined, 'kept'],
    );
  });

  it('keeps credentials from hosts that only the input names', async () => {
    const manifest = { ...hosts({ inputField: '/url' }) };
    await run(manifest, allowing('hook.example'), get(`http://hook.example:${server.port}/`), {
      ...account({ key: 'k-1' }),
      input: { url: `http://hook.example:${server.port}/` },
    });
    assert.equal(server.requests[0]?.headers.authorization, undefined);
  });

  it('turns a post into a get where the answer says so', async () => {
    const post = async (call: Call) => (await call.fetch(`http://good.example:${server.port}/post`, { method: 'POST', body: 'x' })).text();
    assert.equal(await run(hosts(`good.example:${server.port}`), allowing('good.example'), post), 'GET /got');
  });

  it('ends an answer that is too large', async () => {
    const network = { ...allowing('good.example'), bodyLimitBytes: 1_000 };
    await assert.rejects(run(hosts(`good.example:${server.port}`), network, get(`http://good.example:${server.port}/large`)), {
      code: 'UPSTREAM_REJECTED',
    });
  });

  it('names a service that cannot be reached', async () => {
    const { port } = server;
    await server.close();
    await assert.rejects(
      run(
        hosts(`good.example:${port}`),
        { allow: [`good.example:${port}`], resolve: async () => LOOPBACK },
        get(`http://good.example:${port}/`),
      ),
      { code: 'UPSTREAM_UNAVAILABLE' },
    );
    server = await startServer();
  });

  it('keeps what comes from a test app away from all but sandboxes', async () => {
    const manifest = {
      ...hosts('api.example'),
      contributes: { actions: { go: { title: 'Go', effect: 'write', idempotency: 'natural', input: { type: 'object' }, output: true } } },
    };
    await assert.rejects(
      run(manifest, { resolve: async () => [{ address: '93.184.215.14', family: 4 }] }, get('https://api.example/'), { isTest: true }),
      { code: 'EGRESS_DENIED' },
    );
  });
});
