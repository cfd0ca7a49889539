import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createFaults, parseFault } from './faults.ts';
import type { Fault, FaultKind, Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';

/** A request as a sandbox sees it. */
export interface SandboxRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** An answer. A string body is sent as it is, anything else as JSON, `undefined` as no content. */
export interface SandboxAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** How one vendor behaves. Both functions run inside the transaction that also records the request. */
export interface Vendor {
  /** Requests that none of the faults but `token_error` touches: the token endpoint. */
  isTokenRequest(request: SandboxRequest): boolean;
  answer(request: SandboxRequest): SandboxAnswer;
  /** How the vendor says that something is wrong. `undefined` for kinds that it does not know. */
  answerFault(fault: Fault, request: SandboxRequest): SandboxAnswer | undefined;
  /** Faults that act at once and are not kept for a request; true when it was one. */
  readonly actOnFault: (fault: Fault) => boolean;
  /** Kind of the objects that `/_sandbox/records` lists. */
  readonly recordType: string;
}

/** What becomes of a request. Without an answer the connection is cut. */
export interface Outcome {
  readonly answer: SandboxAnswer | undefined;
  readonly delayMs: number;
}

const API_FAULTS: readonly FaultKind[] = [
  'throttle',
  'throttle_daily',
  'unauthorized',
  'forbidden',
  'server_error',
  'unavailable',
  'not_json',
  'slow',
  'drop_before',
  'drop_after',
  'lock_row',
  'duplicate_race',
  'multiple_matches',
];
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_LIMIT_BYTES) throw new RangeError('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status, headers = {}, body }: SandboxAnswer): void {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/html;charset=utf-8' : 'application/json;charset=UTF-8';
  response.writeHead(status, { ...(text === undefined ? {} : { 'content-type': type }), ...headers });
  response.end(text);
}

function handle(vendor: Vendor, ledger: Ledger, faults: Faults, request: SandboxRequest): Promise<Outcome> {
  return ledger.commit(() => {
    const isToken = vendor.isTokenRequest(request);
    const fault = faults.take(isToken ? ['token_error'] : API_FAULTS);
    const record = (status: number): void => {
      ledger.recordRequest({
        at: request.at,
        method: request.method,
        path: request.url.pathname + request.url.search,
        status,
        fault: fault?.kind,
      });
    };
    if (fault?.kind === 'drop_before') {
      record(0);
      return { answer: undefined, delayMs: 0 };
    }
    const faulty = fault === undefined ? undefined : vendor.answerFault(fault, request);
    const answer = faulty ?? vendor.answer(request);
    const isDropped = fault?.kind === 'drop_after';
    record(isDropped ? 0 : answer.status);
    return { answer: isDropped ? undefined : answer, delayMs: fault?.kind === 'slow' ? (fault.delayMs ?? 1000) : 0 };
  });
}

/** Reads `limit` and `cursor`. */
export function readPage(url: URL): { limit: number; before: number | undefined } {
  const limit = Math.min(1000, Math.max(1, Number(url.searchParams.get('limit') ?? 100) || 100));
  const before = Number(url.searchParams.get('cursor') ?? Number.NaN);
  return { limit, before: Number.isFinite(before) ? before : undefined };
}

function toPage<Item extends { readonly id: number }>(items: readonly Item[], limit: number): object {
  const oldest = items.at(-1);
  return items.length === limit && oldest !== undefined ? { items, nextCursor: String(oldest.id) } : { items };
}

/** What tests and the dashboard ask a sandbox, beside what the vendor offers. @returns undefined for other addresses */
export function answerAdmin(
  request: SandboxRequest,
  service: {
    readonly ledger: Ledger;
    readonly faults: Faults;
    readonly recordType: string;
    readonly actOnFault: (fault: Fault) => boolean;
  },
): SandboxAnswer | undefined {
  const { ledger, faults } = service;
  const { limit, before } = readPage(request.url);
  switch (`${request.method} ${request.url.pathname}`) {
    case 'GET /_sandbox/status':
      return { status: 200, body: { ...ledger.counts(), records: ledger.countRecords(service.recordType), faults: faults.pending() } };
    case 'GET /_sandbox/effects':
      return { status: 200, body: toPage(ledger.effects(limit, before), limit) };
    case 'GET /_sandbox/requests':
      return { status: 200, body: toPage(ledger.requests(limit, before), limit) };
    case 'GET /_sandbox/records':
      return { status: 200, body: { items: ledger.records(service.recordType, limit) } };
    case 'POST /_sandbox/faults': {
      const fault = parseFault(parseJson(request.body));
      if (fault === undefined) return { status: 400, body: { message: 'A fault has a known kind and a count of at least 1.' } };
      if (!service.actOnFault(fault)) faults.add(fault);
      return { status: 201, body: fault };
    }
    case 'POST /_sandbox/reset':
      faults.clear();
      ledger.reset();
      return { status: 200, body: {} };
    default:
      return request.url.pathname.startsWith('/_sandbox/')
        ? { status: 404, body: { message: 'There is nothing at this address.' } }
        : undefined;
  }
}

/** The value of a JSON text; `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Sandboxes are for servers: what a page makes a browser send, also under a name that leads here, is refused. */
function comesFromAnotherSite({ headers }: IncomingMessage): boolean {
  const { host = 'localhost', origin, 'sec-fetch-site': site } = headers;
  const isOwnName = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host);
  return !isOwnName || origin !== undefined || (site !== undefined && site !== 'none');
}

/** Makes a server that reads a request whole and answers with what `respond` says, late or not at all where it says so. */
export function createSandboxServer(respond: (request: SandboxRequest) => Outcome | Promise<Outcome>, now: () => number): Server {
  return createServer((message, response) => {
    if (comesFromAnotherSite(message)) {
      response.writeHead(403).end();
      return;
    }
    readBody(message)
      .then(async (body) => {
        const url = new URL(message.url ?? '/', 'http://sandbox.invalid');
        const { answer, delayMs } = await respond({ method: message.method ?? 'GET', url, headers: message.headers, body, at: now() });
        if (answer === undefined) message.socket.destroy();
        else if (delayMs === 0) send(response, answer);
        else setTimeout(() => send(response, answer), delayMs).unref();
      })
      .catch(() => message.socket.destroy());
  });
}

/** Makes the HTTP server of one vendor. Everything is committed before an answer leaves. */
export function createHttpService(vendor: Vendor, ledger: Ledger, now: () => number): Server {
  const faults = createFaults(ledger);
  const service = { ledger, faults, recordType: vendor.recordType, actOnFault: vendor.actOnFault };
  return createSandboxServer((request) => {
    const admin = answerAdmin(request, service);
    return admin === undefined ? handle(vendor, ledger, faults, request) : { answer: admin, delayMs: 0 };
  }, now);
}
