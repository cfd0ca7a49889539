import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { TendrilError } from '@tendril/plugin-api';
import { KEYS } from './fake-hub.ts';
import { serve } from './served.ts';

const basic = (key: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });

describe('ingest over HTTP', () => {
  let served: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (served = await serve()));
  afterEach(() => served.close());

  const types = { track: 't', identify: 'i', page: 'p', screen: 's', group: 'g', alias: 'a' };
  for (const [type, letter] of Object.entries(types)) {
    it(`takes ${type} on its long and its short path`, async () => {
      for (const path of [`/v1/${type}`, `/v1/${letter}`, `/v1/${type}/`, `/v1/${type}?x=1`]) {
        const answer = await served.ask('POST', path, { key: KEYS.write, body: { userId: 'u-1', event: 'A' } });
        assert.equal(answer.status, 200);
        assert.deepEqual(answer.json, { success: true });
      }
      assert.deepEqual(
        served.hub.accepted.map(({ call }) => call['type']),
        [type, type, type, type],
      );
    });
  }

  it('takes batches, and imports as such', async () => {
    const body = {
      sentAt: '2026-11-22T08:00:00.000Z',
      context: { ip: '1.1.1.1' },
      batch: [
        { type: 'track', userId: 'u', context: { locale: 'de' } },
        { type: 'page', anonymousId: 'a' },
      ],
    };
    for (const path of ['/v1/batch', '/v1/b', '/v1/import'])
      assert.equal((await served.ask('POST', path, { key: KEYS.write, body })).status, 200);
    const [first] = served.hub.accepted;
    assert.equal(first?.request.sentAt, Date.parse(body.sentAt));
    assert.deepEqual(first.call['context'], { ip: '1.1.1.1', locale: 'de' });
    assert.deepEqual(
      served.hub.accepted.map(({ request }) => request.isImport === true),
      [false, false, false, false, true, true],
    );
  });

  it('knows the key from Basic, from a bearer token and from the body, and keeps it out of the call', async () => {
    const call = { type: 'track', userId: 'u' };
    assert.equal((await served.ask('POST', '/v1/track', { key: null, headers: basic(KEYS.write), body: call })).status, 200);
    assert.equal((await served.ask('POST', '/v1/track', { key: KEYS.write, body: call })).status, 200);
    assert.equal((await served.ask('POST', '/v1/track', { key: null, body: { ...call, writeKey: KEYS.write } })).status, 200);
    assert.equal((await served.ask('POST', '/v1/batch', { key: null, body: { writeKey: KEYS.write, batch: [call] } })).status, 200);
    assert.equal((await served.ask('POST', '/v1/b', { key: null, body: { batch: [{ ...call, writeKey: KEYS.write }] } })).status, 200);
    assert.ok(!JSON.stringify(served.hub.accepted.map((each) => each.call)).includes(KEYS.write));
  });

  it('takes text/plain, gzip and a byte order mark', async () => {
    const text = JSON.stringify({ userId: 'ü', event: 'A', writeKey: KEYS.write });
    assert.equal((await served.ask('POST', '/v1/t', { key: null, raw: text, headers: { 'content-type': 'text/plain' } })).status, 200);
    assert.equal(
      (await served.ask('POST', '/v1/t', { key: null, raw: gzipSync(text), headers: { 'content-encoding': 'gzip' } })).status,
      200,
    );
    assert.equal((await served.ask('POST', '/v1/t', { key: null, raw: `\uFEFF${text}` })).status, 200);
    assert.deepEqual(
      served.hub.accepted.map(({ call }) => call['userId']),
      ['ü', 'ü', 'ü'],
    );
  });

  it('hands on who sends and echoes the request id', async () => {
    const answer = await served.ask('POST', '/v1/track', {
      key: KEYS.write,
      body: { userId: 'u' },
      headers: { 'x-request-id': 'req-7', 'user-agent': 'shop/1' },
    });
    assert.equal(answer.headers.get('x-request-id'), 'req-7');
    const request = served.hub.accepted[0]?.request;
    assert.equal(request?.requestId, 'req-7');
    assert.equal(request.userAgent, 'shop/1');
    assert.equal(request.ip, '127.0.0.1');
    const other = await served.ask('POST', '/v1/track', {
      key: KEYS.write,
      body: { userId: 'u' },
      headers: { 'x-request-id': 'bad id with spaces' },
    });
    assert.match(other.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  });

  it('does not let one bad call of a batch fail the others', async () => {
    const batch = [
      { type: 'track', userId: 'u' },
      7,
      { type: 'track', event: 'Invalid', userId: 'u', messageId: 'm-1' },
      { type: 'track' },
      JSON.parse('{"type":"track","userId":"u","properties":{"__proto__":{"a":1}}}'),
      { type: 'page', userId: 'u' },
    ];
    const answer = await served.ask('POST', '/v1/batch', { key: KEYS.write, body: { batch } });
    assert.equal(answer.status, 200);
    const errors = answer.json['errors'] as { index: number; code: string; isQuarantined: boolean }[];
    assert.deepEqual(
      errors.map(({ index, code, isQuarantined }) => [index, code, isQuarantined]),
      [
        [1, 'REQUEST_MALFORMED', false],
        [2, 'EVENT_INVALID', true],
        [3, 'REQUEST_MALFORMED', false],
        [4, 'REQUEST_MALFORMED', false],
      ],
    );
    assert.deepEqual(
      served.hub.accepted.map(({ call }) => call['type']),
      ['track', 'page'],
    );
  });

  it('says what is wrong with a single bad call', async () => {
    const quarantined = await served.ask('POST', '/v1/track', { key: KEYS.write, body: { userId: 'u', event: 'Invalid' } });
    assert.equal(quarantined.status, 422);
    assert.equal(quarantined.json['code'], 'EVENT_INVALID');
    assert.equal((await served.ask('POST', '/v1/track', { key: KEYS.write, body: { event: 'A' } })).status, 400);
  });

  it('answers only after the hub has taken the events in', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    served.hub.gate = promise;
    const arrived = new Promise<void>((tell) => (served.hub.onGate = tell));
    let hasAnswered = false;
    const asked = served.ask('POST', '/v1/track', { key: KEYS.write, body: { userId: 'u' } }).then((answer) => {
      hasAnswered = true;
      return answer;
    });
    await arrived;
    await served.ask('GET', '/healthz');
    assert.equal(hasAnswered, false);
    resolve();
    assert.equal((await asked).status, 200);
  });

  it('tells senders to come again when the hub cannot take more', async () => {
    const cases = [
      { error: new TendrilError('OVERLOADED', { retryAfterMs: 2_500 }), status: 429, retryAfter: '3' },
      { error: new TendrilError('STORE_FULL'), status: 507, retryAfter: '5' },
      { error: new TendrilError('STORE_UNAVAILABLE'), status: 503, retryAfter: '5' },
    ];
    for (const { error, status, retryAfter } of cases) {
      served.hub.failIngest = error;
      const answer = await served.ask('POST', '/v1/batch', { key: KEYS.write, body: { batch: [{ type: 'track', userId: 'u' }] } });
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('retry-after'), retryAfter);
    }
  });

  it('refuses more before memory grows', async () => {
    const small = await serve({ limits: { ingestWaitingBytes: 100 } });
    const { promise, resolve } = Promise.withResolvers<void>();
    small.hub.gate = promise;
    const body = { userId: 'u', event: 'x'.repeat(50) };
    const arrived = new Promise<void>((tell) => (small.hub.onGate = tell));
    const first = small.ask('POST', '/v1/track', { key: KEYS.write, body });
    await arrived;
    const answers = await Promise.all(
      [1, 2, 3].map(() => small.ask('POST', '/v1/track', { key: KEYS.write, body: { ...body, event: 'x'.repeat(90) } })),
    );
    assert.ok(answers.every(({ status }) => status === 429));
    resolve();
    assert.equal((await first).status, 200);
    await small.close();
  });

  describe('from browsers', () => {
    const origin = 'https://shop.example';

    it('answers preflights without a key', async () => {
      const answer = await served.ask('OPTIONS', '/v1/t', {
        key: null,
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' },
      });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.get('access-control-allow-origin'), origin);
      assert.match(answer.headers.get('access-control-allow-headers') ?? '', /authorization/);
    });

    it('lets the pages of an app send, and no others', async () => {
      const send = (from: string) =>
        served.ask('POST', '/v1/t', { key: KEYS.closedWrite, body: { userId: 'u' }, headers: { origin: from } });
      const good = await send(origin);
      assert.equal(good.status, 200);
      assert.equal(good.headers.get('access-control-allow-origin'), origin);
      assert.match(good.headers.get('access-control-expose-headers') ?? '', /retry-after/);
      const bad = await send('https://evil.example');
      assert.equal(bad.status, 403);
      assert.equal(bad.json['code'], 'ORIGIN_REFUSED');
      assert.equal(bad.headers.get('access-control-allow-origin'), null);
      assert.equal(served.hub.accepted.length, 1);
    });

    it('gives analytics-next its settings', async () => {
      const answer = await served.ask('GET', `/v1/projects/${KEYS.write}/settings`, { key: null, headers: { origin } });
      const integrations = answer.json['integrations'] as Record<string, Record<string, unknown>>;
      assert.equal(integrations['Segment.io']?.['apiKey'], KEYS.write);
      assert.equal(
        `${String(integrations['Segment.io']['protocol'])}://${String(integrations['Segment.io']['apiHost'])}`,
        `${served.url}/v1`,
      );
      assert.equal((await served.ask('GET', '/v1/projects/unknown/settings', { key: null })).status, 401);
      assert.equal((await served.ask('GET', `/v1/projects/${KEYS.admin}/settings`, { key: null })).status, 401);
    });
  });
});
