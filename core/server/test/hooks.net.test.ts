import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { WebhookRequest } from '@tendril/engine';
import { TendrilError } from '@tendril/plugin-api';
import { serve } from './served.ts';

const PATH = '/hooks/acme/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

describe('webhooks over HTTP', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  let received: WebhookRequest[];
  beforeEach(async () => {
    served = await serve({ limits: { hookFailuresPerMinute: 3, hooksPerMinute: 20 } });
    received = [];
    served.hub.onWebhook = (request) => {
      received.push(request);
      return Promise.resolve({ kind: 'accepted', runId: 'run-1' });
    };
  });
  afterEach(() => served.close());

  it('are handed on as they came, and answered without a key', async () => {
    const body = '{ "n": 1 }';
    const answer = await served.ask('POST', `${PATH}?a=1&b=2&b=3`, {
      key: null,
      raw: body,
      headers: { 'content-type': 'application/json', 'X-Signature': 'abc' },
    });
    assert.equal(answer.status, 202);
    assert.deepEqual(answer.json, { status: 'accepted', runId: 'run-1' });
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
    assert.equal(answer.headers.get('x-tendril-run'), 'run-1');
    const [request] = received;
    assert.equal(request?.path, PATH);
    assert.equal(Buffer.from(request?.rawBody ?? '').toString(), body);
    assert.deepEqual(request?.query, { a: '1', b: ['2', '3'] });
    assert.equal(request?.headers['x-signature'], 'abc');
    assert.equal(request?.requestId, answer.headers.get('x-request-id'));
  });

  it('are answered with the output, or with why nothing was started', async () => {
    served.hub.onWebhook = () => Promise.resolve({ kind: 'result', runId: 'run-1', output: { greeting: 'hello' } });
    const result = await served.ask('POST', PATH, { key: null, body: {} });
    assert.deepEqual([result.status, result.json], [200, { greeting: 'hello' }]);
    served.hub.onWebhook = () => Promise.resolve({ kind: 'ignored', reason: 'condition' });
    const ignored = await served.ask('POST', PATH, { key: null, body: {} });
    assert.deepEqual([ignored.status, ignored.json], [200, { status: 'ignored', reason: 'condition' }]);
  });

  it('tell what is wrong as problem details', async () => {
    for (const [code, status] of [
      ['NOT_FOUND', 404],
      ['WEBHOOK_UNVERIFIED', 401],
      ['INPUT_INVALID', 422],
      ['PIPELINE_PAUSED', 409],
      ['OVERLOADED', 429],
      ['RUN_FAILED', 422],
    ] as const) {
      served.hub.onWebhook = () => Promise.reject(new TendrilError(code));
      const answer = await served.ask('POST', PATH, { key: null, body: {} });
      assert.deepEqual([answer.status, answer.json['code']], [status, code]);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    }
    served.hub.onWebhook = () => Promise.reject(new Error('a secret of ours'));
    const answer = await served.ask('POST', PATH, { key: null, body: {} });
    assert.deepEqual([answer.status, answer.json['code'], answer.text.includes('secret')], [500, 'INTERNAL', false]);
  });

  it('may have 256 KB, packed or not', async () => {
    assert.equal((await served.ask('POST', PATH, { key: null, raw: 'x'.repeat(262_144) })).status, 202);
    assert.equal((await served.ask('POST', PATH, { key: null, raw: 'x'.repeat(262_145) })).status, 413);
    const packed = { raw: gzipSync('x'.repeat(1_000_000)), headers: { 'content-encoding': 'gzip' } };
    assert.equal((await served.ask('POST', PATH, { key: null, ...packed })).status, 413);
    assert.equal(received.length, 1);
  });

  it('are refused unseen from who guesses, and beyond what one address may get', async () => {
    served.hub.onWebhook = () => Promise.reject(new TendrilError('NOT_FOUND'));
    for (let i = 0; i < 3; i += 1) assert.equal((await served.ask('POST', `${PATH}x`, { key: null, body: {} })).status, 404);
    const answer = await served.ask('POST', PATH, { key: null, body: {} });
    assert.deepEqual([answer.status, answer.json['code']], [429, 'REQUEST_THROTTLED']);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  });

  it('are taken from who guesses at another address, as a service that sends for many does', async () => {
    const other = PATH.replace('acme', 'other');
    served.hub.onWebhook = ({ path }) =>
      path.endsWith('x') ? Promise.reject(new TendrilError('NOT_FOUND')) : Promise.resolve({ kind: 'accepted' });
    for (let i = 0; i < 4; i += 1) await served.ask('POST', `${PATH}x`, { key: null, body: {} });
    assert.equal((await served.ask('POST', other, { key: null, body: {} })).status, 202);
    served.hub.onWebhook = () => Promise.reject(new TendrilError('WEBHOOK_UNVERIFIED'));
    for (let i = 0; i < 3; i += 1) assert.equal((await served.ask('POST', other, { key: null, body: {} })).status, 401);
    assert.equal((await served.ask('POST', other, { key: null, body: {} })).status, 429);
    assert.equal((await served.ask('POST', `${other.slice(0, -1)}B`, { key: null, body: {} })).status, 401);
  });

  it('are not looked for at what can be no address', async () => {
    assert.equal((await served.ask('POST', `/hooks/acme/${'A'.repeat(10_000)}`, { key: null, body: {} })).status, 404);
    assert.equal(received.length, 0);
  });

  it('may name a parameter as often as fits into an address', async () => {
    const answer = await served.ask('POST', `${PATH}?${'a&'.repeat(4_000)}b=1`, { key: null, body: {} });
    assert.equal(answer.status, 202);
    assert.equal((received[0]?.query['a'] as readonly string[]).length, 4_000);
  });

  it('are bounded for each address of a pipeline apart', async () => {
    for (let i = 0; i < 20; i += 1) await served.ask('POST', PATH, { key: null, body: {} });
    assert.equal((await served.ask('POST', PATH, { key: null, body: {} })).status, 429);
    assert.equal((await served.ask('POST', `${PATH.slice(0, -1)}B`, { key: null, body: {} })).status, 202);
  });

  it('are posted, nothing else', async () => {
    assert.equal((await served.ask('GET', PATH, { key: null })).status, 404);
    assert.equal((await served.ask('OPTIONS', PATH, { key: null })).headers.get('access-control-allow-origin'), null);
  });

  it('are in the document of the API', async () => {
    const { paths } = (await served.ask('GET', '/openapi.json', { key: null })).json as {
      readonly paths: Readonly<Record<string, object>>;
    };
    assert.ok('/hooks/{tenant}/{token}' in paths);
  });
});
