import type { DuckDBConnection } from '@duckdb/node-api';
import type { Scalar } from '@tendril/plugin-api';
import { MOST_COLUMNS, PROPERTY_TYPES } from './layout.ts';
import type { PropertyType } from './layout.ts';

/** A column that holds values of a property. */
export interface PropertyColumn {
  readonly id: number;
  readonly property: string;
  readonly type: PropertyType;
}

/** A dictionary as of one moment of the file. */
export type DictionaryView = Pick<Dictionary, 'nameId' | 'names' | 'columnsOf' | 'carriedBy'>;

/** What a file's numbers for names and properties mean; made anew when a batch that added some was not committed. */
export class Dictionary {
  readonly #names = new Map<string, number>();
  readonly #columns = new Map<string, PropertyColumn>();
  /** Replaced, never changed: a question that is being answered keeps the one that it began with. */
  #ofProperty: ReadonlyMap<string, readonly PropertyColumn[]> = new Map();
  readonly #carried = new Set<string>();
  /** What is to be written with the batch. */
  #statements: string[] = [];
  #values: string[][] = [];

  static async read(connection: DuckDBConnection): Promise<Dictionary> {
    const made = new Dictionary();
    const names = await connection.runAndReadAll('SELECT id, name FROM names');
    for (const [id, name] of names.getRows()) made.#names.set(String(name), Number(id));
    const columns = await connection.runAndReadAll('SELECT id, property, type FROM properties ORDER BY id');
    for (const [id, property, type] of columns.getRows())
      made.#columns.set(`${String(type)} ${String(property)}`, {
        id: Number(id),
        property: String(property),
        type: String(type) as PropertyType,
      });
    made.settle();
    const carried = await connection.runAndReadAll('SELECT name, property FROM carried');
    for (const [name, property] of carried.getRows()) made.#carried.add(`${Number(name)} ${Number(property)}`);
    return made;
  }

  /** The number of a name, if it was ever seen. */
  nameId(name: string): number | undefined {
    return this.#names.get(name);
  }

  /** Names by their numbers. */
  names(): ReadonlyMap<number, string> {
    return new Map([...this.#names].map(([name, id]) => [id, name]));
  }

  /** As it stands: columns that come later are not in it. */
  view(): DictionaryView {
    const ofProperty = this.#ofProperty;
    return {
      nameId: (name) => this.nameId(name),
      names: () => this.names(),
      columnsOf: (property) => ofProperty.get(property) ?? [],
      carriedBy: () => this.carriedBy(),
    };
  }

  /** What was added is in the file now. */
  settle(): void {
    const columns = [...this.#columns.values()];
    const known = [...this.#ofProperty.values()].reduce((sum, { length }) => sum + length, 0);
    if (known === columns.length) return;
    const order = Object.keys(PROPERTY_TYPES);
    const next = new Map<string, PropertyColumn[]>();
    for (const column of columns.toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type)))
      next.set(column.property, [...(next.get(column.property) ?? []), column]);
    this.#ofProperty = next;
  }

  /** The columns of a property, one for each type: numbers, then texts, then booleans. */
  columnsOf(property: string): readonly PropertyColumn[] {
    return this.#ofProperty.get(property) ?? [];
  }

  /** Properties that each name was seen with. */
  carriedBy(): ReadonlyMap<number, readonly PropertyColumn[]> {
    const columns = new Map([...this.#columns.values()].map((column) => [column.id, column]));
    const carried = new Map<number, PropertyColumn[]>();
    for (const pair of this.#carried) {
      const [name, id] = pair.split(' ').map(Number);
      const column = columns.get(id ?? -1);
      if (name === undefined || column === undefined) continue;
      const known = carried.get(name);
      if (known === undefined) carried.set(name, [column]);
      else known.push(column);
    }
    return carried;
  }

  /** The number of a name, a new one if need be. */
  addName(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const id = this.#names.size + 1;
    this.#names.set(name, id);
    this.#write(`INSERT INTO names VALUES (${id}, $1)`, name);
    return id;
  }

  /** The column for a value of a property, a new one if need be; `undefined` when there are too many. */
  addColumn(property: string, value: Scalar): PropertyColumn | undefined {
    const type = typeOf(value);
    const known = this.#columns.get(`${type} ${property}`);
    if (known !== undefined) return known;
    if (this.#columns.size >= MOST_COLUMNS) return undefined;
    const column = { id: this.#columns.size + 1, property, type };
    this.#columns.set(`${type} ${property}`, column);
    this.#write(`ALTER TABLE events ADD COLUMN p${column.id} ${PROPERTY_TYPES[type]}`);
    this.#write(`INSERT INTO properties VALUES (${column.id}, $1, '${type}')`, property);
    return column;
  }

  addCarried(name: number, column: PropertyColumn): void {
    const pair = `${name} ${column.id}`;
    if (this.#carried.has(pair)) return;
    this.#carried.add(pair);
    this.#write(`INSERT INTO carried VALUES (${name}, ${column.id})`);
  }

  /** Writes what was added, in the transaction of the batch. */
  async write(connection: DuckDBConnection): Promise<void> {
    const [statements, values] = [this.#statements, this.#values];
    [this.#statements, this.#values] = [[], []];
    for (const [i, statement] of statements.entries()) await connection.run(statement, values[i] ?? []);
  }

  #write(statement: string, ...values: string[]): void {
    this.#statements.push(statement);
    this.#values.push(values);
  }
}

function typeOf(value: Scalar): PropertyType {
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'text';
}
