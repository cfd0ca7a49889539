import { DEEPEST, plainJson } from './plain-json.ts';
import type { PlainLimits } from './plain-json.ts';
import type { Problem } from '../hub.ts';

/** A value with the JSON text that says just that, or why there is none. */
export type RowText = { readonly value: unknown; readonly json: string; readonly sizeBytes: number } | { readonly problem: Problem };

/**
 * The text of a value that a plugin gave. Nearly all values are what JSON can say and go into their text as they are: a copy of
 * each of their members would be the largest part of what a batch holds in memory until it is committed. Others are copied
 * first, which leaves out what JSON leaves out, and tells what is wrong.
 *
 * @returns `value` to be checked against a schema: the one that was given, or its copy
 */
export function rowText(given: unknown, limits: PlainLimits): RowText {
  if (isWhatItsTextSays(given, { left: limits.mostValues }, 0)) {
    const json = JSON.stringify(given);
    if (json.length <= limits.mostBytes) return { value: given, json, sizeBytes: json.length };
  }
  const copy = plainJson(given, limits);
  return 'problem' in copy ? copy : { value: copy.value, json: JSON.stringify(copy.value), sizeBytes: copy.sizeBytes };
}

function isWhatItsTextSays(value: unknown, values: { left: number }, depth: number): boolean {
  values.left -= 1;
  if (values.left < 0) return false;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value === null || (depth < DEEPEST && isPlainInside(value, values, depth + 1));
    default:
      return false;
  }
}

function isPlainInside(value: object, values: { left: number }, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype || 'toJSON' in value) return false;
    // Not `every`, which leaves out places that were never filled.
    for (let index = 0; index < value.length; index += 1) if (!isWhatItsTextSays(value[index], values, depth)) return false;
    return true;
  }
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const name of Object.keys(value)) {
    if (name === '__proto__' || !isWhatItsTextSays((value as Readonly<Record<string, unknown>>)[name], values, depth)) return false;
  }
  return true;
}
