import type { Json, JsonObject } from '@tendril/plugin-api';

/** Where and how a value lacks what was expected of it. */
export interface Lack {
  /** JSON pointer into the value. */
  readonly pointer: string;
  readonly expected: Json;
  readonly actual: Json | undefined;
}

/** What a value lacks: of objects each expected member, of lists each element at its place and their number. Empty when it has all. */
export function lacks(actual: Json | undefined, expected: Json, pointer = ''): readonly Lack[] {
  if (isObject(expected)) {
    if (!isObject(actual)) return [{ pointer, expected, actual }];
    return Object.entries(expected).flatMap(([name, value]) => lacks(actual[name], value ?? null, `${pointer}/${name}`));
  }
  if (Array.isArray(expected)) {
    const list = expected as readonly Json[];
    if (!Array.isArray(actual) || actual.length !== list.length) return [{ pointer, expected, actual }];
    return list.flatMap((value, index) => lacks((actual as readonly Json[])[index], value, `${pointer}/${String(index)}`));
  }
  return actual === expected ? [] : [{ pointer, expected, actual }];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
