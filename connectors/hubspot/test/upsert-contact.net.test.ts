import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import type { Fault } from '@tendril/testkit/sandboxes';
import { upsertContact } from '../src/actions/upsert-contact.ts';
import { startHubSpotSandbox } from './sandbox-call.ts';
import type { HubSpotSandbox } from './sandbox-call.ts';

const contact = { email: 'Ada@Example.invalid', firstName: 'Ada', lastName: 'Lovelace' };

async function failureOf(work: Promise<unknown>): Promise<TendrilError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(TendrilError.is(error), String(error));
  assert.doesNotMatch(JSON.stringify([error.details, String(error.cause)]), /ada@|lovelace|"ada"/i, 'an error holds no personal value');
  return error;
}

function assertHolds(details: object, expected: object): void {
  assert.deepEqual({ ...details, ...expected }, details);
}

describe('hubspot.upsert_contact', function () {
  this.timeout(30_000);
  let sandbox: HubSpotSandbox;
  before(async () => {
    sandbox = await startHubSpotSandbox();
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  it('creates a contact, and has one effect however often the same call comes', async () => {
    const input = { ...contact, fields: { tendril_probability: 0.83, lifecyclestage: 'lead' } };
    const first = await upsertContact(input, sandbox.call());
    const second = await upsertContact(input, sandbox.call());
    assert.deepEqual([first.created, second], [true, { id: first.id, created: false }]);
    const { effects, repeats, doubled } = await sandbox.status();
    assert.deepEqual({ effects, repeats, doubled }, { effects: 1, repeats: 1, doubled: 0 });
    const [record] = await sandbox.records();
    assert.deepEqual([record?.fields['email'], record?.fields['tendril_probability']], ['ada@example.invalid', '0.83']);
  });

  it('changes what is given and leaves the rest; null empties', async () => {
    await upsertContact({ ...contact, city: 'London' }, sandbox.call());
    await upsertContact({ email: contact.email, firstName: 'Augusta', city: null }, sandbox.call());
    const [record] = await sandbox.records();
    assert.deepEqual([record?.fields['firstname'], record?.fields['lastname'], record?.fields['city']], ['Augusta', 'Lovelace', '']);
  });

  it('names the refused properties, without the values', async () => {
    const error = await failureOf(upsertContact({ ...contact, fields: { shoe_size: 38, lifecyclestage: 'ada' } }, sandbox.call()));
    assert.equal(error.code, 'UPSTREAM_REJECTED');
    assertHolds(error.details, {
      status: 400,
      vendorCodes: ['PROPERTY_DOESNT_EXIST', 'INVALID_OPTION'],
      fields: ['shoe_size', 'lifecyclestage'],
    });
    const second = await failureOf(upsertContact({ ...contact, email: 'ada@nowhere' }, sandbox.call()));
    assertHolds(second.details, { vendorCodes: ['INVALID_EMAIL'], fields: ['email'] });
    assert.equal(
      (await failureOf(upsertContact({ ...contact, fields: { email: 'ada@example.invalid' } }, sandbox.call()))).code,
      'ACTION_INPUT_INVALID',
    );
    assert.equal((await sandbox.status()).effects, 0);
  });

  const cases: readonly {
    readonly kind: Fault['kind'];
    readonly more?: Partial<Fault>;
    readonly code: ErrorCode;
    readonly details: object;
    readonly isDone?: boolean;
  }[] = [
    { kind: 'throttle', code: 'UPSTREAM_THROTTLED', details: { status: 429, policy: 'TEN_SECONDLY_ROLLING', retryAfterMs: 10_000 } },
    { kind: 'throttle', more: { retryAfterSeconds: 3 }, code: 'UPSTREAM_THROTTLED', details: { retryAfterMs: 3_000 } },
    { kind: 'throttle_daily', code: 'UPSTREAM_THROTTLED', details: { status: 429, policy: 'DAILY', retryAfterMs: 3_600_000 } },
    { kind: 'unauthorized', code: 'UPSTREAM_UNAUTHORIZED', details: { status: 401, vendorCodes: ['EXPIRED_AUTHENTICATION'] } },
    { kind: 'forbidden', code: 'UPSTREAM_REJECTED', details: { status: 403, vendorCodes: ['MISSING_SCOPES'] } },
    { kind: 'server_error', code: 'UPSTREAM_UNAVAILABLE', details: { status: 500 } },
    { kind: 'not_json', code: 'UPSTREAM_UNAVAILABLE', details: { status: 502 } },
    { kind: 'drop_before', code: 'UPSTREAM_UNAVAILABLE', details: { status: 0 } },
    { kind: 'drop_after', code: 'UPSTREAM_UNAVAILABLE', details: { status: 0 }, isDone: true },
  ];
  for (const { kind, more, code, details, isDone = false } of cases) {
    it(`${kind}: ${code} after one request, then one effect by the next attempt`, async () => {
      await sandbox.fault(kind, more);
      const error = await failureOf(upsertContact(contact, sandbox.call()));
      assert.equal(error.code, code);
      assertHolds(error.details, details);
      assert.equal((await sandbox.status()).requests, 1);
      assert.equal((await upsertContact(contact, sandbox.call())).created, !isDone);
      assert.equal((await sandbox.status()).effects, 1);
    });
  }

  it('an expired token is unauthorized until the hub has refreshed', async () => {
    await sandbox.fault('expire_tokens');
    assert.equal((await failureOf(upsertContact(contact, sandbox.call({ kind: 'oauth2' })))).code, 'UPSTREAM_UNAUTHORIZED');
    assert.equal((await sandbox.refresh()).status, 200);
    assert.equal((await upsertContact(contact, sandbox.call({ kind: 'oauth2' }))).created, true);
  });

  it('ends at once when the call is aborted while the service is slow', async () => {
    await sandbox.fault('slow', { delayMs: 60_000 });
    const stop = new AbortController();
    const work = failureOf(upsertContact(contact, sandbox.call({ signal: stop.signal })));
    while ((await sandbox.status()).effects === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    assert.equal((await work).code, 'ACTION_ABORTED');
    assert.equal((await upsertContact(contact, sandbox.call())).created, false);
  });
});
