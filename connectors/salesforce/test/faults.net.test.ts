import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import type { Fault } from '@tendril/testkit/sandboxes';
import { upsertLead } from '../src/actions/upsert-lead.ts';
import { startSalesforceSandbox } from './sandbox-call.ts';
import type { SalesforceSandbox } from './sandbox-call.ts';

const lead = { email: 'grace@example.invalid', lastName: 'Hopper', company: 'Compilers' };

async function failureOf(work: Promise<unknown>): Promise<TendrilError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(TendrilError.is(error), String(error));
  return error;
}

interface Case {
  readonly kind: Fault['kind'];
  readonly code: ErrorCode;
  readonly details: object;
  /** Whether the effect took place in spite of the failure. */
  readonly isDone?: boolean;
  readonly more?: Partial<Fault>;
}

const CASES: readonly Case[] = [
  { kind: 'throttle', code: 'UPSTREAM_THROTTLED', details: { status: 403, vendorCodes: ['REQUEST_LIMIT_EXCEEDED'], retryAfterMs: 60_000 } },
  { kind: 'throttle', code: 'UPSTREAM_THROTTLED', details: { retryAfterMs: 7_000 }, more: { retryAfterSeconds: 7 } },
  { kind: 'unauthorized', code: 'UPSTREAM_UNAUTHORIZED', details: { status: 401, vendorCodes: ['INVALID_SESSION_ID'] } },
  { kind: 'forbidden', code: 'UPSTREAM_REJECTED', details: { status: 403, vendorCodes: ['INSUFFICIENT_ACCESS'] } },
  { kind: 'server_error', code: 'UPSTREAM_UNAVAILABLE', details: { status: 500, vendorCodes: ['UNKNOWN_EXCEPTION'] } },
  {
    kind: 'unavailable',
    code: 'UPSTREAM_UNAVAILABLE',
    details: { status: 503, vendorCodes: ['SERVER_UNAVAILABLE'], retryAfterMs: 30_000 },
    more: { retryAfterSeconds: 30 },
  },
  { kind: 'not_json', code: 'UPSTREAM_UNAVAILABLE', details: { status: 502 } },
  { kind: 'lock_row', code: 'UPSTREAM_UNAVAILABLE', details: { status: 400, vendorCodes: ['UNABLE_TO_LOCK_ROW'] } },
  { kind: 'duplicate_race', code: 'UPSTREAM_UNAVAILABLE', details: { status: 400, vendorCodes: ['DUPLICATE_VALUE'] } },
  { kind: 'multiple_matches', code: 'UPSTREAM_REJECTED', details: { status: 300, vendorCodes: ['MULTIPLE_CHOICES'] } },
  { kind: 'drop_before', code: 'UPSTREAM_UNAVAILABLE', details: { status: 0 } },
  { kind: 'drop_after', code: 'UPSTREAM_UNAVAILABLE', details: { status: 0 }, isDone: true },
];

describe('salesforce.upsert_lead when the service fails', function () {
  this.timeout(30_000);
  let sandbox: SalesforceSandbox;
  before(async () => {
    sandbox = await startSalesforceSandbox();
  });
  beforeEach(() => sandbox.reset());
  after(() => sandbox.close());

  for (const { kind, code, details, isDone = false, more } of CASES) {
    it(`${kind}${more === undefined ? '' : ' with a time'}: ${code}, then one effect by the next attempt`, async () => {
      await sandbox.fault(kind, more);
      const error = await failureOf(upsertLead(lead, sandbox.call()));
      assert.equal(error.code, code);
      assert.deepEqual({ ...error.details, ...details }, error.details);
      assert.equal((await sandbox.status()).effects, isDone ? 1 : 0);

      const output = await upsertLead(lead, sandbox.call());
      assert.equal(output.created, !isDone);
      const { effects, doubled } = await sandbox.status();
      assert.deepEqual({ effects, doubled }, { effects: 1, doubled: 0 });
    });
  }

  it('an expired session is unauthorized until the hub has refreshed, and nothing is written before', async () => {
    await sandbox.fault('expire_tokens');
    assert.equal((await failureOf(upsertLead(lead, sandbox.call()))).code, 'UPSTREAM_UNAUTHORIZED');
    assert.equal((await sandbox.status()).effects, 0);
    assert.equal((await sandbox.refresh()).status, 200);
    assert.equal((await upsertLead(lead, sandbox.call())).created, true);
  });

  it('a revoked refresh token is told apart from a token endpoint that is down', async () => {
    await sandbox.fault('token_error');
    assert.equal((await sandbox.refresh()).status, 503);
    await sandbox.fault('revoke_refresh');
    const { status, body } = await sandbox.refresh();
    assert.deepEqual([status, body['error']], [400, 'invalid_grant']);
    await sandbox.reset();
    assert.equal((await sandbox.refresh()).status, 200);
  });

  it('ends at once when the call is aborted while the service is slow; the effect stays single', async () => {
    await sandbox.refresh();
    await sandbox.fault('slow', { delayMs: 60_000 });
    const stop = new AbortController();
    const work = failureOf(upsertLead(lead, sandbox.call({ signal: stop.signal })));
    while ((await sandbox.status()).effects === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    assert.equal((await work).code, 'ACTION_ABORTED');
    assert.equal((await upsertLead(lead, sandbox.call())).created, false);
    assert.equal((await sandbox.status()).effects, 1);
  });

  it('says which host cannot be reached as the broker says it', async () => {
    const refusal = new TendrilError('EGRESS_DENIED', { host: 'elsewhere.invalid' });
    const call = sandbox.call({ fetch: () => Promise.reject(refusal) });
    assert.equal(await failureOf(upsertLead(lead, call)), refusal);
  });
});
