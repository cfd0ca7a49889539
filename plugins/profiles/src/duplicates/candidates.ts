import { thoroughKeysOf } from './blocking.ts';
import type { Field } from './fields.ts';
import type { InPieces } from './in-pieces.ts';
import type { PreparedRecord } from './prepare.ts';

const RECORDS_AT_ONCE = 200;

/** People by their blocking keys. */
export interface CandidateIndex {
  /** Places of the others who share a key with the person at this place and stand behind it, so that each pair comes once. */
  behind(place: number): readonly number[];
  /** How many keys were shared by so many that they say nothing. */
  readonly skippedBlocks: number;
}

/** Numbers of people one block after another; block `b` is from `starts[b]` to below `starts[b + 1]`. */
interface Blocks {
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
  /** Numbers of blocks, one person after another, and where each person begins. */
  readonly blockOfEntry: Uint32Array;
  readonly entryStarts: Uint32Array;
}

/**
 * Finds who is to be compared with whom. A key that more than `maxBlock` people share is left out, so that a person is compared with
 * at most `maxBlock` others per key: time and memory grow with people times keys, never with their square.
 */
export function* indexCandidates(records: readonly PreparedRecord[], fields: readonly Field[], maxBlock: number): InPieces<CandidateIndex> {
  const { starts, members, blockOfEntry, entryStarts } = yield* gatherBlocks(records, fields);
  const sizeOf = (block: number): number => (starts[block + 1] ?? 0) - (starts[block] ?? 0);
  let skippedBlocks = 0;
  for (let block = 0; block < starts.length - 1; block += 1) if (sizeOf(block) > maxBlock) skippedBlocks += 1;
  const seen = new Int32Array(records.length).fill(-1);
  return {
    skippedBlocks,
    behind(place) {
      const found: number[] = [];
      for (const block of blockOfEntry.subarray(entryStarts[place], entryStarts[place + 1])) {
        if (sizeOf(block) > maxBlock) continue;
        for (const other of members.subarray(starts[block], starts[block + 1])) {
          if (other <= place || seen[other] === place) continue;
          seen[other] = place;
          found.push(other);
        }
      }
      return found;
    },
  };
}

function* gatherBlocks(records: readonly PreparedRecord[], fields: readonly Field[]): InPieces<Blocks> {
  const numbers = new Map<string, number>();
  const sizes: number[] = [];
  const entries: number[] = [];
  const entryStarts = new Uint32Array(records.length + 1);
  for (const [place, record] of records.entries()) {
    for (const key of thoroughKeysOf(record, fields)) {
      const block = numbers.get(key) ?? numbers.size;
      if (block === numbers.size) numbers.set(key, block);
      sizes[block] = (sizes[block] ?? 0) + 1;
      entries.push(block);
    }
    entryStarts[place + 1] = entries.length;
    if (place % RECORDS_AT_ONCE === RECORDS_AT_ONCE - 1) yield;
  }
  const starts = new Uint32Array(sizes.length + 1);
  for (const [block, size] of sizes.entries()) starts[block + 1] = (starts[block] ?? 0) + size;
  const blockOfEntry = Uint32Array.from(entries);
  return { starts, members: fillMembers(starts, blockOfEntry, entryStarts), blockOfEntry, entryStarts };
}

function fillMembers(starts: Uint32Array, blockOfEntry: Uint32Array, entryStarts: Uint32Array): Uint32Array {
  const members = new Uint32Array(blockOfEntry.length);
  const next = starts.slice();
  for (let place = 0; place < entryStarts.length - 1; place += 1) {
    for (const block of blockOfEntry.subarray(entryStarts[place], entryStarts[place + 1])) {
      const at = next[block] ?? 0;
      members[at] = place;
      next[block] = at + 1;
    }
  }
  return members;
}
