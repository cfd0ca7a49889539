import type { SqlRow, SqlValue, Step } from '../work/step.ts';
import { cutBySize } from './batch.ts';
import type { Statement } from './batch.ts';
import type { BufferedKeys } from './buffered-rows.ts';
import { keyText } from './point-statements.ts';

/** A question for the rows that have entries of a unique index. */
export interface OwnerFetch extends Statement {
  readonly prefix: readonly SqlValue[];
  readonly entries: readonly SqlValue[];
}

/** Which rows have the entries of unique indexes that a transaction asks for. */
export class UniqueOwners {
  readonly #written: BufferedKeys;
  readonly #asked = new Map<string, ReadonlyMap<string, SqlValue>>();

  /** Those on whose answer something was built. */
  readonly #relied = new Map<string, readonly SqlValue[]>();

  /** @param written entries that were added and taken away and are not on the server yet */
  constructor(written: BufferedKeys) {
    this.#written = written;
  }

  /** Whether a row but that of the key has the entry; `values` are those of `entryOwner`. */
  find(values: readonly SqlValue[]): readonly SqlRow[] | 'unknown' {
    const place = values.slice(0, 3);
    const asked = this.#asked.get(keyText(place));
    if (asked === undefined) return 'unknown';
    this.#relied.set(keyText(place), place);
    const keys = new Map(asked);
    for (const { key, isThere } of this.#written.at(place)) {
      const owner = key[3] ?? null;
      if (isThere) keys.set(keyText([owner]), owner);
      else keys.delete(keyText([owner]));
    }
    keys.delete(keyText(values.slice(3)));
    const [other] = keys.values();
    return other === undefined ? [] : [{ record_key: other }];
  }

  fetchesOf(steps: readonly Step[]): readonly OwnerFetch[] {
    const places = new Map(steps.map(({ values }) => [keyText(values.slice(0, 3)), values.slice(0, 3)]));
    return fetchesAt([...places.values()]);
  }

  fetched({ prefix, entries }: OwnerFetch, rows: readonly SqlRow[]): void {
    const owners = Map.groupBy(rows, (row) => keyText([row['entry'] ?? null]));
    for (const entry of entries) {
      const keys = (owners.get(keyText([entry])) ?? []).map((row) => row['record_key'] ?? null);
      this.#asked.set(keyText([...prefix, entry]), new Map(keys.map((key) => [keyText([key]), key])));
    }
  }

  /** Asks again for those that are about to be added: what another transaction may have written since they were asked for. */
  again(): readonly OwnerFetch[] {
    return fetchesAt([...this.#relied.values()].filter((place) => this.#written.at(place).some(({ isThere }) => isThere)));
  }

  /** Whether no entry has two rows. */
  static areUnique(rows: readonly SqlRow[]): boolean {
    return new Set(rows.map((row) => keyText([row['entry'] ?? null]))).size === rows.length;
  }
}

function fetchesAt(places: readonly (readonly SqlValue[])[]): readonly OwnerFetch[] {
  const groups = Map.groupBy(places, (place) => keyText(place.slice(0, 2)));
  return [...groups.values()].flatMap((group) =>
    cutBySize(group, (place) => place).map((part) => {
      const prefix = part[0]?.slice(0, 2) ?? [];
      const entries = part.map((place) => place[2] ?? null);
      const sql = `SELECT entry, record_key FROM index_entries FORCE INDEX (PRIMARY)
        WHERE tenant_no = ? AND index_no = ? AND entry IN (${entries.map(() => '?').join(', ')}) FOR UPDATE`;
      return { sql, values: [...prefix, ...entries], prefix, entries };
    }),
  );
}
