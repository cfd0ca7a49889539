import { posix } from 'node:path';
import type { JsonObject } from '@tendril/plugin-api';

const PUBLISHED = ['import', 'default'] as const;

/**
 * Path of the entry module that a package names, seen from its folder; `index.js` when it names none.
 *
 * @param conditions of `exports`, the first that is there counts
 */
export function entryModule({ exports, main }: JsonObject, conditions: readonly string[] = PUBLISHED): string {
  const root = isObject(exports) && '.' in exports ? exports['.'] : exports;
  const named =
    typeof root === 'string'
      ? root
      : isObject(root)
        ? conditions.map((condition) => root[condition]).find((path) => typeof path === 'string')
        : undefined;
  return posix.normalize(typeof named === 'string' ? named : typeof main === 'string' ? main : 'index.js');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
