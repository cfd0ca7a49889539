import { MYSQL } from '../migrations/dialect.ts';
import type { SqlRow, SqlValue } from '../work/step.ts';
import { deleteRows, insertRows } from './batch.ts';
import type { Statement } from './batch.ts';
import { keyText } from './point-statements.ts';
import type { PointTable } from './point-statements.ts';

/** What is known of one row. */
interface Known {
  readonly key: readonly SqlValue[];
  /** As it is now; `undefined` when it is not there. */
  readonly row: SqlRow | undefined;
  readonly isOnServer: boolean;
  readonly isDirty: boolean;
}

/** Rows of one table in memory: fetched, changed, and written back together. Every change gives the way back. */
export class BufferedRows {
  readonly #table: PointTable;
  readonly #known = new Map<string, Known>();
  readonly #undo: (() => void)[];

  /** @param undo takes in what undoes each change */
  constructor(table: PointTable, undo: (() => void)[]) {
    this.#table = table;
    this.#undo = undo;
  }

  /** The row; `absent` when it is known not to be there, `unknown` when it was not fetched. */
  find(key: readonly SqlValue[]): SqlRow | 'absent' | 'unknown' {
    const known = this.#known.get(keyText(key));
    return known === undefined ? 'unknown' : (known.row ?? 'absent');
  }

  /** Takes in what the server has. What is known already may have been changed, and stays. */
  fetched(key: readonly SqlValue[], row: SqlRow | undefined): void {
    const text = keyText(key);
    if (!this.#known.has(text)) this.#known.set(text, { key, row, isOnServer: row !== undefined, isDirty: false });
  }

  /** @param values in the order of the table's columns, all of them; `undefined` deletes */
  set(key: readonly SqlValue[], values: readonly SqlValue[] | undefined): void {
    const text = keyText(key);
    const before = this.#known.get(text);
    const row = values === undefined ? undefined : Object.fromEntries(this.#table.columns.map((column, i) => [column, values[i] ?? null]));
    this.#known.set(text, { key, row, isOnServer: before?.isOnServer ?? false, isDirty: true });
    this.#undo.push(() => (before === undefined ? this.#known.delete(text) : this.#known.set(text, before)));
  }

  /** What brings the server up to date. Rows that were not there are inserted plainly: it fails if somebody else was faster. */
  flush(): readonly Statement[] {
    const dirty = [...this.#known].filter(([, { isDirty }]) => isDirty).toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [text, known] of dirty) this.#known.set(text, { ...known, isOnServer: known.row !== undefined, isDirty: false });
    const rows = dirty.map(([, known]) => known);
    const { name, key, columns } = this.#table;
    const all = [...key, ...columns];
    const toValues = ({ key: values, row }: Known): readonly SqlValue[] => [...values, ...columns.map((column) => row?.[column] ?? null)];
    const added = rows.filter(({ row, isOnServer }) => row !== undefined && !isOnServer).map(toValues);
    const changed = rows.filter(({ row, isOnServer }) => row !== undefined && isOnServer).map(toValues);
    const removed = rows.filter(({ row, isOnServer }) => row === undefined && isOnServer).map((known) => known.key);
    return [
      ...insertRows(name, all, added),
      ...insertRows(name, all, changed, { suffix: MYSQL.upsert(key, columns) }),
      ...deleteRows(name, key, removed),
    ];
  }
}

/** A row that is all key, and whether it is to be there. */
export interface WantedKey {
  readonly key: readonly SqlValue[];
  readonly isThere: boolean;
}

/** Rows of a table that is all key: what is to be there and what is not. */
export class BufferedKeys {
  readonly #name: string;
  readonly #columns: readonly string[];
  readonly #placeLength: number;
  readonly #undo: (() => void)[];
  /** By the place, and in it by the whole key. */
  readonly #wanted = new Map<string, Map<string, WantedKey>>();

  /** @param placeLength how many columns make the place by which they are looked for */
  constructor(name: string, columns: readonly string[], placeLength: number, undo: (() => void)[]) {
    this.#name = name;
    this.#columns = columns;
    this.#placeLength = placeLength;
    this.#undo = undo;
  }

  set(key: readonly SqlValue[], isThere: boolean): void {
    const placeText = keyText(key.slice(0, this.#placeLength));
    const place = this.#wanted.get(placeText) ?? new Map<string, WantedKey>();
    this.#wanted.set(placeText, place);
    const text = keyText(key);
    const before = place.get(text);
    place.set(text, { key, isThere });
    this.#undo.push(() => (before === undefined ? place.delete(text) : place.set(text, before)));
  }

  /** Those of a place that are set and not written. */
  at(place: readonly SqlValue[]): readonly WantedKey[] {
    return [...(this.#wanted.get(keyText(place))?.values() ?? [])];
  }

  flush(): readonly Statement[] {
    const wanted = [...this.#wanted.values()]
      .flatMap((place) => [...place])
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, value]) => value);
    this.#wanted.clear();
    const keysOf = (isThere: boolean): readonly (readonly SqlValue[])[] =>
      wanted.filter((value) => value.isThere === isThere).map(({ key }) => key);
    return [
      ...deleteRows(this.#name, this.#columns, keysOf(false)),
      ...insertRows(this.#name, this.#columns, keysOf(true), { verb: MYSQL.insertIgnore }),
    ];
  }
}
