import type { Json, JsonObject } from '@tendril/plugin-api';

/**
 * A copy of what is known to be JSON, since it was parsed or checked; for what is not, see `plainJson`. On small values several times
 * as fast as `structuredClone`, which goes through bytes.
 */
export function copyJson(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.map(copyJson) : copyObject(value);
}

/** `copyJson` of an object. Members that are `undefined` are left out, as JSON does. */
export function copyObject(value: JsonObject): JsonObject {
  const copy: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    // Assigned, it would be the copy's prototype in place of a member of it.
    if (name === '__proto__')
      Object.defineProperty(copy, name, { value: copyJson(member), enumerable: true, configurable: true, writable: true });
    else copy[name] = copyJson(member);
  }
  return copy;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
