import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { EvaluationError } from './evaluation-error.ts';
import { kindInWords, kindOf } from './kinds.ts';

/** A value that may be a key of a map, in the one form in which maps keep it; `undefined` for what cannot be a key. */
export function keyOf(value: unknown): string | boolean | bigint | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value;
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : undefined;
    default:
      return value instanceof UnsignedInt ? value.value : undefined;
  }
}

/** What a map holds under a key, `undefined` when nothing. Inherited properties of objects are not fields. */
export function memberOf(map: object, key: string | boolean | bigint | undefined): unknown {
  if (map instanceof Map) return (map as ReadonlyMap<unknown, unknown>).get(key);
  return typeof key === 'string' && Object.hasOwn(map, key) ? (map as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** The keys of a map, in its order. */
export function keysOf(map: object): readonly unknown[] {
  return map instanceof Map ? [...(map as ReadonlyMap<unknown, unknown>).keys()] : Object.keys(map);
}

/** A field of a map; `undefined` when there is none, or the value has no fields at all. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && kindOf(value) === 'map' ? memberOf(value, field) : undefined;
}

/** `value[index]`. @throws EvaluationError */
export function elementAt(value: unknown, index: unknown): unknown {
  if (Array.isArray(value)) return elementOfList(value, index);
  if (value !== null && kindOf(value) !== 'map') throw new EvaluationError('type', `A ${kindInWords(value)} cannot be read by \`[ ]\`.`);
  const found = value === null ? undefined : memberOf(value as object, keyOf(index));
  if (found === undefined) throw new EvaluationError('missing', 'There is no field of this name here.');
  return found;
}

function elementOfList(list: readonly unknown[], index: unknown): unknown {
  const position = keyOf(index);
  if (typeof position !== 'bigint') throw new EvaluationError('type', 'The index of a list has to be a whole number.');
  const element = list[Number(position)];
  if (element === undefined) throw new EvaluationError('missing', 'The list has no such element.');
  return element;
}

/** Adds an entry to a map that is being made. @throws EvaluationError for a key that is there or cannot be one */
export function addEntry(map: Map<unknown, unknown>, key: string | boolean | bigint | undefined, value: unknown, written: unknown): void {
  if (key === undefined) throw new EvaluationError('type', `A ${kindInWords(written)} cannot be a key of a map.`);
  if (map.has(key)) throw new EvaluationError('value', 'A key is in the map twice.');
  map.set(key, value);
}
