import { outside } from '@tendril/engine/plugins';
import type { RecordedExchange } from '@tendril/schemas';
import { readBody } from '../service/requests.ts';
import type { ReceivedRequest, Reply } from '../service/stand-in.ts';

// The sender's own, or about one connection.
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  'accept-encoding',
]);
/** What of a request's headers is kept: what the service reads the body by. */
const KEPT_OF_REQUESTS: ReadonlySet<string> = new Set(['content-type']);
/** What of an answer's headers is kept: what handlers read. Cookies and ids of requests are not. */
const KEPT_OF_ANSWERS = /^(?:content-type|retry-after|location|link|etag|last-modified|x-rate-?limit.*|ratelimit.*|x-next-page|x-total.*)$/;

/** Asks the real service, and writes down what was asked and answered. */
export class Relay {
  readonly exchanges: RecordedExchange[] = [];
  readonly #idempotencyKey: string;

  constructor(idempotencyKey: string) {
    this.#idempotencyKey = idempotencyKey;
  }

  readonly respond = async (request: ReceivedRequest): Promise<Reply> => {
    const { method, url, headers, body } = request;
    const passed = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name));
    let response: Response;
    try {
      response = await outside(() => fetch(url, { method, headers: passed, redirect: 'manual', ...(body !== '' && { body }) }));
    } catch {
      return { kind: 'cut' };
    }
    const text = await response.text();
    const answered = Object.fromEntries(response.headers);
    this.exchanges.push({ request: this.#toRequest(request), response: toResponse(response.status, answered, text) });
    const { 'content-encoding': _, 'content-length': __, ...kept } = answered;
    return { kind: 'answer', status: response.status, headers: kept, ...(text !== '' && { body: text }) };
  };

  #toRequest({ method, url, headers, body }: ReceivedRequest): RecordedExchange['request'] {
    const kept = Object.entries(headers).filter(([name, value]) => KEPT_OF_REQUESTS.has(name) || value === this.#idempotencyKey);
    return {
      method: method as RecordedExchange['request']['method'],
      url,
      ...(kept.length > 0 && { headers: Object.fromEntries(kept) }),
      ...(body !== '' && { body: readBody(body, headers['content-type'] ?? '') as NonNullable<RecordedExchange['request']['body']> }),
    };
  }
}

function toResponse(status: number, headers: Readonly<Record<string, string>>, text: string): RecordedExchange['response'] {
  const type = headers['content-type'] ?? '';
  const kept = Object.entries(headers).filter(
    ([name]) => KEPT_OF_ANSWERS.test(name) && !(name === 'content-type' && type.includes('json')),
  );
  return {
    status,
    ...(kept.length > 0 && { headers: Object.fromEntries(kept) }),
    ...(text !== '' && {
      body: (type.includes('json') ? readBody(text, type) : text) as NonNullable<RecordedExchange['response']['body']>,
    }),
  };
}
