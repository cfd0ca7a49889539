import type { RecordedExchange } from '@tendril/schemas';
import { describeDifference, differencesOf } from '../json-difference.ts';
import type { ReceivedRequest } from './stand-in.ts';

type RecordedRequest = RecordedExchange['request'];

/** A request as it can be compared: its parts as JSON. */
export interface ComparableRequest {
  readonly method: string;
  /** Without the query. */
  readonly url: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/**
 * In what a request differs from the recorded one, in sentences; empty when it is the same. Headers count where the
 * recording has them.
 */
export function requestDifferences(recorded: RecordedRequest, received: ReceivedRequest): readonly string[] {
  const { ignore = [] } = recorded;
  const expected = comparable({ method: recorded.method, url: recorded.url, ...('body' in recorded && { body: recorded.body }) });
  const actual = comparableRequest(received);
  const headers = Object.entries(recorded.headers ?? {}).filter(([name, value]) => received.headers[name] !== value);
  return [
    ...differencesOf(expected, actual, ignore).map(describeDifference),
    ...headers.map(([name, value]) => {
      const there = received.headers[name];
      return there === undefined
        ? `the header ${name} is missing and has to be ${JSON.stringify(value)}`
        : `the header ${name} is ${JSON.stringify(there)} and has to be ${JSON.stringify(value)}`;
    }),
  ];
}

/** What came, with its body read by its type. */
export function comparableRequest({ method, url, headers, body }: ReceivedRequest): ComparableRequest {
  return comparable({ method, url, ...(body !== '' && { body: readBody(body, headers['content-type'] ?? '') }) });
}

/** A body as recordings hold it: JSON and forms as values, anything else as text. */
export function readBody(text: string, type: string): unknown {
  if (type.includes('application/x-www-form-urlencoded')) return fieldsOf(new URLSearchParams(text));
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `POST https://api.example/contacts`, for people: the query may hold what is nobody's business. */
export function nameOfRequest({ method, url }: { readonly method: string; readonly url: string }): string {
  return `${method} ${url.split('?')[0] ?? url}`;
}

function comparable({
  method,
  url,
  ...rest
}: {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}): ComparableRequest {
  const parsed = new URL(url);
  return { method, url: `${parsed.origin}${parsed.pathname}`, query: fieldsOf(parsed.searchParams), ...rest };
}

/** A name that comes several times is a list. */
function fieldsOf(parameters: URLSearchParams): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    fields[name] = values.length === 1 ? values[0] : values;
  }
  return fields;
}
