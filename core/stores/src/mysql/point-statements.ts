import type { StateSql } from '../work/state-sql.ts';
import type { SqlValue, Step } from '../work/step.ts';
import { cutBySize } from './batch.ts';

/** A table of which single rows are asked for by their key. */
export interface PointTable {
  readonly name: string;
  readonly key: readonly string[];
  /** All others. */
  readonly columns: readonly string[];
}

/** A statement that asks for one row by its key. */
export interface PointStatement {
  readonly table: PointTable;
  readonly columns: readonly string[];
  readonly isLocking: boolean;
  /** Statements that go together are in this order, so that all transactions take their locks in the same. */
  readonly turn: number;
}

const records: PointTable = {
  name: 'records',
  key: ['tenant_no', 'table_no', 'record_key'],
  columns: ['version', 'codec', 'key_id', 'payload', 'entries'],
};
const counters: PointTable = { name: 'counters', key: ['tenant_no', 'name'], columns: ['value', 'expires_at'] };
const gates: PointTable = { name: 'job_gates', key: ['tenant_no', 'gate'], columns: ['held', 'let_in', 'waiting', 'most', 'free_at'] };

/** Tables whose rows are read, changed in memory and written back. */
export interface PointTables {
  readonly records: PointTable;
  readonly counters: PointTable;
  readonly gates: PointTable;
  readonly jobs: PointTable;
}

/** The tables of the state that are read by their key. */
export function pointTables({ jobColumns }: StateSql): PointTables {
  return { records, counters, gates, jobs: { name: 'jobs', key: ['tenant_no', 'id'], columns: jobColumns } };
}

/** Which statements ask for one row, by their text. */
export function pointStatements(sql: StateSql, tables: PointTables): ReadonlyMap<string, PointStatement> {
  const reading = (table: PointTable, columns = table.columns) => ({ table, columns, isLocking: false });
  const locking = (table: PointTable, columns = table.columns) => ({ table, columns, isLocking: true });
  const statements = [
    [sql.findRecord, locking(records, ['version', 'entries'])],
    [sql.readRecord, reading(records, ['version', 'codec', 'key_id', 'payload'])],
    [sql.findCounter, locking(counters)],
    [sql.readCounter, reading(counters)],
    [sql.findGate, locking(gates)],
    [sql.readGate, reading(gates)],
    [sql.findJob, locking(tables.jobs)],
  ] as const;
  return new Map(statements.map(([text, statement], turn) => [text, { ...statement, turn }]));
}

/** Steps that one statement can answer: those that differ in the last part of the key only. */
export interface PointFetch {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  readonly statement: string;
  readonly prefix: readonly SqlValue[];
  readonly lasts: readonly SqlValue[];
}

/** One statement for each table and beginning of a key, in the order of the tables. */
export function fetchesOf(steps: readonly Step[], statements: ReadonlyMap<string, PointStatement>): readonly PointFetch[] {
  const groups = Map.groupBy(
    steps.filter((step) => statements.has(step.sql)),
    (step) => `${String(statements.get(step.sql)?.turn)}/${step.values.slice(0, -1).join('/')}`,
  );
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      const point = first === undefined ? undefined : statements.get(first.sql);
      if (first === undefined || point === undefined) return [];
      const lasts = [
        ...new Map([first, ...others].map(({ values }) => values.at(-1) ?? null).map((last) => [keyText([last]), last])).values(),
      ];
      return cutBySize(lasts, (last) => [last]).map((part) => fetchOf(first.sql, point, first.values.slice(0, -1), part));
    });
}

function fetchOf(statement: string, point: PointStatement, prefix: readonly SqlValue[], lasts: readonly SqlValue[]): PointFetch {
  const { table, columns, isLocking } = point;
  const last = table.key.at(-1) ?? '';
  const conditions = [...table.key.slice(0, -1).map((column) => `${column} = ?`), `${last} IN (${lasts.map(() => '?').join(', ')})`];
  // Without the hint a short table would be read, and locked, as a whole.
  const sql = `SELECT ${[last, ...columns].join(', ')} FROM ${table.name} FORCE INDEX (PRIMARY) WHERE ${conditions.join(' AND ')}`;
  return { sql: `${sql}${isLocking ? ' FOR UPDATE' : ''}`, values: [...prefix, ...lasts], statement, prefix, lasts };
}

/** A key as text, the same whether it was given as text or came back as bytes. */
export function keyText(values: readonly SqlValue[]): string {
  return values.map((value) => (typeof value === 'number' ? String(value) : bytesText(value))).join('\0');
}

function bytesText(value: string | Uint8Array | null): string {
  if (value === null) return '';
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return bytes.toString('latin1');
}
