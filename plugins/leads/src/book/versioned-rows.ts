import type { Call } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';

interface Entry<Value> {
  readonly expect: number | 'absent';
  value: Value | undefined;
  isChanged: boolean;
}

/** Rows of one table that a piece of work touches: read in batches, changed in memory, written once, only if nobody else did. */
export class VersionedRows<Value extends object> {
  readonly #table: string;
  readonly #keyOf: (value: Value) => string;
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(table: string, keyOf: (value: Value) => string) {
    this.#table = table;
    this.#keyOf = keyOf;
  }

  /** Reads those that are not read yet. */
  async load(keys: Iterable<string>, call: Call<Settings>): Promise<void> {
    const wanted = [...new Set(keys)].filter((key) => !this.#entries.has(key));
    if (wanted.length === 0) return;
    const rows = await call.table<Value>(this.#table).getMany(wanted);
    for (const [index, key] of wanted.entries()) {
      const row = rows[index];
      this.#entries.set(key, { expect: row?.version ?? 'absent', value: row?.value, isChanged: false });
    }
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  set(value: Value): void {
    const key = this.#keyOf(value);
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { expect: 'absent', value, isChanged: true });
    else {
      entry.value = value;
      entry.isChanged = true;
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.value = undefined;
    entry.isChanged = true;
  }

  /** Puts what changed into the changeset. */
  write(call: Call<Settings>): void {
    for (const [key, { value, expect, isChanged }] of this.#entries) {
      if (!isChanged) continue;
      if (value !== undefined) call.changes.put(this.#table, value, expect);
      else if (expect !== 'absent') call.changes.delete(this.#table, key, expect);
    }
  }
}
