import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { IndexSpec, TableSpec } from '@tendril/engine/ports';
import { encodeValue, TAG } from './entry-encoding.ts';
import type { HashText } from './entry-encoding.ts';

const KEY_BYTES = 200;
const MOST_INDEX_FIELDS = 8;
const MOST_ENTRIES_OF_ROW = 1_000;

/** An index as the store knows it. The number changes with the definition, so that old entries are never mistaken. */
export interface IndexDefinition {
  readonly indexNo: number;
  readonly name: string;
  readonly fields: readonly string[];
  readonly isUnique: boolean;
}

/** A table as the store knows it; plain data, so that it can cross to a worker. */
export interface TableDefinition {
  readonly tableNo: number;
  readonly spec: TableSpec;
  readonly indexes: readonly IndexDefinition[];
}

/** One index entry of a row. */
export interface IndexEntry {
  readonly indexNo: number;
  readonly entry: Uint8Array;
}

/**
 * Refuses what no store can keep.
 *
 * @throws TendrilError CONFIG_INVALID when an index has no field or more than 8
 */
export function checkTable(spec: TableSpec): void {
  for (const [index, { fields }] of Object.entries(spec.indexes)) {
    if (fields.length < 1 || fields.length > MOST_INDEX_FIELDS)
      throw new TendrilError('CONFIG_INVALID', { table: spec.name, index, fields: fields.length });
  }
}

/** What an index's entries depend on, as text: another text means that they have to be made anew. */
export function fingerprintOf(spec: TableSpec, index: IndexSpec): string {
  return JSON.stringify({ fields: index.fields.map((field) => [field, spec.personal.includes(field)]), unique: index.unique ?? false });
}

/** What the rows' keys depend on. */
export function keyFingerprintOf(spec: TableSpec): string {
  return JSON.stringify([spec.key, spec.personal.includes(spec.key)]);
}

/** The key as it is stored: its UTF-8 bytes, or its hash when it is personal. */
export function encodeKey(spec: TableSpec, key: string, hashText: HashText): Uint8Array {
  return spec.personal.includes(spec.key) ? hashText(key) : Buffer.from(key);
}

/** @throws TendrilError INPUT_INVALID when the key field is not a string of 1 to 200 bytes */
export function keyOf(spec: TableSpec, value: JsonObject): string {
  const key = value[spec.key];
  if (typeof key !== 'string' || key === '' || Buffer.byteLength(key) > KEY_BYTES) {
    throw new TendrilError('INPUT_INVALID', { table: spec.name, field: spec.key, expected: 'a string of 1 to 200 bytes' });
  }
  return key;
}

/**
 * All entries of a row. An array field gives one for each of its different elements, an empty one counts as null.
 *
 * @throws TendrilError INPUT_INVALID when array fields make more than 1,000 entries of one index
 */
export function entriesOf(definition: TableDefinition, value: JsonObject, hashText: HashText): readonly IndexEntry[] {
  const { spec, indexes } = definition;
  // Indexes share fields: each is encoded once.
  const encodedByField = new Map<string, readonly Buffer[]>();
  const all: IndexEntry[] = [];
  for (const { indexNo, name, fields } of indexes) {
    let entries: readonly Buffer[] = NOTHING;
    for (const field of fields) {
      let encoded = encodedByField.get(field);
      if (encoded === undefined) encodedByField.set(field, (encoded = encodeField(value[field], spec.personal.includes(field), hashText)));
      entries = combine(entries, encoded);
      if (entries.length > MOST_ENTRIES_OF_ROW)
        throw new TendrilError('INPUT_INVALID', { table: spec.name, index: name, entries: entries.length });
    }
    for (const entry of entries) all.push({ indexNo, entry });
  }
  return all;
}

const NOTHING: readonly Buffer[] = [Buffer.alloc(0)];

/** The different elements of a field, encoded. */
function encodeField(value: Json | undefined, isPersonal: boolean, hashText: HashText): readonly Buffer[] {
  if (!Array.isArray(value)) return [encodeValue(value, isPersonal, hashText)];
  const encoded = elementsOf(value).map((element) => encodeValue(element, isPersonal, hashText));
  return encoded.length === 1 ? encoded : [...new Map(encoded.map((bytes) => [bytes.toString('latin1'), bytes])).values()];
}

function elementsOf(value: readonly Json[]): readonly (Json | undefined)[] {
  return value.length === 0 ? [null] : value;
}

function combine(entries: readonly Buffer[], encoded: readonly Buffer[]): readonly Buffer[] {
  if (entries === NOTHING) return encoded;
  const [only] = encoded;
  const [entry] = entries;
  if (entries.length === 1 && encoded.length === 1 && only !== undefined && entry !== undefined) return [join(entry, only)];
  return entries.flatMap((entry) => encoded.map((bytes) => join(entry, bytes)));
}

function join(left: Buffer, right: Buffer): Buffer {
  const joined = Buffer.allocUnsafe(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}

/** Whether no field of the entry is null, so that a unique index must hold it once. */
export function isComplete(
  index: IndexDefinition,
  entry: Uint8Array,
  decode: (entry: Uint8Array, start: number) => { readonly tag: number; readonly end: number },
): boolean {
  let start = 0;
  for (let i = 0; i < index.fields.length; i += 1) {
    const { tag, end } = decode(entry, start);
    if (tag === TAG.null) return false;
    start = end;
  }
  return true;
}
