import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, ErrorCode, JsonObject } from '@tendril/plugin-api';
import { fakeCall } from '@tendril/testkit';
import { createSandboxControl, startSandboxes } from '@tendril/testkit/sandboxes';
import type { Fault, SandboxControl, Sandboxes } from '@tendril/testkit/sandboxes';
import { identify } from '../src/actions/identify.ts';
import { test } from '../src/actions/test.ts';
import { track } from '../src/actions/track.ts';

async function failureOf(work: Promise<unknown>): Promise<TendrilError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(TendrilError.is(error), String(error));
  return error;
}

describe('segment.track, segment.identify and segment.test', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-segment-'));
  let sandboxes: Sandboxes;
  let sandbox: SandboxControl;
  before(async () => {
    sandboxes = await startSandboxes({ folder });
    sandbox = createSandboxControl(sandboxes.services.segment.url);
  });
  beforeEach(() => sandbox.reset());
  after(async () => {
    await sandboxes.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function call(
    key = 'run-1-step',
    { values = {}, signal = new AbortController().signal }: { values?: JsonObject; signal?: AbortSignal } = {},
  ): Call {
    const { writeKey, endpoint, settingsEndpoint } = sandboxes.services.segment;
    return fakeCall({
      idempotencyKey: key,
      signal,
      connection: { name: 'main', kind: 'write_key', isSandbox: true, values: { writeKey, endpoint, settingsEndpoint, ...values } },
      fetch: (request) => fetch(request),
    });
  }

  const event = { userId: 'customer-7', event: 'Lead Qualified', properties: { probability: 0.83 }, timestamp: '2026-01-02T03:04:05.000Z' };

  it('delivers one message under the idempotency key, however often the same call comes', async () => {
    assert.deepEqual(await track(event, call('one')), { messageId: 'one' });
    await track(event, call('one'));
    await track(event, call('two'));
    const { effects, repeats, keys, doubled } = await sandbox.status();
    assert.deepEqual({ effects, repeats, keys, doubled }, { effects: 2, repeats: 1, keys: 2, doubled: 0 });
    const sent = (await sandbox.effects()).at(-1);
    assert.deepEqual(
      [sent?.kind, sent?.key, sent?.fields['event'], sent?.fields['properties'], sent?.fields['timestamp']],
      ['track', 'one', event.event, event.properties, event.timestamp],
    );
  });

  it('delivers traits', async () => {
    await identify({ anonymousId: 'visitor-1', traits: { leadScore: 83 } }, call());
    const [sent] = await sandbox.effects();
    assert.deepEqual([sent?.kind, sent?.fields['anonymousId'], sent?.fields['traits']], ['identify', 'visitor-1', { leadScore: 83 }]);
  });

  const cases: readonly {
    readonly kind: Fault['kind'];
    readonly more?: Partial<Fault>;
    readonly code: ErrorCode;
    readonly details: object;
    readonly isDone?: boolean;
  }[] = [
    { kind: 'throttle', more: { retryAfterSeconds: 120 }, code: 'UPSTREAM_THROTTLED', details: { status: 429, retryAfterMs: 120_000 } },
    { kind: 'throttle', code: 'UPSTREAM_THROTTLED', details: { status: 429 } },
    { kind: 'unauthorized', code: 'UPSTREAM_UNAUTHORIZED', details: { status: 401 } },
    { kind: 'server_error', code: 'UPSTREAM_UNAVAILABLE', details: { status: 500 } },
    { kind: 'not_json', code: 'UPSTREAM_UNAVAILABLE', details: { status: 502 } },
    { kind: 'drop_before', code: 'UPSTREAM_UNAVAILABLE', details: {} },
    { kind: 'drop_after', code: 'UPSTREAM_UNAVAILABLE', details: {}, isDone: true },
  ];
  for (const { kind, more, code, details, isDone = false } of cases) {
    it(`${kind}${more === undefined ? '' : ' with a time'}: ${code} after one request, then one effect by the next attempt`, async () => {
      await sandbox.fault(kind, more);
      const error = await failureOf(track(event, call()));
      assert.equal(error.code, code);
      assert.deepEqual({ ...error.details, ...details }, error.details);
      const between = await sandbox.status();
      assert.deepEqual([between.requests, between.effects], [1, isDone ? 1 : 0]);
      await track(event, call());
      assert.equal((await sandbox.status()).effects, 1);
    });
  }

  it('refuses what the library finds too large, and input that names nobody', async () => {
    // The library's own measure counts escapes and the letter i; what it lets pass, the service finds.
    const error = await failureOf(track({ ...event, properties: { text: 'i'.repeat(40 * 1024) } }, call()));
    assert.deepEqual([error.code, error.details['limitBytes']], ['UPSTREAM_REJECTED', 32 * 1024]);
    assert.equal((await failureOf(track({ event: 'Nobody' }, call()))).code, 'ACTION_INPUT_INVALID');
    assert.equal((await sandbox.status()).requests, 0);
  });

  it('passes on what the service finds too large', async () => {
    const error = await failureOf(track({ ...event, properties: { text: 'x'.repeat(32 * 1024) } }, call()));
    assert.deepEqual([error.code, error.details['status']], ['UPSTREAM_REJECTED', 400]);
  });

  it('ends at once when the call is aborted while the service is slow', async () => {
    await sandbox.fault('slow', { delayMs: 60_000 });
    const stop = new AbortController();
    const work = failureOf(track(event, call('run-1-step', { signal: stop.signal })));
    while ((await sandbox.status()).effects === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    assert.equal((await work).code, 'ACTION_ABORTED');
    await track(event, call());
    assert.equal((await sandbox.status()).effects, 1);
  });

  it('the test tells a known key from an unknown one, which the tracking API does not', async () => {
    assert.deepEqual(await test({}, call()), { isKnown: true });
    const wrong = { values: { writeKey: 'nobodys' } };
    assert.equal((await failureOf(test({}, call('x', wrong)))).code, 'UPSTREAM_UNAUTHORIZED');
    await track(event, call('x', wrong));
    assert.equal((await sandbox.status()).effects, 0);
  });
});
