import type { Call, Row } from '@tendril/plugin-api';
import type { ComparedRow, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { traitsInForce } from '../in-force.ts';
import { blockingKeysOf } from './blocking.ts';
import { prepareRecord } from './prepare.ts';
import type { PreparedRecord } from './prepare.ts';
import { fieldsOf } from './settings.ts';
import type { DuplicateSettings } from './settings.ts';

const MOST_PAIRS = 100;
/** Less than this agrees with too many to say anything. */
const FEWEST_VALUES = 2;

interface Known {
  readonly row: Row<ComparedRow> | undefined;
  record: PreparedRecord | undefined;
  readonly pairs: Set<string>;
  isChanged: boolean;
}

/** People as they were last compared, with their pairs: what a batch reads and changes of it. */
export class ComparedPeople {
  readonly #call: Call<Settings>;
  readonly #settings: DuplicateSettings;
  readonly #known = new Map<string, Known>();

  constructor(settings: DuplicateSettings, call: Call<Settings>) {
    this.#settings = settings;
    this.#call = call;
  }

  /** Reads those that are not at hand yet. */
  async load(ids: Iterable<string>): Promise<void> {
    const wanted = [...new Set(ids)].filter((id) => !this.#known.has(id));
    if (wanted.length === 0) return;
    const rows = await this.#call.table<ComparedRow>('compared').getMany(wanted);
    for (const [place, id] of wanted.entries()) {
      const row = rows[place];
      this.#known.set(id, { row, record: this.#recordIn(row), pairs: new Set(row?.value.pairs), isChanged: false });
    }
  }

  /** A person as it was or is to be compared; nothing when it never was with these fields. */
  recordOf(id: string): PreparedRecord | undefined {
    return this.#known.get(id)?.record;
  }

  /** Blocking keys of a person as it stands here. */
  keysOf(id: string): readonly string[] {
    const record = this.recordOf(id);
    return record === undefined ? [] : blockingKeysOf(record, this.#settings.fields);
  }

  /** Blocking keys under which a person is stored, perhaps by other fields than those of now. */
  storedKeysOf(id: string): readonly string[] {
    const row = this.#knownOf(id).row?.value;
    return row === undefined ? [] : blockingKeysOf({ id, values: row.values }, fieldsOf(row.signature));
  }

  pairsOf(id: string): readonly string[] {
    return [...(this.#known.get(id)?.pairs ?? [])];
  }

  /** Takes a person's values as they are now. @returns whether they are other ones than before */
  take(person: PeopleRow): boolean {
    const known = this.#knownOf(person.id);
    const values = Object.fromEntries([...traitsInForce(person.parts)].map(([name, { value }]) => [name, value]));
    const record = prepareRecord({ id: person.id, values }, this.#settings.fields);
    const isComparable = record.values.filter((value) => value !== '').length >= FEWEST_VALUES;
    if (isComparable ? isSame(known.record, record) : known.record === undefined) return false;
    known.record = isComparable ? record : undefined;
    known.isChanged = true;
    return true;
  }

  /** Forgets somebody who is nobody by itself any more. */
  forget(id: string): void {
    const known = this.#knownOf(id);
    if (known.row === undefined && known.record === undefined) return;
    known.record = undefined;
    known.pairs.clear();
    known.isChanged = true;
  }

  addPair(id: string, pair: string): void {
    const known = this.#knownOf(id);
    if (known.pairs.has(pair) || known.pairs.size >= MOST_PAIRS) return;
    known.pairs.add(pair);
    known.isChanged = true;
  }

  removePair(id: string, pair: string): void {
    const known = this.#knownOf(id);
    if (known.pairs.delete(pair)) known.isChanged = true;
  }

  /** Puts what changed into the changeset. */
  write(): void {
    for (const [person, { row, record, pairs, isChanged }] of this.#known) {
      if (!isChanged) continue;
      const expect = row?.version ?? 'absent';
      if (record === undefined) {
        if (expect !== 'absent') this.#call.changes.delete('compared', person, expect);
        continue;
      }
      const value: ComparedRow = { person, signature: this.#settings.signature, values: [...record.values], pairs: [...pairs] };
      this.#call.changes.put('compared', value, expect);
    }
  }

  #knownOf(id: string): Known {
    const known = this.#known.get(id);
    if (known === undefined) throw new TypeError('people are loaded before they are asked for');
    return known;
  }

  #recordIn(row: Row<ComparedRow> | undefined): PreparedRecord | undefined {
    return row?.value.signature === this.#settings.signature ? { id: row.key, values: row.value.values } : undefined;
  }
}

function isSame(before: PreparedRecord | undefined, now: PreparedRecord): boolean {
  return before !== undefined && before.values.every((value, place) => value === now.values[place]);
}
