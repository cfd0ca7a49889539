import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { ConnectionKind } from './connection-record.ts';
import type { RefreshedToken, RefreshToken } from './token-refresher.ts';

/** The part of `fetch` that asking for a token needs; goes through the broker, which admits public addresses only. */
export type GrantFetch = (
  url: string,
  init: {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly redirect: 'error';
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

const TIMEOUT_MS = 20_000;
const RETRY_AFTER_LIMIT_SECONDS = 3_600;
/** What says that no attempt with these credentials will ever succeed. */
const FINAL_ERRORS = new Set<unknown>(['invalid_grant', 'invalid_client', 'unauthorized_client']);

/**
 * Asks the token endpoint of a connection's kind for a new access token.
 *
 * @see RFC 6749, sections 2.3.1, 5.2 and 6
 */
export function createRefreshGrant(options: {
  readonly fetch: GrantFetch;
  readonly clock: Clock;
  readonly describeKind: (plugin: string, kind: string) => ConnectionKind | undefined;
}): RefreshToken {
  return async ({ connection, plugin, kind, values }) => {
    const oauth2 = options.describeKind(plugin, kind)?.oauth2;
    const tokenUrl = fill(text(oauth2?.['tokenUrl']), values);
    const refreshToken = text(values['refreshToken']);
    if (!URL.canParse(tokenUrl))
      throw new TendrilError('CONNECTION_INVALID', {
        connection,
        problems: [{ pointer: '', message: 'a field that the token endpoint is made of is missing' }],
      });
    if (refreshToken === '') throw new TendrilError('UPSTREAM_UNAUTHORIZED', { connection, reason: 'there is no refresh token' });
    const askedAt = options.clock.now();
    const answer = await ask(options.fetch, tokenUrl, requestOf(refreshToken, values, text(oauth2?.['clientAuthentication'])));
    return toToken(answer, askedAt, connection);
  };
}

interface GrantRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface GrantAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: JsonObject;
}

function requestOf(refreshToken: string, values: JsonObject, clientAuthentication: string): GrantRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const [id, secret] = [text(values['clientId']), text(values['clientSecret'])];
  if (clientAuthentication === 'basic') {
    headers['authorization'] = `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
  } else {
    if (id !== '') form.set('client_id', id);
    if (secret !== '') form.set('client_secret', secret);
  }
  return { headers, body: form.toString() };
}

async function ask(fetch: GrantFetch, url: string, request: GrantRequest): Promise<GrantAnswer> {
  try {
    const response = await fetch(url, { method: 'POST', ...request, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: parse(await response.text()) };
  } catch (error) {
    throw TendrilError.is(error) ? error : new TendrilError('UPSTREAM_UNAVAILABLE', {}, { cause: error });
  }
}

function toToken({ status, retryAfter, body }: GrantAnswer, askedAt: number, connection: string): RefreshedToken {
  if (status === 429) {
    const seconds = Number(retryAfter);
    throw new TendrilError('UPSTREAM_THROTTLED', {
      connection,
      retryAfterMs: Number.isFinite(seconds) ? Math.min(seconds, RETRY_AFTER_LIMIT_SECONDS) * 1_000 : 1_000,
    });
  }
  if (status >= 400 && status < 500 && FINAL_ERRORS.has(body['error']))
    throw new TendrilError('UPSTREAM_UNAUTHORIZED', { connection, error: body['error'] });
  const accessToken = text(body['access_token']);
  if (status !== 200 || accessToken === '') throw new TendrilError('UPSTREAM_UNAVAILABLE', { connection, status });
  const seconds = Number(body['expires_in']);
  const refreshToken = text(body['refresh_token']);
  return {
    accessToken,
    ...(refreshToken === '' ? {} : { refreshToken }),
    ...(body['expires_in'] !== undefined && Number.isFinite(seconds) ? { expiresAt: askedAt + seconds * 1_000 } : {}),
  };
}

/** `{field}` stands for a field of the connection. */
function fill(template: string, values: JsonObject): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, field: string) => text(values[field]));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parse(body: string): JsonObject {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}
