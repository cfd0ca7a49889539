import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createRefreshGrant } from '../../src/vault/index.ts';
import type { ConnectionKind, GrantFetch, RefreshedToken } from '../../src/vault/index.ts';

const values = { loginUrl: 'https://login.crm.invalid', clientId: 'id', clientSecret: 's/t', refreshToken: 'r0' };
const request = { tenantId: 'acme', connection: 'crm', plugin: 'crm', kind: 'oauth2', isSandbox: false, values };

type Sent = Parameters<GrantFetch>;

async function grant(
  answer: { readonly status: number; readonly body: unknown; readonly retryAfter?: string } | Error,
  oauth2: object = {},
  given: object = values,
): Promise<{ readonly sent: readonly Sent[]; readonly token: RefreshedToken }> {
  const sent: Sent[] = [];
  const kind: ConnectionKind = { schema: {}, secretFields: [], oauth2: { tokenUrl: '{loginUrl}/token', ...oauth2 } };
  const ask = createRefreshGrant({
    clock: { now: () => 1_000 },
    describeKind: () => kind,
    fetch: async (...input) => {
      sent.push(input);
      if (answer instanceof Error) throw answer;
      return {
        status: answer.status,
        headers: { get: () => answer.retryAfter ?? null },
        text: async () => (typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)),
      };
    },
  });
  return { token: await ask({ ...request, values: { ...given } }), sent };
}

function throwsCode(code: string, detail: readonly [string, unknown] = ['connection', 'crm']) {
  return (error: unknown): boolean =>
    TendrilError.is(error) &&
    error.code === code &&
    error.details[detail[0]] === detail[1] &&
    !JSON.stringify(error.details).includes('r0');
}

describe('the refresh grant', () => {
  it('asks as RFC 6749 says and reads the answer', async () => {
    const { token, sent } = await grant({ status: 200, body: { access_token: 'a1', refresh_token: 'r1', expires_in: 3_600 } });
    assert.deepEqual(token, { accessToken: 'a1', refreshToken: 'r1', expiresAt: 3_601_000 });
    const [[url, init] = ['', undefined]] = sent;
    assert.equal(url, 'https://login.crm.invalid/token');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(init?.body)), {
      grant_type: 'refresh_token',
      refresh_token: 'r0',
      client_id: 'id',
      client_secret: 's/t',
    });
    assert.equal(init?.redirect, 'error');
  });

  it('shows its secret in the header where the service wants it there', async () => {
    const { sent, token } = await grant({ status: 200, body: { access_token: 'a1' } }, { clientAuthentication: 'basic' });
    assert.equal(sent[0]?.[1].headers['authorization'], `Basic ${Buffer.from('id:s%2Ft').toString('base64')}`);
    assert.equal(sent[0][1].body.includes('client_secret'), false);
    assert.deepEqual(token, { accessToken: 'a1' });
  });

  it('tells a refusal for good from one that passes', async () => {
    await assert.rejects(grant({ status: 400, body: { error: 'invalid_grant' } }), throwsCode('UPSTREAM_UNAUTHORIZED'));
    await assert.rejects(grant({ status: 401, body: { error: 'invalid_client' } }), throwsCode('UPSTREAM_UNAUTHORIZED'));
    await assert.rejects(grant({ status: 400, body: '<html>' }), throwsCode('UPSTREAM_UNAVAILABLE'));
    await assert.rejects(grant({ status: 503, body: { error: 'invalid_grant' } }), throwsCode('UPSTREAM_UNAVAILABLE'));
    await assert.rejects(grant({ status: 200, body: {} }), throwsCode('UPSTREAM_UNAVAILABLE'));
    await assert.rejects(grant({ status: 429, body: {}, retryAfter: '7' }), throwsCode('UPSTREAM_THROTTLED', ['retryAfterMs', 7_000]));
    await assert.rejects(grant(new Error('socket')), { code: 'UPSTREAM_UNAVAILABLE' });
    await assert.rejects(grant(new TendrilError('EGRESS_DENIED')), { code: 'EGRESS_DENIED' });
  });

  it('does not ask without what it needs', async () => {
    await assert.rejects(grant(new Error('asked'), {}, { ...values, refreshToken: undefined }), throwsCode('UPSTREAM_UNAUTHORIZED'));
    await assert.rejects(grant(new Error('asked'), {}, { ...values, loginUrl: undefined }), throwsCode('CONNECTION_INVALID'));
  });
});
