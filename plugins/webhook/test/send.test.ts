import assert from 'node:assert/strict';
import type { Call } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { Webhook } from 'standardwebhooks';
import { send } from '../src/actions/send.ts';
import { signBody } from '../src/signature.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A call whose `fetch` goes to a receiver in memory. */
function callTo(
  receive: (request: Request) => Response | Promise<Response>,
  values = { url: 'https://app.example/hooks', secret: SECRET },
  now = Date.now(),
): Call {
  return fakeCall({ idempotencyKey: 'run-7-1', now, connection: { name: 'app', kind: 'endpoint', values }, fetch: receive });
}

describe('webhook.send', () => {
  it('signs as Standard Webhooks says', async () => {
    // The specification's own vector: spec/standard-webhooks.md and libraries/javascript/src/webhook.test.ts.
    const headers = await signBody(SECRET, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000, '{"test": 2432232314}');
    assert.deepEqual(headers, {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('delivers what a receiver can verify, under the idempotency key', async () => {
    let seen: unknown;
    const output = await send(
      { type: 'lead.qualified', data: { person: 'p1' }, timestamp: '2026-01-01T00:00:00Z' },
      callTo(async (request) => {
        assert.equal(request.url, 'https://app.example/hooks');
        assert.equal(request.redirect, 'manual');
        seen = new Webhook(SECRET).verify(await request.text(), Object.fromEntries(request.headers));
        return new Response(null, { status: 204 });
      }),
    );
    assert.deepEqual(seen, { type: 'lead.qualified', timestamp: '2026-01-01T00:00:00Z', data: { person: 'p1' } });
    assert.deepEqual(output, { webhookId: 'run-7-1', status: 204 });
  });

  it('goes to the address of the input where there is one', async () => {
    let seen = '';
    await send(
      { url: 'https://other.example/in', type: 'a', data: {} },
      callTo((request) => {
        seen = request.url;
        return new Response('ok');
      }),
    );
    assert.equal(seen, 'https://other.example/in');
  });

  for (const [status, headers, code, details] of [
    [410, {}, 'UPSTREAM_REJECTED', { status: 410, reason: 'gone' }],
    [400, {}, 'UPSTREAM_REJECTED', { status: 400 }],
    [302, { location: 'http://169.254.169.254/' }, 'UPSTREAM_REJECTED', { status: 302 }],
    [401, {}, 'UPSTREAM_UNAUTHORIZED', { status: 401 }],
    [429, { 'retry-after': '7' }, 'UPSTREAM_THROTTLED', { status: 429, retryAfterMs: 7000 }],
    [503, { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 'UPSTREAM_UNAVAILABLE', { status: 503, retryAfterMs: 30_000 }],
    [500, { 'retry-after': 'soon' }, 'UPSTREAM_UNAVAILABLE', { status: 500 }],
  ] as const) {
    it(`takes ${status} ${JSON.stringify(headers)} as ${code}`, async () => {
      const call = callTo(() => new Response(null, { status, headers }), undefined, Date.UTC(2026, 0, 1));
      await assert.rejects(send({ type: 'a', data: {} }, call), { code, details });
    });
  }

  it('refuses a secret that is none, without repeating it', async () => {
    const call = callTo(() => new Response('ok'), { url: 'https://app.example', secret: '' });
    await assert.rejects(send({ type: 'a', data: {} }, call), (error: Error & { code: string; details: object }) => {
      assert.equal(error.code, 'CONNECTION_INVALID');
      assert.deepEqual(error.details, { field: 'secret' });
      return true;
    });
  });
});
