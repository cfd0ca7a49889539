import { isUtf8 } from 'node:buffer';
import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';

/** Deeper nesting is refused: recursive readers further in must not run out of stack. */
const MAX_DEPTH = 32;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Reads JSON strictly.
 *
 * @throws TendrilError REQUEST_MALFORMED when the bytes are not UTF-8 or not JSON
 */
export function parseJson(bytes: Buffer): Json {
  if (!isUtf8(bytes)) throw new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: 'UTF-8' });
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text) as Json;
  } catch (cause) {
    throw new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: 'JSON' }, { cause });
  }
}

/**
 * Finds what JSON can say but nothing further in should have to face.
 *
 * @returns what was expected instead, as a constant text; `undefined` when all is well
 */
export function findHazard(value: Json | undefined, depth: number = MAX_DEPTH): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'numbers that a double can hold';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return `at most ${String(MAX_DEPTH)} levels of nesting`;
  return isArray(value) ? findInArray(value, depth) : findInObject(value, depth);
}

function findInArray(items: readonly Json[], depth: number): string | undefined {
  for (const item of items) {
    const hazard = findHazard(item, depth - 1);
    if (hazard !== undefined) return hazard;
  }
  return undefined;
}

function findInObject(value: JsonObject, depth: number): string | undefined {
  for (const name in value) {
    if (name === '__proto__' || (name === 'constructor' && hasPrototype(value[name]))) return 'no key that names a prototype';
    const hazard = findHazard(value[name], depth - 1);
    if (hazard !== undefined) return hazard;
  }
  return undefined;
}

function hasPrototype(value: Json | undefined): boolean {
  return isObject(value) && Object.hasOwn(value, 'prototype');
}

/** Tells an object from arrays and plain values. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `Array.isArray` that keeps the element type of read-only arrays. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
