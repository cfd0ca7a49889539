import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Connection, JsonObject } from '@tendril/plugin-api';
import { startServer } from '../../engine/test/plugins/local-server.ts';
import type { LocalServer } from '../../engine/test/plugins/local-server.ts';
import { fixtureSource, manifestOf, PLACES, startHarness } from './harness.ts';
import type { Harness } from './harness.ts';

const ACCOUNT: Connection = { name: 'main', kind: 'account', isSandbox: false, values: { key: 'abcdefgh' } };
const LARGE_BYTES = 3 * 1024 * 1024;

async function startEcho(): Promise<LocalServer> {
  const server: LocalServer = await startServer((req, res) => {
    if (req.url === '/hop') return void res.writeHead(302, { location: '/there' }).end();
    if (req.url === '/away') return void res.writeHead(302, { location: `http://bad.example:${server.port}/` }).end();
    if (req.url === '/private') return void res.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    if (req.url === '/never') return;
    if (req.url === '/large') return void res.end(Buffer.alloc(LARGE_BYTES, 1));
    if (req.url === '/slow') return void res.write('first');
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      const body = Buffer.concat(pieces);
      const text = body.byteLength > 10_000 ? '' : body.toString();
      res.setHeader('content-type', 'application/json');
      const { 'content-type': type, authorization } = req.headers;
      res.end(JSON.stringify({ path: req.url, text, size: body.byteLength, type, authorization }));
    });
  });
  return server;
}

for (const place of PLACES) {
  describe(`the network, ${place}`, function () {
    this.timeout(30_000);
    let server: LocalServer;
    let harness: Harness;
    let url: string;
    before(async () => {
      server = await startEcho();
      const manifest = manifestOf('probe');
      const permissions = {
        ...(manifest['permissions'] as JsonObject),
        hosts: [`good.example:${server.port}`, `localhost:${server.port}`],
      };
      harness = await startHarness({
        place,
        sources: [fixtureSource('probe', { ...manifest, permissions })],
        network: {
          allow: [`good.example:${server.port}`, `localhost:${server.port}`],
          resolve: async () => [{ address: '127.0.0.1', family: 4 }],
        },
      });
      url = `http://good.example:${server.port}`;
    });
    after(async () => {
      await harness.stop();
      await server.close();
    });
    const output = async (what: string, input: JsonObject, about: object = {}) =>
      (await harness.go(what, { input, ...about })).output as JsonObject;

    it('fetches with credentials, and follows redirects', async () => {
      const { answer } = await output('fetch', { url: `${url}/hop` }, { connection: ACCOUNT });
      const { text, ...rest } = answer as { text: string };
      assert.deepEqual(rest, { status: 200, url: `${url}/there`, redirected: true, kind: 'application/json', isResponse: true });
      assert.equal((JSON.parse(text) as JsonObject)['authorization'], 'Bearer abcdefgh');
      const manual = await output('fetch', { url: `${url}/hop`, init: { redirect: 'manual' } });
      assert.equal((manual['answer'] as JsonObject)['status'], 302);
    });

    it('refuses what is not declared, also behind a redirect and by address', async () => {
      for (const wanted of [
        `http://bad.example:${server.port}/`,
        `${url}/away`,
        `${url}/private`,
        'file:///etc/passwd',
        'http://2130706433/',
      ]) {
        const { error } = await output('fetch', { url: wanted });
        assert.equal(error, 'EGRESS_DENIED', wanted);
      }
      const wrong = await output('fetch', { url: 'no url' });
      assert.equal(wrong['error'], 'ERR_INVALID_URL');
    });

    it('refuses every other way, too', async () => {
      const refused = (await output('refused', { url: `http://bad.example:${server.port}/` })) as unknown as readonly JsonObject[];
      assert.deepEqual(
        refused.map(({ error }) => error),
        ['EGRESS_DENIED', 'EGRESS_DENIED', 'EGRESS_DENIED', 'EGRESS_DENIED'],
      );
    });

    it('sends bodies of every kind', async () => {
      const { form, ...sent } = await output('bodies', { url });
      const seen = Object.fromEntries(
        Object.entries(sent as Record<string, JsonObject>).map(([name, { text, type }]: [string, JsonObject]) => [name, [text, type]]),
      );
      assert.deepEqual(seen, {
        text: ['ünïcode', 'text/plain;charset=UTF-8'],
        typed: ['{}', 'application/json'],
        bytes: ['hi', undefined],
        search: ['a=1+2', 'application/x-www-form-urlencoded;charset=UTF-8'],
        blob: ['blob', 'text/css'],
        stream: ['one two', undefined],
      });
      assert.deepEqual(form, { hasName: true, isForm: true });
    });

    it('sends and reads large bodies', async () => {
      assert.deepEqual(await output('large', { url, megabytes: 5 }), { sent: 5 * 1024 * 1024, back: LARGE_BYTES });
    });

    it('reads a body as it comes, and may stop', async () => {
      assert.equal(await output('stream', { url: `${url}/slow` }), 'first');
    });

    it('may give up', async () => {
      assert.deepEqual(await output('cancel', { url: `${url}/never` }), { error: 'NOT_FOUND', details: { by: 'plugin' } });
    });

    it('is the same for libraries with agents of their own, without credentials', async () => {
      const { isAgent, ...ways } = await output('globals', { url: `http://localhost:${server.port}` }, { connection: ACCOUNT });
      assert.equal(isAgent, true);
      for (const [name, { answer, error }] of Object.entries(ways as Record<string, { answer: JsonObject; error: unknown }>)) {
        assert.equal(error, undefined, name);
        const told = typeof answer['text'] === 'string' && 'status' in answer ? (JSON.parse(answer['text']) as JsonObject) : answer;
        assert.equal(told['authorization'], undefined, name);
        assert.equal(told['size'], name === 'agent' ? 100_000 : 1, name);
      }
    });

    it('is over when the handler is', async () => {
      await assert.rejects(harness.go('fetch', { input: { url: `${url}/never` }, timeoutMs: 100 }), { code: 'ACTION_TIMEOUT' });
    });
  });

  describe(`https, ${place}`, function () {
    this.timeout(30_000);

    it('is spoken by agents, with certificates that the library trusts', async () => {
      const pem = (name: string): string => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8');
      const server = https.createServer({ key: pem('key'), cert: pem('certificate') }, (_req, res) => res.end('secure'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const manifest = manifestOf('probe');
      const permissions = { ...(manifest['permissions'] as JsonObject), hosts: [`localhost:${port}`] };
      const harness = await startHarness({
        place,
        sources: [fixtureSource('probe', { ...manifest, permissions })],
        network: { allow: [`localhost:${port}`], resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
      });
      try {
        const { output } = await harness.go('secure', { input: { url: `https://localhost:${port}/`, ca: pem('certificate') } });
        const { agent, global, untrusted } = output as unknown as Record<string, JsonObject>;
        assert.deepEqual(agent, { answer: { status: 200, text: 'secure' } });
        assert.deepEqual(global, { answer: { status: 200, text: 'secure' } });
        assert.equal(untrusted?.['error'], 'DEPTH_ZERO_SELF_SIGNED_CERT');
      } finally {
        await harness.stop();
        server.closeAllConnections();
        server.close();
      }
    });
  });
}
