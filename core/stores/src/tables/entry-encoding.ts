import { createHash } from 'node:crypto';
import type { Json } from '@tendril/plugin-api';

/** Hashes a personal value with the tenant's index key: 16 bytes. */
export type HashText = (text: string) => Uint8Array;

/** First byte of an encoded value: the order of the types. 0 and 255 are left for bounds. */
export const TAG = { null: 1, false: 2, true: 3, number: 4, string: 5, hash: 6 } as const;

/** Behind every possible entry with the same beginning. */
export const ABOVE_ALL = Buffer.of(255);

const HASH_BYTES = 16;
// Eight fields of this size and a key of 200 bytes stay below InnoDB's 3,072 bytes of an index.
const LONGEST_STRING_BYTES = 120;
const KEPT_STRING_BYTES = LONGEST_STRING_BYTES - HASH_BYTES;

/**
 * Encodes a value so that the order of bytes is the order of values: null, false, true, numbers, strings, hashes.
 *
 * A string longer than 120 bytes is cut, with a hash of the whole behind it: equality stays exact, order and groups
 * hold for the first 104 bytes. Objects and personal values can only be told equal or not.
 */
export function encodeValue(value: Json | undefined, isPersonal: boolean, hashText: HashText): Buffer {
  if (value === null || value === undefined) return Buffer.of(TAG.null);
  if (isPersonal) return encodeHash(hashText(personalText(value)));
  if (typeof value === 'boolean') return Buffer.of(value ? TAG.true : TAG.false);
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'string') return encodeString(value);
  return encodeHash(digestOf(JSON.stringify(value)));
}

/** The text that stands for a personal value in its hash; a number and its digits differ. */
function personalText(value: Json): string {
  return typeof value === 'string' ? value : `json:${JSON.stringify(value)}`;
}

function encodeHash(hash: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(TAG.hash), hash], 1 + HASH_BYTES);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, HASH_BYTES);
}

// IEEE 754 orders as bytes once the sign bit is flipped, and negative numbers are inverted whole.
function encodeNumber(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = TAG.number;
  bytes.writeDoubleBE(value === 0 ? 0 : value, 1);
  const first = bytes.readUInt8(1);
  if (first < 128) bytes[1] = first | 128;
  else for (let i = 1; i < 9; i += 1) bytes[i] = ~bytes.readUInt8(i) & 255;
  return bytes;
}

function encodeString(value: string): Buffer {
  return encodeShort(value) ?? encodeAny(value);
}

/** Most values are short and without a zero: one buffer, written in place. */
function encodeShort(value: string): Buffer | undefined {
  const length = Buffer.byteLength(value);
  if (length > LONGEST_STRING_BYTES || value.includes('\0')) return undefined;
  const bytes = Buffer.allocUnsafe(length + 2);
  bytes[0] = TAG.string;
  bytes.write(value, 1);
  bytes[length + 1] = 0;
  return bytes;
}

function encodeAny(value: string): Buffer {
  const whole = Buffer.from(value);
  const kept = whole.length <= LONGEST_STRING_BYTES ? whole : Buffer.concat([whole.subarray(0, KEPT_STRING_BYTES), digestOf(value)]);
  const hasZero = kept.includes(0);
  return Buffer.concat([Buffer.of(TAG.string), hasZero ? escapeZeros(kept) : kept, Buffer.of(0)]);
}

// A zero byte ends a string; one inside it is followed by 255, which no tag is.
function escapeZeros(bytes: Buffer): Buffer {
  return Buffer.from([...bytes].flatMap((byte) => (byte === 0 ? [0, 255] : [byte])));
}

/** A value read back from an entry, and where the next one begins. Hashes read as null. */
export interface Decoded {
  readonly tag: number;
  readonly value: Json;
  readonly end: number;
}

/** Decodes the value that begins at `start`. */
export function decodeValue(entry: Uint8Array, start: number): Decoded {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  const tag = bytes.readUInt8(start);
  switch (tag) {
    case TAG.number:
      return { tag, value: decodeNumber(bytes.subarray(start + 1, start + 9)), end: start + 9 };
    case TAG.string:
      return { tag, ...decodeString(bytes, start + 1) };
    case TAG.hash:
      return { tag, value: null, end: start + 1 + HASH_BYTES };
    default:
      return { tag, value: tag === TAG.null ? null : tag === TAG.true, end: start + 1 };
  }
}

function decodeNumber(encoded: Buffer): number {
  const bytes = Buffer.from(encoded);
  const first = bytes.readUInt8(0);
  if (first >= 128) bytes[0] = first & 127;
  else for (let i = 0; i < 8; i += 1) bytes[i] = ~bytes.readUInt8(i) & 255;
  return bytes.readDoubleBE(0);
}

function decodeString(bytes: Buffer, start: number): { readonly value: string; readonly end: number } {
  const parts: Buffer[] = [];
  let from = start;
  let zero = bytes.indexOf(0, from);
  while (bytes[zero + 1] === 255) {
    parts.push(bytes.subarray(from, zero + 1));
    from = zero + 2;
    zero = bytes.indexOf(0, from);
  }
  parts.push(bytes.subarray(from, zero));
  const whole = Buffer.concat(parts);
  const isCut = whole.length === LONGEST_STRING_BYTES && zero - start >= LONGEST_STRING_BYTES && !isText(whole);
  return { value: isCut ? `${whole.toString('utf8', 0, KEPT_STRING_BYTES)}…` : whole.toString(), end: zero + 1 };
}

function isText(bytes: Buffer): boolean {
  return Buffer.compare(Buffer.from(bytes.toString()), bytes) === 0;
}
