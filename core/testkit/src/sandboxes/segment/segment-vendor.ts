import type { Fault } from '../faults.ts';
import { parseJson } from '../http-service.ts';
import type { SandboxAnswer, SandboxRequest, Vendor } from '../http-service.ts';
import type { Ledger } from '../ledger.ts';
import { keepSecret, randomText } from '../tokens.ts';

const KINDS: ReadonlySet<string> = new Set(['track', 'identify', 'page', 'screen', 'group', 'alias']);
const EVENT_LIMIT_BYTES = 32 * 1024;
const BATCH_LIMIT_BYTES = 500 * 1024;
const ACCEPTED: SandboxAnswer = { status: 200, body: { success: true } };

/** The sandbox's write key, made at its first start. */
export function segmentWriteKey(ledger: Ledger): string {
  return keepSecret(ledger, 'writeKey', () => randomText(24));
}

function refuse(message: string): SandboxAnswer {
  return { status: 400, body: { success: false, message } };
}

function sizeBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

type Message = Readonly<Record<string, unknown>>;

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the service takes in; what it answers with 200 and then drops is not among it. */
function isWellFormed(message: Message, kind: string): boolean {
  const isSomebody = typeof message['userId'] === 'string' || typeof message['anonymousId'] === 'string';
  return KINDS.has(kind) && isSomebody && (kind !== 'track' || typeof message['event'] === 'string');
}

/** Segment's HTTP tracking API, and the settings of a source that its CDN serves. */
export function createSegment(ledger: Ledger): Vendor {
  const writeKey = segmentWriteKey(ledger);

  function keyOf(request: SandboxRequest, body: Message): unknown {
    const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    return basic === undefined ? body['writeKey'] : Buffer.from(basic, 'base64').toString('utf8').split(':')[0];
  }

  function accept(message: Message, kind: string, at: number): void {
    const id = typeof message['messageId'] === 'string' ? message['messageId'] : `api-${randomText(20)}`;
    // The service keeps one message of an id and drops the rest without saying so.
    if (!isWellFormed(message, kind) || ledger.getRecord('message', id) !== undefined) {
      ledger.recordRepeat();
      return;
    }
    ledger.putRecord('message', { id, fields: { type: kind } }, {});
    const { writeKey: _key, ...fields } = message;
    ledger.recordEffect({ at, key: id, kind, objectType: 'message', objectId: id, fields });
  }

  function ingest(request: SandboxRequest, kind: string): SandboxAnswer {
    const body = parseJson(request.body);
    if (!isMessage(body)) return refuse('malformed JSON');
    const isBatch = kind === 'batch' || kind === 'import';
    const messages: readonly unknown[] = isBatch ? (Array.isArray(body['batch']) ? (body['batch'] as readonly unknown[]) : []) : [body];
    if (isBatch && !Array.isArray(body['batch'])) return refuse('batch is missing');
    if (!messages.every(isMessage)) return refuse('malformed JSON');
    if (Buffer.byteLength(request.body) > (isBatch ? BATCH_LIMIT_BYTES : EVENT_LIMIT_BYTES)) return refuse('Exceed payload limit');
    if (messages.some((message) => sizeBytes(message) > EVENT_LIMIT_BYTES)) return refuse('Exceed payload limit');
    // As documented: a wrong key is answered with 200 too, and what it brought is gone.
    if (keyOf(request, body) !== writeKey) return ACCEPTED;
    for (const message of messages) accept(message, isBatch ? String(message['type']) : kind, request.at);
    return ACCEPTED;
  }

  return {
    recordType: 'message',
    isTokenRequest: () => false,
    answer(request) {
      const key = /^\/v1\/projects\/([^/]+)\/settings$/.exec(request.url.pathname)?.[1];
      if (request.method === 'GET' && key !== undefined) {
        return decodeURIComponent(key) === writeKey
          ? {
              status: 200,
              body: { integrations: { 'Segment.io': { apiKey: writeKey } }, plan: { track: { __default: { enabled: true } } } },
            }
          : { status: 404, body: 'Cannot GET' };
      }
      const kind = /^\/v1\/([a-z]+)$/.exec(request.url.pathname)?.[1] ?? '';
      if (request.method === 'POST' && (KINDS.has(kind) || kind === 'batch' || kind === 'import')) return ingest(request, kind);
      return { status: 404, body: 'Not Found' };
    },
    answerFault,
    actOnFault: () => false,
  };
}

function answerFault(fault: Fault): SandboxAnswer | undefined {
  const retryAfter = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
  switch (fault.kind) {
    case 'throttle':
    case 'throttle_daily':
      return { status: 429, body: { success: false, message: 'Too Many Requests' }, headers: retryAfter };
    case 'unauthorized':
      return { status: 401, body: { success: false, message: 'Unauthorized' } };
    case 'forbidden':
      return { status: 403, body: { success: false, message: 'Forbidden' } };
    case 'server_error':
      return { status: 500, body: { success: false, message: 'Internal Server Error' } };
    case 'unavailable':
      return { status: 503, body: { success: false, message: 'Service Unavailable' }, headers: retryAfter };
    case 'not_json':
      return { status: 502, body: '<html>502 Bad Gateway</html>' };
    default:
      return undefined;
  }
}
