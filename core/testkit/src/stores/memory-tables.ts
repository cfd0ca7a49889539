import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { TableSpec } from '@tendril/engine/ports';
import type { Sealed } from './memory-log.ts';
import { entriesOf, isComplete } from './memory-order.ts';
import type { Cell } from './memory-order.ts';

const KEY_BYTES = 200;

/** A row with its index entries, by name of the index. */
export interface MemoryRow {
  readonly key: string;
  readonly version: number;
  readonly sealed: Sealed;
  readonly entries: ReadonlyMap<string, readonly (readonly Cell[])[]>;
}

/** The rows of one table of one tenant, and who owns each entry of its unique indexes. */
export class MemoryTable {
  spec: TableSpec;
  readonly rows = new Map<string, MemoryRow>();
  readonly #owners = new Map<string, string>();

  constructor(spec: TableSpec) {
    this.spec = spec;
  }

  /** @throws TendrilError INPUT_INVALID when the value has no usable key */
  keyOf(value: JsonObject): string {
    const key = value[this.spec.key];
    if (typeof key !== 'string' || key === '' || Buffer.byteLength(key) > KEY_BYTES) {
      throw new TendrilError('INPUT_INVALID', { table: this.spec.name, field: this.spec.key });
    }
    return key;
  }

  entriesOf(value: JsonObject): MemoryRow['entries'] {
    return new Map(Object.entries(this.spec.indexes).map(([name, index]) => [name, entriesOf(this.spec, index, value)]));
  }

  isTaken(row: MemoryRow): boolean {
    return this.#uniqueEntries(row).some((entry) => (this.#owners.get(entry) ?? row.key) !== row.key);
  }

  /** @returns what undoes it */
  replace(key: string, row: MemoryRow | undefined): () => void {
    const before = this.rows.get(key);
    this.#write(key, row);
    return () => this.#write(key, before);
  }

  redefine(spec: TableSpec, valueOf: (row: MemoryRow) => JsonObject): void {
    this.spec = spec;
    this.#owners.clear();
    for (const row of [...this.rows.values()]) this.#write(row.key, { ...row, entries: this.entriesOf(valueOf(row)) });
  }

  #write(key: string, row: MemoryRow | undefined): void {
    const before = this.rows.get(key);
    if (before !== undefined) for (const entry of this.#uniqueEntries(before)) this.#owners.delete(entry);
    if (row === undefined) {
      this.rows.delete(key);
      return;
    }
    this.rows.set(key, row);
    for (const entry of this.#uniqueEntries(row)) this.#owners.set(entry, key);
  }

  #uniqueEntries(row: MemoryRow): readonly string[] {
    return [...row.entries].flatMap(([name, entries]) =>
      this.spec.indexes[name]?.unique === true ? entries.filter(isComplete).map((entry) => JSON.stringify([name, entry])) : [],
    );
  }
}

/** Tables by tenant and name. */
export class MemoryTables {
  readonly #specs = new Map<string, TableSpec>();
  readonly #tables = new Map<string, MemoryTable>();

  define(spec: TableSpec): void {
    this.#specs.set(spec.name, spec);
    for (const [id, table] of this.#tables) {
      if (id.endsWith(`\0${spec.name}`)) table.redefine(spec, (row) => JSON.parse(row.sealed.payload) as JsonObject);
    }
  }

  of(tenantId: string, name: string): MemoryTable {
    const id = `${tenantId}\0${name}`;
    const existing = this.#tables.get(id);
    if (existing !== undefined) return existing;
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new TendrilError('INTERNAL', { table: name, reason: 'not defined' });
    const table = new MemoryTable(spec);
    this.#tables.set(id, table);
    return table;
  }
}
