import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import type { Json } from '@tendril/plugin-api';
import { BoundExceeded, LIMITS } from './bounds.ts';
import type { Budget } from './bounds.ts';
import { Duration } from './duration-value.ts';
import { TypeValue } from './kinds.ts';

const MAX_ELEMENTS = 100_000;

/** What is left for a value. A text that a list holds many times is one in memory, but not where it is written. */
interface Room {
  elements: number;
  characters: number;
}

/**
 * Makes JSON of a value of CEL: safe integers become numbers and others texts, moments ISO 8601, durations `90s`, bytes
 * base64.
 *
 * @param budget of the evaluation that it is a part of
 * @throws BoundExceeded when it is too deep, too large or no number of JSON
 */
export function toJson(value: unknown, budget?: Budget): Json {
  const room = { elements: MAX_ELEMENTS, characters: LIMITS.valueLength };
  const json = convert(value, 0, room);
  budget?.spend(MAX_ELEMENTS - room.elements);
  return json;
}

function convert(value: unknown, depth: number, room: Room): Json {
  room.elements -= 1;
  if (depth > LIMITS.valueDepth || room.elements < 0) throw tooLarge();
  switch (typeof value) {
    case 'string':
      return taken(value, room);
    case 'boolean':
      return value;
    case 'bigint':
      return toNumber(value);
    case 'number':
      if (!Number.isFinite(value)) throw new BoundExceeded('a number in it is infinite or not a number');
      return value;
    default:
      return typeof value === 'object' && value !== null ? convertObject(value, depth, room) : null;
  }
}

function taken(text: string, room: Room): string {
  room.characters -= text.length;
  if (room.characters < 0) throw tooLarge();
  return text;
}

function tooLarge(): BoundExceeded {
  return new BoundExceeded('its value is too large');
}

function toNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function convertObject(value: object, depth: number, room: Room): Json {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Duration) return value.toString();
  if (value instanceof TypeValue) return value.name;
  if (value instanceof UnsignedInt) return toNumber(value.value);
  if (value instanceof Uint8Array) return taken(Buffer.from(value).toString('base64'), room);
  if (Array.isArray(value) || value instanceof Set) return [...(value as Iterable<unknown>)].map((item) => convert(item, depth + 1, room));
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [taken(String(key), room), convert(item, depth + 1, room)]));
}

/** The value as it reads inside a text: nothing for null, JSON for lists and objects. */
export function toText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
