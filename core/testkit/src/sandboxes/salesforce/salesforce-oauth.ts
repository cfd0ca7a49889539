import type { SandboxAnswer, SandboxRequest } from '../http-service.ts';
import type { Ledger } from '../ledger.ts';
import { keepSecret, randomText } from '../tokens.ts';
import type { Tokens } from '../tokens.ts';

/** What a client needs to log in to the sandbox. */
export interface SalesforceCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly username: string;
  readonly password: string;
}

const SESSION_MS = 2 * 60 * 60 * 1000;
export const ORGANIZATION_ID = '00D5g000004Tnd1EAC';
export const USER_ID = '0055g00000HTnd1AAC';

/** The sandbox's credentials, made at its first start. */
export function salesforceCredentials(ledger: Ledger): SalesforceCredentials {
  return {
    clientId: keepSecret(ledger, 'clientId', () => `3MVG9${randomText(48)}`),
    clientSecret: keepSecret(ledger, 'clientSecret', () => randomText(24).toUpperCase()),
    refreshToken: keepSecret(ledger, 'refreshToken', () => `5Aep861${randomText(48)}`),
    username: keepSecret(ledger, 'username', () => 'integration@tendril.invalid'),
    password: keepSecret(ledger, 'password', () => randomText(18)),
  };
}

function refuse(error: string, description: string): SandboxAnswer {
  return { status: 400, body: { error, error_description: description } };
}

function checkGrant(form: URLSearchParams, credentials: SalesforceCredentials, isRevoked: boolean): SandboxAnswer | undefined {
  if (form.get('client_id') !== credentials.clientId) return refuse('invalid_client_id', 'client identifier invalid');
  if (form.get('client_secret') !== credentials.clientSecret) return refuse('invalid_client', 'invalid client credentials');
  switch (form.get('grant_type')) {
    case 'refresh_token':
      return !isRevoked && form.get('refresh_token') === credentials.refreshToken
        ? undefined
        : refuse('invalid_grant', 'expired access/refresh token');
    case 'client_credentials':
      return undefined;
    case 'password':
      return form.get('username') === credentials.username && form.get('password') === credentials.password
        ? undefined
        : refuse('invalid_grant', 'authentication failure');
    default:
      return refuse('unsupported_grant_type', 'grant type not supported');
  }
}

function withBasic(request: SandboxRequest, form: URLSearchParams): URLSearchParams {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) return form;
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  form.set('client_id', id);
  form.set('client_secret', secret);
  return form;
}

/** `POST /services/oauth2/token`: refresh token, client credentials and password grants. */
export function answerToken(
  request: SandboxRequest,
  state: { readonly credentials: SalesforceCredentials; readonly tokens: Tokens; readonly origin: string; readonly isRevoked: boolean },
): SandboxAnswer {
  if (request.method !== 'POST') return { status: 405, body: 'Method Not Allowed' };
  const refusal = checkGrant(withBasic(request, new URLSearchParams(request.body)), state.credentials, state.isRevoked);
  if (refusal !== undefined) return refusal;
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: {
      access_token: state.tokens.issue(request.at, SESSION_MS),
      signature: randomText(32),
      scope: 'refresh_token api id',
      instance_url: state.origin,
      id: `${state.origin}/id/${ORGANIZATION_ID}/${USER_ID}`,
      token_type: 'Bearer',
      issued_at: String(request.at),
    },
  };
}
