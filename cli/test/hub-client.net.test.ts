import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHubClient, findHub, HubUnreachable, isOnThisMachine } from '../src/hub-client.ts';

interface Reply {
  readonly status?: number;
  readonly body: string;
}

describe('the client of a hub', () => {
  const home = mkdtempSync(join(tmpdir(), 'tendril-client-'));
  let reply: (req: IncomingMessage) => Reply = () => ({ body: '{}' });
  const server = createServer((req, res) => {
    const { status = 200, body } = reply(req);
    res.writeHead(status).end(body);
  });
  let url = '';
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(join(home, 'hub.json'), JSON.stringify({ url, pid: process.pid }));
    writeFileSync(join(home, 'local.json'), JSON.stringify({ tenant: 'main', writeKey: 'w', secretKey: 's' }));
  });
  after(() => {
    server.close();
    rmSync(home, { recursive: true });
  });
  const client = () => createHubClient({ url, key: 'k', keyOrigin: '--key' });

  it('finds the hub by flags, then the environment, then the data folder', () => {
    const environment = { TENDRIL_HOME: home, TENDRIL_URL: 'http://localhost:1/', TENDRIL_KEY: 'e' };
    assert.deepEqual(findHub({ url: 'http://localhost:2', key: 'f' }, environment), {
      url: 'http://localhost:2',
      key: 'f',
      keyOrigin: '--key',
    });
    assert.deepEqual(findHub({}, environment), { url: 'http://localhost:1', key: 'e', keyOrigin: 'TENDRIL_KEY' });
    assert.deepEqual(findHub({}, { TENDRIL_HOME: home }), { url, key: 's', keyOrigin: join(home, 'local.json') });
    assert.throws(() => findHub({}, { TENDRIL_HOME: join(home, 'none') }), HubUnreachable);
    assert.throws(() => findHub({ url: 'localhost' }, { TENDRIL_HOME: home }), HubUnreachable);
  });

  it('shows the local key to this machine only', () => {
    assert.throws(() => findHub({ url: 'https://hub.example' }, { TENDRIL_HOME: home }), { code: 'KEY_MISSING' });
    assert.equal(isOnThisMachine('http://[::1]:4000'), true);
    assert.equal(isOnThisMachine('http://127.0.0.1.example'), false);
    assert.equal(isOnThisMachine('http://localhost.example'), false);
  });

  it('does not take a dead process for a hub', () => {
    writeFileSync(join(home, 'hub.json'), JSON.stringify({ url, pid: 2 ** 30 }));
    assert.throws(() => findHub({}, { TENDRIL_HOME: home }), HubUnreachable);
  });

  it('reads lists page by page, up to a limit', async () => {
    const asked: string[] = [];
    reply = (req) => {
      asked.push(req.url ?? '');
      const isSecond = req.url?.includes('cursor=a%2Fb') === true;
      return { body: JSON.stringify(isSecond ? { items: [3, 4] } : { items: [1, 2], nextCursor: 'a/b' }) };
    };
    assert.deepEqual(await client().list('/v1/runs?state=failed', 200), [1, 2, 3, 4]);
    assert.deepEqual(asked, ['/v1/runs?state=failed&limit=100', '/v1/runs?state=failed&limit=100&cursor=a%2Fb']);
    assert.deepEqual(await client().list('/v1/runs', 2), [1, 2]);
  });

  it('gives the errors of the hub as they are, and says whose key was refused', async () => {
    reply = () => ({ status: 404, body: JSON.stringify({ code: 'RUN_UNKNOWN', details: { run: 'r' } }) });
    await assert.rejects(client().request('GET', '/v1/runs/r'), { code: 'RUN_UNKNOWN', details: { run: 'r' } });
    reply = () => ({ status: 401, body: JSON.stringify({ code: 'KEY_INVALID' }) });
    await assert.rejects(client().request('GET', '/v1/runs'), { code: 'KEY_INVALID', details: { key: 'the one from --key' } });
    reply = () => ({ status: 418, body: JSON.stringify({ code: 'FROM_THE_FUTURE', title: 'New' }) });
    await assert.rejects(client().request('GET', '/v1/runs'), {
      code: 'INTERNAL',
      details: { status: 418, code: 'FROM_THE_FUTURE', title: 'New' },
    });
  });

  it('gives messages as they come, and the error where there are none', async () => {
    const { signal } = new AbortController();
    const read = async (): Promise<readonly string[]> => {
      const seen: string[] = [];
      for await (const { event, data } of client().messages('POST', '/v1/pipelines/rehearse', { id: 'a' }, signal)) seen.push(event + data);
      return seen;
    };
    reply = (req) => ({ body: `event: accepted\ndata: ${String(req.headers.accept)}\n\nevent: result\ndata: {}\n\n` });
    assert.deepEqual(await read(), ['acceptedtext/event-stream', 'result{}']);
    reply = () => ({ status: 404, body: JSON.stringify({ code: 'PIPELINE_UNKNOWN' }) });
    await assert.rejects(read(), { code: 'PIPELINE_UNKNOWN' });
    reply = () => ({ status: 502, body: '<html>' });
    await assert.rejects(read(), HubUnreachable);
  });

  it('knows what is no hub', async () => {
    reply = () => ({ body: '<html>' });
    await assert.rejects(client().request('GET', '/v1/runs'), HubUnreachable);
    reply = () => ({ status: 502, body: '' });
    await assert.rejects(client().request('GET', '/v1/runs'), HubUnreachable);
    await assert.rejects(createHubClient({ url: 'http://127.0.0.1:1', key: 'k', keyOrigin: '--key' }).request('GET', '/'), HubUnreachable);
  });
});
