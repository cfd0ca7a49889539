import type { IndexEntry } from './table-definition.ts';

const HEAD_BYTES = 6;

/** Packs a row's entries into the bytes that are stored beside it, so that they can be taken away without opening the payload. */
export function packEntries(entries: readonly IndexEntry[]): Buffer {
  const packed = Buffer.allocUnsafe(entries.reduce((sum, { entry }) => sum + HEAD_BYTES + entry.length, 0));
  let at = 0;
  for (const { indexNo, entry } of entries) {
    packed.writeUInt32BE(indexNo, at);
    packed.writeUInt16BE(entry.length, at + 4);
    packed.set(entry, at + HEAD_BYTES);
    at += HEAD_BYTES + entry.length;
  }
  return packed;
}

/** What `packEntries` packed. */
export function unpackEntries(bytes: Uint8Array): readonly IndexEntry[] {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: IndexEntry[] = [];
  for (let at = 0; at < packed.length;) {
    const length = packed.readUInt16BE(at + 4);
    entries.push({ indexNo: packed.readUInt32BE(at), entry: packed.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length) });
    at += HEAD_BYTES + length;
  }
  return entries;
}

/** The entries of `left` that are not in `right`. */
export function missingFrom(left: readonly IndexEntry[], right: readonly IndexEntry[]): readonly IndexEntry[] {
  return left.filter((entry) => !right.some((other) => other.indexNo === entry.indexNo && Buffer.compare(other.entry, entry.entry) === 0));
}
