import { hash } from 'node:crypto';

const MARK_BYTES = 7;
const HASH_BYTES = 6;
const FIRST_SLOTS = 1 << 12;

/** What is kept of an accepted row to count people and duplicates: who, as a hash, and whether they were known. */
export interface Mark {
  readonly key: string;
  readonly isKnown: boolean;
}

/** Seven bytes a row, in base64. */
export function packMarks(marks: readonly Mark[]): string {
  const bytes = Buffer.alloc(marks.length * MARK_BYTES);
  for (const [place, { key, isKnown }] of marks.entries()) {
    hash('sha256', key, 'buffer').copy(bytes, place * MARK_BYTES, 0, HASH_BYTES);
    bytes[place * MARK_BYTES + HASH_BYTES] = Number(isKnown);
  }
  return bytes.toString('base64');
}

/** People of marks that are added in the order of the rows. A million take 16 MB. */
export class PeopleCount {
  #slots = new Float64Array(FIRST_SLOTS);
  #used = 0;
  known = 0;
  rows = 0;

  /** Different people so far. */
  get people(): number {
    return this.#used;
  }

  add(packed: string): void {
    const bytes = Buffer.from(packed, 'base64');
    for (let at = 0; at + MARK_BYTES <= bytes.length; at += MARK_BYTES) {
      this.rows += 1;
      // Zero marks a free slot; one person in 2^48 shares it with another.
      if (!this.#insert(bytes.readUIntBE(at, HASH_BYTES) || 1)) continue;
      if (bytes[at + HASH_BYTES] === 1) this.known += 1;
    }
  }

  #insert(value: number): boolean {
    if (this.#used * 2 >= this.#slots.length) this.#grow();
    if (!place(this.#slots, value)) return false;
    this.#used += 1;
    return true;
  }

  #grow(): void {
    const larger = new Float64Array(this.#slots.length * 2);
    for (const value of this.#slots) if (value !== 0) place(larger, value);
    this.#slots = larger;
  }
}

/** Open addressing; false when the value is there already. */
function place(slots: Float64Array, value: number): boolean {
  let at = value % slots.length;
  for (;;) {
    const there = slots[at];
    if (there === value) return false;
    if (there === 0) break;
    at = (at + 1) % slots.length;
  }
  slots[at] = value;
  return true;
}
