import type { DuckDBValue } from '@duckdb/node-api';
import type { AnalyticsFilter, AnalyticsScope, EventSelection, Scalar } from '@tendril/plugin-api';
import type { Snapshot } from './columnar-file.ts';
import { WORDS } from './layout.ts';
import type { PropertyType } from './layout.ts';

/** A column that a question reads, with the type of its values. */
export interface ReadColumn {
  readonly sql: string;
  readonly type: PropertyType;
}

/** What somebody did: not what Tendril reports, and not what an application says of who somebody is. */
export const DONE_BY_PEOPLE = 'is_done';

/** One question on its way to SQL: what its words mean in this file, and the values that go beside the text. */
export class Query {
  readonly #snapshot: Snapshot;
  readonly values: DuckDBValue[] = [];

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** Runs a text made with this query. */
  rows(sql: string): ReturnType<Snapshot['rows']> {
    return this.#snapshot.rows(sql, this.values);
  }

  /** Runs a text without values. */
  bare(sql: string): ReturnType<Snapshot['rows']> {
    return this.#snapshot.rows(sql);
  }

  /** The events as a table, `who` being the person they count for: merged people are one. */
  async source(): Promise<string> {
    if (!(await this.hasLinks())) return '(SELECT *, person AS who FROM events)';
    return '(SELECT events.*, coalesce(links.root, events.person) AS who FROM events LEFT JOIN links ON links.person = events.person)';
  }

  /** Whether anybody was merged with anybody. */
  async hasLinks(): Promise<boolean> {
    const [row] = await this.#snapshot.rows('SELECT count(*) FROM links');
    return Number(row?.[0] ?? 0) > 0;
  }

  /** Columns of a property: numbers, then texts, then booleans; none for one that was never seen. */
  columns(property: string): readonly ReadColumn[] {
    const word = WORDS.get(property);
    if (word !== undefined) return [{ sql: word, type: 'text' }];
    return this.#snapshot.dictionary.columnsOf(property).map(({ id, type }) => ({ sql: `p${id}`, type }));
  }

  /** The column with a property's numbers. */
  numbers(property: string): string {
    return this.columns(property).find(({ type }) => type === 'number')?.sql ?? 'NULL::DOUBLE';
  }

  scope({ from, to, includesTest }: Pick<AnalyticsScope, 'from' | 'to' | 'includesTest'>): string {
    return [
      ...(from === undefined ? [] : [`occurred_at >= ${from}`]),
      ...(to === undefined ? [] : [`occurred_at < ${to}`]),
      ...(includesTest === true ? [] : ['NOT is_test']),
      'TRUE',
    ].join(' AND ');
  }

  selection({ names, where = [] }: EventSelection): string {
    return [names === undefined ? DONE_BY_PEOPLE : this.#named(names), ...where.map((filter) => this.filter(filter))].join(' AND ');
  }

  filter(filter: AnalyticsFilter): string {
    const columns = this.columns(filter.property);
    const some = (of: (column: ReadColumn) => string | undefined): string => {
      const conditions = columns.flatMap((column) => of(column) ?? []);
      return conditions.length === 0 ? 'FALSE' : `coalesce(${conditions.join(' OR ')}, FALSE)`;
    };
    const equals = (value: Scalar): string =>
      some(({ sql, type }) => (fits(type, value) ? `coalesce(${sql} = ${this.#literal(value)}, FALSE)` : undefined));
    switch (filter.is) {
      case 'equals':
        return equals(filter.value);
      case 'not_equals':
        return `NOT ${equals(filter.value)}`;
      case 'in':
        return `(${filter.value.map(equals).join(' OR ') || 'FALSE'})`;
      case 'greater':
      case 'less':
        return some(({ sql, type }) =>
          type === 'number' ? `${sql} ${filter.is === 'greater' ? '>' : '<'} ${this.#literal(filter.value)}` : undefined,
        );
      case 'contains':
        return some(({ sql, type }) => (type === 'text' ? `contains(${sql}, ${this.#literal(filter.value)})` : undefined));
      case 'exists':
        return `${filter.value === false ? 'NOT ' : ''}(${columns.map(({ sql }) => `${sql} IS NOT NULL`).join(' OR ') || 'FALSE'})`;
    }
  }

  #named(names: readonly string[]): string {
    const ids = names.flatMap((name) => this.#snapshot.dictionary.nameId(name) ?? []);
    return ids.length === 0 ? 'FALSE' : `name IN (${ids.join(', ')})`;
  }

  #literal(value: Scalar): string {
    if (typeof value === 'string') return `$${this.values.push(value)}`;
    return typeof value === 'boolean' ? String(value) : `${value}::DOUBLE`;
  }
}

/** The value of a property out of its columns, of which one at most is not empty. */
export function scalarOf(row: readonly DuckDBValue[], start: number, count: number): Scalar | null {
  for (const value of row.slice(start, start + count)) if (value !== null) return value as Scalar;
  return null;
}

/** Columns of a group in SQL, and their order: numbers by size, then texts, then booleans, then none. */
export function groupSql(
  columns: readonly ReadColumn[],
  prefix = 'g',
): { readonly select: string; readonly names: readonly string[]; readonly order: string } {
  const shown = columns.length === 0 ? [{ sql: 'NULL::VARCHAR', type: 'text' as const }] : columns;
  const names = shown.map((_, i) => `${prefix}${i}`);
  return {
    select: shown.map(({ sql }, i) => `${sql} AS ${prefix}${i}`).join(', '),
    names,
    order: names.map((name) => `${name} NULLS LAST`).join(', '),
  };
}

function fits(type: PropertyType, value: Scalar): boolean {
  const own = { string: 'text', number: 'number', boolean: 'boolean' } as const;
  return own[typeof value as keyof typeof own] === type;
}
