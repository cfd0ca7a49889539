import { MIGRATIONS } from '../migrations/all.ts';
import { MYSQL } from '../migrations/dialect.ts';
import { applyMigration, pendingMigrations } from '../migrations/migrate.ts';
import type { Migration, StoreName } from '../migrations/migration.ts';
import type { Work } from '../work/step.ts';
import type { Connection, MysqlDatabase } from './mysql-database.ts';
import { isMadeAlready } from './mysql-error.ts';

const LOCK_SECONDS = 60;

/**
 * Brings the tables of a store up to date, one process at a time.
 *
 * @throws TendrilError STORE_NEWER when they were made by a newer version
 */
export async function migrateMysql(
  database: MysqlDatabase,
  store: StoreName,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.query('SELECT GET_LOCK(?, ?)', [`tendril_${store}`, LOCK_SECONDS]);
    try {
      const pending = await connection.run(pendingMigrations(MYSQL, store, migrations));
      for (const migration of pending) await runRepeatably(connection, applyMigration(MYSQL, store, migration, Date.now()));
      // Before the next process may look.
      await connection.query('COMMIT');
    } finally {
      await connection.query('SELECT RELEASE_LOCK(?)', [`tendril_${store}`]);
    }
  });
}

// The server commits each CREATE by itself: what a process that died left behind is there already.
async function runRepeatably(connection: Connection, work: Work<void>): Promise<void> {
  let state = work.next([]);
  while (state.done !== true) {
    const { sql, values } = state.value;
    const rows = await connection.query(sql, values).catch((error: unknown) => {
      if (isMadeAlready(error)) return [];
      throw error;
    });
    state = work.next(rows);
  }
}
