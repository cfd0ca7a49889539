import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { TableSpec } from '@tendril/engine/ports';
import { ABOVE_ALL, encodeValue, TAG } from './entry-encoding.ts';
import type { HashText } from './entry-encoding.ts';
import type { IndexDefinition, TableDefinition } from './table-definition.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** A part of an index or of the keys: from `low` (inclusive) to `high` (exclusive). */
export interface Range {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
}

/** What `query` and `aggregate` have in common. */
export interface Bounds {
  readonly equals?: JsonObject;
  readonly from?: Json;
  readonly to?: Json;
}

/** @throws TendrilError INPUT_INVALID when the table has no such index */
export function findIndex(definition: TableDefinition, name: string): IndexDefinition {
  const index = definition.indexes.find((candidate) => candidate.name === name);
  if (index === undefined) throw invalidQuery(definition.spec, 'index');
  return index;
}

/** @throws TendrilError INPUT_INVALID unless an integer from 1 to 1,000; 100 when missing */
export function limitOf(spec: TableSpec, limit: number | undefined): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw invalidQuery(spec, 'limit');
  return limit;
}

/**
 * The range of an index that a question is about. A missing bound is the end of the other bound's type: null is not
 * below a date.
 *
 * @throws TendrilError INPUT_INVALID when `equals` is no prefix of the fields, or a personal field is asked for more than equality
 */
export function rangeOf(spec: TableSpec, fields: readonly string[], bounds: Bounds, hashText: HashText): Range {
  const prefix = prefixOf(spec, fields, bounds.equals ?? {}, hashText);
  if (bounds.from === undefined && bounds.to === undefined) return { low: prefix, high: Buffer.concat([prefix, ABOVE_ALL]) };
  const field = fields[Object.keys(bounds.equals ?? {}).length];
  if (field === undefined || spec.personal.includes(field)) throw invalidQuery(spec, bounds.from === undefined ? 'to' : 'from');
  const from = bounds.from === undefined ? undefined : encodeValue(bounds.from, false, hashText);
  const to = bounds.to === undefined ? undefined : encodeValue(bounds.to, false, hashText);
  return {
    low: Buffer.concat([prefix, from ?? Buffer.of(firstTag(to))]),
    high: Buffer.concat([prefix, to ?? Buffer.of(lastTag(from) + 1)]),
  };
}

/** The range of the keys that a question without an index is about. */
export function keyRangeOf(spec: TableSpec, bounds: Bounds, hashText: HashText): Range {
  const isPersonal = spec.personal.includes(spec.key);
  const equals = Object.entries(bounds.equals ?? {});
  const [name, key] = equals[0] ?? [];
  if (name !== undefined) {
    if (equals.length > 1 || name !== spec.key || typeof key !== 'string') throw invalidQuery(spec, 'equals');
    const low = isPersonal ? hashText(key) : Buffer.from(key);
    return { low, high: Buffer.concat([low, Buffer.of(0)]) };
  }
  const isRanged = bounds.from !== undefined || bounds.to !== undefined;
  if (isRanged && isPersonal) throw invalidQuery(spec, bounds.from === undefined ? 'to' : 'from');
  const { from = '', to } = bounds;
  if (typeof from !== 'string') throw invalidQuery(spec, 'from');
  if (to !== undefined && typeof to !== 'string') throw invalidQuery(spec, 'to');
  // No key is empty and none, UTF-8 or hash cut to 16 bytes, sorts above 17 times 255.
  return { low: Buffer.from(from), high: to === undefined ? Buffer.alloc(17, 255) : Buffer.from(to) };
}

function prefixOf(spec: TableSpec, fields: readonly string[], equals: JsonObject, hashText: HashText): Buffer {
  const count = Object.keys(equals).length;
  const prefix = fields.slice(0, count);
  if (count > fields.length || prefix.some((field) => !Object.hasOwn(equals, field))) throw invalidQuery(spec, 'equals');
  return Buffer.concat(prefix.map((field) => encodeValue(equals[field], spec.personal.includes(field), hashText)));
}

// False and true are one type with two tags.
function firstTag(bound: Buffer | undefined): number {
  const tag = bound?.[0] ?? TAG.null;
  return tag === TAG.true ? TAG.false : tag;
}

function lastTag(bound: Buffer | undefined): number {
  const tag = bound?.[0] ?? TAG.hash;
  return tag === TAG.false ? TAG.true : tag;
}

/** The place of a row in an answer, so that the next page goes on behind it. */
export interface Place {
  readonly entry: Uint8Array;
  readonly key: Uint8Array;
}

/** Two lengths' worth of bytes as base64url. */
export function toCursor(place: Place): string {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(place.entry.length);
  return Buffer.concat([head, place.entry, place.key]).toString('base64url');
}

/** @throws TendrilError INPUT_INVALID when it is no cursor */
export function fromCursor(spec: TableSpec, cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const entryEnd = bytes.length < 2 ? Infinity : 2 + bytes.readUInt16BE(0);
  if (entryEnd >= bytes.length) throw invalidQuery(spec, 'cursor');
  return { entry: bytes.subarray(2, entryEnd), key: bytes.subarray(entryEnd) };
}

/** The refusal of a question, with the member of it that is wrong. */
export function invalidQuery(spec: TableSpec, field: string): TendrilError {
  return new TendrilError('INPUT_INVALID', { table: spec.name, field });
}
