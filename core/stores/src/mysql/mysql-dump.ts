import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TendrilError } from '@tendril/plugin-api';
import { MIGRATIONS } from '../migrations/all.ts';
import type { StoreName } from '../migrations/migration.ts';
import type { SqlRow, SqlValue } from '../work/step.ts';
import type { MysqlDatabase } from './mysql-database.ts';

const ROWS_AT_ONCE = 200;

/** Tables of the log, without that of the migrations. */
export const LOG_TABLES = ['log_heads', 'log_names', 'events', 'dedupe_0', 'dedupe_1', 'dedupe_turn'] as const;

/** Tables of the state, without that of the migrations. */
export const STATE_TABLES = [
  'state_tenants',
  'state_tables',
  'state_indexes',
  'state_rebuilds',
  'records',
  'index_entries',
  'counters',
  'jobs',
  'job_fence',
  'job_gates',
  'parked_jobs',
  'job_counts',
  'outbox',
] as const;

const FORMAT = 'tendril-dump-1';

/** Writes all rows of a store as lines of JSON, bytes in base64, payloads as sealed as they are. One snapshot of all tables. */
export async function dumpTables(database: MysqlDatabase, store: StoreName, tables: readonly string[], path: string): Promise<void> {
  await database.snapshot(async (rowsOf) => {
    await pipeline(Readable.from(linesOf(store, tables, rowsOf)), createWriteStream(path, { mode: 0o600 }));
  });
}

async function* linesOf(
  store: StoreName,
  tables: readonly string[],
  rowsOf: (table: string) => AsyncIterable<SqlRow>,
): AsyncGenerator<string> {
  yield `${JSON.stringify({ format: FORMAT, store, migrations: MIGRATIONS.map(({ id }) => id) })}\n`;
  for (const table of tables) {
    for await (const row of rowsOf(table)) yield `${JSON.stringify([table, toJson(row)])}\n`;
  }
  // A dump that was cut off lacks this line.
  yield `${JSON.stringify({ end: true })}\n`;
}

/**
 * Reads a dump back into tables that are migrated and empty but for their first rows.
 *
 * @throws TendrilError STORE_NEWER when the dump is of another schema, INPUT_INVALID when it is no dump or was cut off
 */
export async function restoreTables(database: MysqlDatabase, store: StoreName, tables: readonly string[], path: string): Promise<void> {
  await database.transaction(async (connection) => {
    for (const table of tables) await connection.query(`DELETE FROM ${table}`);
    // Made here and not earlier: it begins to read at once and would lose what nobody listens to yet.
    const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
    let isStarted = false;
    let isEnded = false;
    let batch: { readonly table: string; readonly rows: SqlRow[] } | undefined;
    const flush = async (): Promise<void> => {
      const columns = Object.keys(batch?.rows[0] ?? {});
      if (batch === undefined || columns.length === 0) return;
      const marks = batch.rows.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ');
      const values = batch.rows.flatMap((row) => columns.map((column) => row[column] ?? null));
      await connection.query(`INSERT INTO ${batch.table} (${columns.join(', ')}) VALUES ${marks}`, values);
      batch = undefined;
    };
    for await (const line of lines) {
      const parsed = parseLine(line, path);
      if (!isStarted) {
        checkHead(parsed, store, path);
        isStarted = true;
      } else if (Array.isArray(parsed)) {
        const [table, row] = parsed as [string, Record<string, unknown>];
        if (!tables.includes(table)) throw new TendrilError('INPUT_INVALID', { file: path, table });
        if (batch !== undefined && (batch.table !== table || batch.rows.length === ROWS_AT_ONCE)) await flush();
        batch ??= { table, rows: [] };
        batch.rows.push(fromJson(row));
      } else isEnded = true;
    }
    await flush();
    if (!isEnded) throw new TendrilError('INPUT_INVALID', { file: path, reason: 'the dump was cut off' });
  });
}

function parseLine(line: string, path: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new TendrilError('INPUT_INVALID', { file: path, reason: 'the dump was cut off' }, { cause: error });
  }
}

function checkHead(head: unknown, store: StoreName, path: string): void {
  if (
    typeof head !== 'object' ||
    head === null ||
    !('format' in head) ||
    head.format !== FORMAT ||
    !('store' in head) ||
    head.store !== store
  ) {
    throw new TendrilError('INPUT_INVALID', { file: path, reason: `not a dump of the ${store}` });
  }
  const known = JSON.stringify(MIGRATIONS.map(({ id }) => id));
  if (!('migrations' in head) || JSON.stringify(head.migrations) !== known) throw new TendrilError('STORE_NEWER', { file: path });
}

function toJson(row: SqlRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
    ]),
  );
}

function fromJson(row: Record<string, unknown>): SqlRow {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, fromJsonValue(value)]));
}

function fromJsonValue(value: unknown): SqlValue {
  if (typeof value === 'object' && value !== null && 'base64' in value) return Buffer.from(String(value.base64), 'base64');
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}
