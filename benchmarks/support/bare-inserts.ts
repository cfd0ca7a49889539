import { join } from 'node:path';
import Database from 'better-sqlite3';
import { MIGRATIONS } from '../../core/stores/src/migrations/all.ts';
import { SQLITE } from '../../core/stores/src/migrations/dialect.ts';

/** What bare inserts came to. */
export interface BareFigures {
  readonly bareRowsPerSecond: number;
  readonly bareMsPerTransaction: number;
  readonly sealedBytes: number;
}

const MOST_ROWS = 200_000;
const EVENT =
  'INSERT INTO events (id, message_id, kind_no, name_no, app_no, occurred_at, received_at, person, codec, key_id, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';

/** Inserts the rows of another log, as they are, into the store's own tables, with nothing around SQLite. */
export function measureBareInserts({
  from,
  folder,
  rowsOfTransaction,
}: {
  readonly from: string;
  readonly folder: string;
  readonly rowsOfTransaction: number;
}): BareFigures {
  const { events, digests } = readRows(from);
  const database = new Database(join(folder, 'bare.db'));
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('wal_autocheckpoint = 2000');
    for (const migration of MIGRATIONS) for (const statement of migration.log(SQLITE)) database.exec(statement);
    database.exec("INSERT INTO log_heads (tenant_no, tenant_id, position) VALUES (1, 'bare', 0)");
    const insert = database.prepare(EVENT);
    const remember = database.prepare('INSERT INTO dedupe_0 (digest, position) VALUES (?, ?)');
    const moveHead = database.prepare('UPDATE log_heads SET position = ? WHERE tenant_no = 1');
    const write = database.transaction((first: number, end: number) => {
      for (let i = first; i < end; i += 1) {
        insert.run(events[i]);
        remember.run(digests[i]);
      }
      moveHead.run(end);
    });
    const startedAt = performance.now();
    for (let first = 0; first < events.length; first += rowsOfTransaction) write(first, Math.min(first + rowsOfTransaction, events.length));
    const tookMs = performance.now() - startedAt;
    const sealedBytes = events.reduce((sum, row) => sum + (row.at(-1) as Uint8Array).length, 0) / events.length;
    return {
      bareRowsPerSecond: (events.length / tookMs) * 1_000,
      bareMsPerTransaction: tookMs / Math.ceil(events.length / rowsOfTransaction),
      sealedBytes,
    };
  } finally {
    database.close();
  }
}

function readRows(path: string): { readonly events: readonly (readonly unknown[])[]; readonly digests: readonly (readonly unknown[])[] } {
  const database = new Database(path, { readonly: true });
  try {
    const events = database
      .prepare(
        `SELECT id, message_id, kind_no, name_no, app_no, occurred_at, received_at, person, codec, key_id, payload FROM events ORDER BY id LIMIT ${String(MOST_ROWS)}`,
      )
      .raw()
      .all() as unknown[][];
    const byPosition = database
      .prepare('SELECT digest, position FROM dedupe_0 UNION ALL SELECT digest, position FROM dedupe_1 ORDER BY position')
      .raw()
      .all() as unknown[][];
    return { events, digests: byPosition.slice(0, events.length) };
  } finally {
    database.close();
  }
}
