import { blockingKeysOf } from './blocking.ts';
import type { Field } from './fields.ts';
import type { PreparedRecord } from './prepare.ts';

/** People by their blocking keys. */
export interface CandidateIndex {
  /** Places of the others who share a key with the person at this place and stand behind it, so that each pair comes once. */
  behind(place: number): readonly number[];
  /** How many keys were shared by so many that they say nothing. */
  readonly skippedBlocks: number;
}

/**
 * Finds who is to be compared with whom. A key that more than `maxBlock` people share is left out, so that a person is compared with
 * at most `maxBlock` others per key: time and memory grow with people times keys, never with their square.
 */
export function indexCandidates(records: readonly PreparedRecord[], fields: readonly Field[], maxBlock: number): CandidateIndex {
  const blocks = new Map<string, number[]>();
  const blocksByRecord: number[][][] = [];
  for (const [place, record] of records.entries()) {
    blocksByRecord.push(blockingKeysOf(record, fields).map((key) => blockOf(blocks, key, place)));
  }
  let skippedBlocks = 0;
  for (const block of blocks.values()) if (block.length > maxBlock) skippedBlocks += 1;
  const seen = new Int32Array(records.length).fill(-1);
  return {
    skippedBlocks,
    behind(place) {
      const found: number[] = [];
      for (const block of blocksByRecord[place] ?? []) {
        if (block.length > maxBlock) continue;
        for (const other of block) {
          if (other <= place || seen[other] === place) continue;
          seen[other] = place;
          found.push(other);
        }
      }
      return found;
    },
  };
}

function blockOf(blocks: Map<string, number[]>, key: string, place: number): number[] {
  const block = blocks.get(key);
  if (block !== undefined) {
    block.push(place);
    return block;
  }
  const created = [place];
  blocks.set(key, created);
  return created;
}
