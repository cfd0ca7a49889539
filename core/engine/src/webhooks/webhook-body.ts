import { isUtf8 } from 'node:buffer';
import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';

/** The largest body that is taken, in bytes. */
export const MOST_BODY_BYTES = 256 * 1024;
/** Deeper nesting is refused: recursive readers further in must not run out of stack. */
const MOST_DEPTH = 32;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads a body by its content type: JSON, a form as an object (a name that comes twice gives a list), anything else as text.
 *
 * @throws TendrilError REQUEST_TOO_LARGE, REQUEST_MALFORMED
 */
export function readWebhookBody(rawBody: Uint8Array, contentType: string | undefined): Json {
  if (rawBody.length > MOST_BODY_BYTES) throw new TendrilError('REQUEST_TOO_LARGE', { limitBytes: MOST_BODY_BYTES });
  if (!isUtf8(rawBody)) throw malformed('UTF-8');
  const text = Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength).toString('utf8');
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^application\/([\w.-]+\+)?json$/.test(type)) return readJson(text);
  if (type === 'application/x-www-form-urlencoded') return readPairs(new URLSearchParams(text));
  return text;
}

/** Names and values as an object; a name that comes twice gives a list. */
export function readPairs(pairs: URLSearchParams): JsonObject {
  // Never copied: a form of 256 KB may name one field a hundred thousand times.
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  // As own members, whatever the name.
  return Object.fromEntries([...values].map(([name, all]): [string, Json] => [name, all.length === 1 ? (all[0] ?? '') : all]));
}

function readJson(text: string): Json {
  // Some senders announce JSON and send nothing.
  if (text === '') return null;
  let value: Json;
  try {
    value = JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text) as Json;
  } catch (cause) {
    throw malformed('JSON', cause);
  }
  const hazard = findHazard(value, MOST_DEPTH);
  if (hazard !== undefined) throw malformed(hazard);
  return value;
}

function findHazard(value: Json | undefined, depth: number): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'numbers that a double can hold';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return `at most ${String(MOST_DEPTH)} levels of nesting`;
  for (const name of Object.keys(value)) {
    if (name === '__proto__') return 'no key that names a prototype';
    const hazard = findHazard((value as JsonObject)[name], depth - 1);
    if (hazard !== undefined) return hazard;
  }
  return undefined;
}

function malformed(expected: string, cause?: unknown): TendrilError {
  return new TendrilError('REQUEST_MALFORMED', { field: 'body', expected }, { cause });
}
