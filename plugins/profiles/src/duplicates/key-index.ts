import { hash } from 'node:crypto';
import type { Call, Expectation } from '@tendril/plugin-api';
import type { BlocksRow, Settings } from '../gen/manifest.gen.ts';

/** So many people may share a key; with one more it says nothing and nobody is looked up by it. */
const MAX_BLOCK = 50;
/** A person is compared with so many others at most, those with the rarest keys first. */
const MAX_CANDIDATES = 200;
const LONGEST_KEY_BYTES = 150;

interface Block {
  readonly people: Set<string>;
  readonly expect: Expectation;
  isFull: boolean;
  isChanged: boolean;
}

/**
 * Who shares which blocking key, for the people of one batch: a person costs one row for each key that it gains or loses, and meets at most
 * `MAX_BLOCK` others for each.
 */
export class KeyIndex {
  readonly #call: Call<Settings>;
  readonly #blocks: ReadonlyMap<string, Block>;

  private constructor(call: Call<Settings>, blocks: ReadonlyMap<string, Block>) {
    this.#call = call;
    this.#blocks = blocks;
  }

  /** Reads the rows of these keys, one question for all. */
  static async load(keys: Iterable<string>, call: Call<Settings>): Promise<KeyIndex> {
    const names = [...new Set([...keys].map(toRowKey))];
    const rows = await call.table<BlocksRow>('blocks').getMany(names);
    return new KeyIndex(
      call,
      new Map(
        names.map((name, place): [string, Block] => {
          const row = rows[place];
          const people = new Set(row?.value.people);
          return [name, { people, expect: row?.version ?? 'absent', isFull: row?.value.isFull === true, isChanged: false }];
        }),
      ),
    );
  }

  /** Notes that a person has other keys now. */
  move(person: string, before: readonly string[], now: readonly string[]): void {
    const kept = new Set(now);
    for (const key of before) if (!kept.has(key)) this.#remove(person, key);
    for (const key of now) this.#add(person, key);
  }

  /** Who is to be compared with a person of these keys. */
  candidatesOf(person: string, keys: readonly string[]): readonly string[] {
    const blocks = keys.flatMap((key) => this.#blocks.get(toRowKey(key)) ?? []).filter(({ isFull }) => !isFull);
    const found = new Set<string>();
    for (const { people } of blocks.toSorted((left, right) => left.people.size - right.people.size)) {
      for (const other of people) if (other !== person && found.size < MAX_CANDIDATES) found.add(other);
    }
    return [...found];
  }

  /** Puts what changed into the changeset. */
  write(): void {
    for (const [key, { people, expect, isFull, isChanged }] of this.#blocks) {
      if (!isChanged) continue;
      if (people.size === 0 && !isFull) {
        if (expect !== 'absent') this.#call.changes.delete('blocks', key, expect);
      } else this.#call.changes.put('blocks', { key, people: [...people], ...(isFull && { isFull }) } satisfies BlocksRow, expect);
    }
  }

  #add(person: string, key: string): void {
    const block = this.#blocks.get(toRowKey(key));
    if (block === undefined || block.isFull || block.people.has(person)) return;
    block.people.add(person);
    block.isChanged = true;
    if (block.people.size <= MAX_BLOCK) return;
    block.isFull = true;
    block.people.clear();
  }

  #remove(person: string, key: string): void {
    const block = this.#blocks.get(toRowKey(key));
    if (block?.people.delete(person) === true) block.isChanged = true;
  }
}

function toRowKey(key: string): string {
  return Buffer.byteLength(key) <= LONGEST_KEY_BYTES ? key : `#${hash('sha256', key, 'base64url')}`;
}
