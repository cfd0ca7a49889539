import { TendrilError } from '@tendril/plugin-api';
import type { Call, Json } from '@tendril/plugin-api';
import { failureOf } from './service-failure.ts';

/** The only file that knows where the service is. The host has to be among `permissions.hosts` of the manifest. */
const BASE = 'https://api.example.com/v1';

/** A request to the service. */
export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base, with its query. */
  readonly path: string;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks the service and gives its JSON. The hub puts the connection's key in, sees to limits, and calls the action again when it
 * may: nothing is retried here.
 *
 * @throws TendrilError as `failureOf` says; UPSTREAM_UNAVAILABLE when the answer is not JSON
 */
export async function ask(call: Call, { method, path, body, headers }: ServiceRequest): Promise<unknown> {
  const response = await call.fetch(`${BASE}${path}`, {
    method,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: call.signal,
  });
  const failure = failureOf(response, call.clock.now());
  if (failure !== undefined) {
    await response.body?.cancel();
    throw failure;
  }
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // Without the text: it may quote what was sent.
    throw new TendrilError('UPSTREAM_UNAVAILABLE', { status: response.status, reason: 'the answer is not JSON' });
  }
}

/**
 * A member of an answer that has to be a text.
 *
 * @throws TendrilError UPSTREAM_UNAVAILABLE when it is none
 */
export function textOf(answer: unknown, name: string): string {
  const value = memberOf(answer, name);
  if (typeof value === 'string') return value;
  throw new TendrilError('UPSTREAM_UNAVAILABLE', { reason: 'the answer has another shape', field: name });
}

/** A member of an answer; `undefined` when it is not there. */
export function memberOf(answer: unknown, name: string): unknown {
  return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>)[name] : undefined;
}
