import { fetch as undiciFetch } from 'undici';
import type { RequestInit as UndiciInit, Response as UndiciResponse } from 'undici';
import { TendrilError } from '@tendril/plugin-api';
import type { Credentials } from './inject.ts';
import { outside } from './egress-scope.ts';
import { networkFailure } from './network-failure.ts';
import { schemePort } from './network.ts';
import type { Network } from './network.ts';

/** Who fetches, and what is put into the request for it. */
export interface FetchScope {
  /** @throws TendrilError EGRESS_DENIED, CALL_ENDED */
  admit(host: string, port: number): void;
  /** What may go to this host; `undefined` when nothing does. */
  credentialsFor(host: string, port: number): Credentials | undefined;
  /** Aborted when the call ends. */
  readonly signal: AbortSignal;
  /** Sees the status and headers of each answer. */
  note(response: { readonly status: number; readonly headers: { get(name: string): string | null } }): void;
}

const MOST_REDIRECTS = 5;
const WITHOUT_BODY = new Set([101, 103, 204, 205, 304]);
const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization'];

interface Attempt {
  url: URL;
  method: string;
  headers: Headers;
  body: RequestInit['body'];
}

/**
 * `fetch` through the broker. Follows at most 5 redirects, each checked as the first request was; what identifies the
 * caller does not go along to another host.
 *
 * @throws TendrilError EGRESS_DENIED, UPSTREAM_UNAVAILABLE when there is no answer, UPSTREAM_REJECTED when the answer is too large
 */
export async function brokerFetch(network: Network, scope: FetchScope, input: string | URL, init: RequestInit = {}): Promise<Response> {
  const signal = init.signal ? AbortSignal.any([scope.signal, init.signal]) : scope.signal;
  const attempt = firstAttempt(input, init);
  const start = attempt.url.origin;
  for (let redirects = 0; ; redirects += 1) {
    const credentials = attempt.url.origin === start ? scope.credentialsFor(attempt.url.hostname, portOf(attempt.url)) : undefined;
    const response = await send(network, scope, attempt, credentials, signal);
    const location = response.headers.get('location');
    const isRedirect = [301, 302, 303, 307, 308].includes(response.status) && location !== null;
    if (!isRedirect || init.redirect === 'manual') return answer(network, response, attempt.url, redirects > 0);
    await response.body?.cancel();
    if (init.redirect === 'error' || redirects >= MOST_REDIRECTS) throw rejected(attempt.url, 'redirected too often');
    follow(attempt, new URL(location, attempt.url), response.status);
  }
}

function firstAttempt(input: string | URL, init: RequestInit): Attempt {
  const { headers, body } = describeBody(init);
  // The address says which host is meant: behind a shared front, another name here would lead to whom nobody permitted.
  headers.delete('host');
  return { url: new URL(input), method: (init.method ?? 'GET').toUpperCase(), headers, body };
}

function describeBody(init: RequestInit): { readonly headers: Headers; readonly body: RequestInit['body'] } {
  const headers = new Headers(init.headers);
  if (!(init.body instanceof FormData)) return { headers, body: init.body ?? null };
  const form = new Response(init.body);
  const type = form.headers.get('content-type');
  if (type !== null) headers.set('content-type', type);
  return { headers, body: form.body };
}

async function send(
  network: Network,
  scope: FetchScope,
  attempt: Attempt,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): Promise<UndiciResponse> {
  const url = new URL(attempt.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TendrilError('EGRESS_DENIED', { reason: 'only http and https' });
  scope.admit(url.hostname, portOf(url));
  const headers = new Headers(attempt.headers);
  for (const [name, value] of Object.entries(credentials?.headers ?? {})) if (!headers.has(name)) headers.set(name, value);
  for (const [name, value] of Object.entries(credentials?.query ?? {})) url.searchParams.set(name, value);
  const init: UndiciInit = {
    method: attempt.method,
    headers: [...headers],
    body: (attempt.body as UndiciInit['body']) ?? null,
    redirect: 'manual',
    dispatcher: network.dispatcher,
    signal,
    ...(attempt.body instanceof ReadableStream && { duplex: 'half' as const }),
  };
  try {
    const response = await outside(() => undiciFetch(url, init));
    scope.note(response);
    return response;
  } catch (error) {
    throw networkFailure(error, url.hostname) ?? error;
  }
}

function follow(attempt: Attempt, target: URL, status: number): void {
  const becomesGet = status === 303 ? attempt.method !== 'HEAD' : status < 303 && attempt.method === 'POST';
  if (becomesGet) {
    attempt.method = 'GET';
    attempt.body = null;
    for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language']) attempt.headers.delete(name);
  } else if (attempt.body instanceof ReadableStream) {
    throw rejected(attempt.url, 'a streamed body cannot be sent again');
  }
  if (target.origin !== attempt.url.origin) {
    for (const name of [...attempt.headers.keys()])
      if (SECRET_HEADERS.includes(name) || /key|token|secret|signature/.test(name)) attempt.headers.delete(name);
  }
  attempt.url = target;
}

/** The platform's own Response, whose body ends with an error behind the limit. */
function answer(network: Network, response: UndiciResponse, url: URL, isRedirected: boolean): Response {
  const limitBytes = network.bodyLimitBytes;
  const tooLarge = (): TendrilError =>
    new TendrilError('UPSTREAM_REJECTED', { host: url.hostname, reason: 'the answer is too large', limitBytes });
  if (Number(response.headers.get('content-length') ?? 0) > limitBytes) {
    void response.body?.cancel();
    throw tooLarge();
  }
  let sizeBytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > limitBytes) controller.error(tooLarge());
      else controller.enqueue(chunk);
    },
  });
  const stream = response.body as ReadableStream<Uint8Array> | null;
  const body = stream === null || WITHOUT_BODY.has(response.status) ? null : stream.pipeThrough(counted);
  const made = new Response(body, { status: response.status, statusText: response.statusText, headers: [...response.headers] });
  Object.defineProperties(made, { url: { value: withoutQuery(url) }, redirected: { value: isRedirected } });
  return made;
}

/** Credentials may have been put into the query. */
function withoutQuery(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function rejected(url: URL, reason: string): TendrilError {
  return new TendrilError('UPSTREAM_REJECTED', { host: url.hostname, reason });
}

/** The port of a web URL, spelt out or the scheme's own. */
export function portOf(url: URL): number {
  return url.port === '' ? schemePort(url.protocol) : Number(url.port);
}
