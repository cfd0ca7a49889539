import type { Action, RecordedExchange } from '@tendril/schemas';
import type { Reply } from '../service/stand-in.ts';
import { remedyOf } from './describe-error.ts';
import type { TendrilError } from '@tendril/plugin-api';

const RETRY_AFTER_SECONDS = 7;
const SECOND_MS = 1_000;

/** What is done wrong to one answer, and what the call has to make of it. */
export interface FaultKind {
  readonly id: string;
  /** `answers 429 with Retry-After in seconds`: what the service does. */
  readonly what: string;
  /** `undefined` where it does not apply. */
  readonly reply: (exchange: RecordedExchange, action: Action, nowMs: number) => Reply | undefined;
  /** What has to be so, in a sentence; `undefined` when it is. */
  readonly complain: (error: TendrilError) => string | undefined;
  readonly mend: string;
  /** Whether the call may succeed all the same, with what was recorded: nothing of the answer's body was needed. */
  readonly mayNotMatter?: boolean;
  /** How long the call gets. */
  readonly timeoutMs?: number;
  /** Whether the host itself may run the handler again, with a new token. */
  readonly mayRunAgain?: boolean;
}

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: { message: 'the service does something else today' },
});

/** Everything that services do. */
export function faultKinds(action: Action, timeoutMs: number): readonly FaultKind[] {
  return [
    throttled('throttled-seconds', 'answers 429 with Retry-After in seconds', () => ({ 'retry-after': String(RETRY_AFTER_SECONDS) })),
    throttled('throttled-date', 'answers 429 with Retry-After as a date', (nowMs) => ({
      'retry-after': new Date(nowMs + RETRY_AFTER_SECONDS * SECOND_MS).toUTCString(),
    })),
    ...(action.retryAfterHeaders ?? []).map((header) =>
      throttled(`throttled-${header.toLowerCase()}`, `answers 429 with ${header}`, () => ({
        [header.toLowerCase()]: String(RETRY_AFTER_SECONDS),
      })),
    ),
    ...[500, 502, 503].map((status): FaultKind => ({
      id: `status-${String(status)}`,
      what: `answers ${String(status)}`,
      reply: () => answer(status),
      ...expectRetry(`throw UPSTREAM_UNAVAILABLE for ${String(status)}`),
    })),
    {
      id: 'status-401',
      what: 'answers 401',
      reply: (_, { connection }) => (connection === undefined ? undefined : answer(401)),
      complain: ({ code }) =>
        code === 'UPSTREAM_UNAUTHORIZED'
          ? undefined
          : 'it has to be UPSTREAM_UNAUTHORIZED, so that the hub renews the token or asks for a login',
      mend: 'throw UPSTREAM_UNAUTHORIZED for 401',
      mayRunAgain: true,
    },
    {
      id: 'status-400',
      what: 'answers 400',
      reply: () => answer(400),
      complain: (error) =>
        remedyOf(error) === 'fix-input' ? undefined : 'its remedy has to be fix-input: the same request will be refused again',
      mend: 'throw UPSTREAM_REJECTED for 400',
    },
    {
      id: 'connection-cut',
      what: 'cuts the connection',
      reply: () => ({ kind: 'cut' }),
      ...expectRetry('let the error of call.fetch pass, or throw UPSTREAM_UNAVAILABLE'),
    },
    {
      id: 'silence',
      what: 'does not answer',
      reply: () => ({ kind: 'silence' }),
      timeoutMs,
      ...expectRetry('let the error of call.fetch pass'),
    },
    { id: 'body-cut', what: 'answers with JSON that is cut off', reply: cutBody, mayNotMatter: true, ...expectRetry(UNREADABLE) },
    {
      id: 'body-html',
      what: "answers with a proxy's page in place of JSON",
      reply: htmlBody,
      mayNotMatter: true,
      ...expectRetry(UNREADABLE),
    },
  ];
}

const UNREADABLE = 'catch what reading the body throws, and throw UPSTREAM_UNAVAILABLE';

function throttled(id: string, what: string, headers: (nowMs: number) => Readonly<Record<string, string>>): FaultKind {
  return {
    id,
    what,
    reply: (_, __, nowMs) => answer(429, headers(nowMs)),
    complain: ({ code, details }) => {
      if (code !== 'UPSTREAM_THROTTLED') return 'it has to be UPSTREAM_THROTTLED';
      const waitMs = details['retryAfterMs'];
      const isRight = typeof waitMs === 'number' && Math.abs(waitMs - RETRY_AFTER_SECONDS * SECOND_MS) <= SECOND_MS;
      return isRight
        ? undefined
        : `details.retryAfterMs has to be about ${String(RETRY_AFTER_SECONDS * SECOND_MS)} and is ${String(waitMs)}`;
    },
    mend: 'throw UPSTREAM_THROTTLED for 429; the hub reads the headers of answers that came through call.fetch',
  };
}

function expectRetry(mend: string): Pick<FaultKind, 'complain' | 'mend'> {
  return {
    complain: (error) =>
      remedyOf(error) === 'retry' ? undefined : 'its remedy has to be retry: it passes, and it is not known whether the service did it',
    mend,
  };
}

function cutBody({ response }: RecordedExchange): Reply | undefined {
  if (!isJsonBody(response)) return undefined;
  const text = JSON.stringify(response.body);
  return {
    kind: 'answer',
    status: response.status,
    headers: { 'content-type': 'application/json' },
    body: text.slice(0, Math.floor(text.length / 2)),
  };
}

function htmlBody({ response }: RecordedExchange): Reply | undefined {
  if (!isJsonBody(response)) return undefined;
  return {
    kind: 'answer',
    status: response.status,
    headers: { 'content-type': 'text/html' },
    body: '<html><body>Please log in</body></html>',
  };
}

function isJsonBody({ body }: RecordedExchange['response']): boolean {
  return typeof body === 'object' && body !== null;
}
