import { TendrilError } from '@tendril/plugin-api';
import { ask } from '../work/step.ts';
import { LOG_TABLES, restoreTables, STATE_TABLES } from './mysql-dump.ts';
import { MysqlDatabase } from './mysql-database.ts';
import { migrateMysql } from './mysql-migrate.ts';

/**
 * Brings dumps of log and state back into a database without data.
 *
 * @throws TendrilError ALREADY_EXISTS, INPUT_INVALID, STORE_NEWER, STORE_UNAVAILABLE
 */
export async function restoreMysqlStores(url: string, files: { readonly log: string; readonly state: string }): Promise<void> {
  const database = new MysqlDatabase(url);
  try {
    await migrateMysql(database, 'log');
    await migrateMysql(database, 'state');
    for (const table of ['log_heads', 'state_tenants']) {
      const rows = await database.read(ask(`SELECT 1 AS found FROM ${table} LIMIT 1`));
      if (rows.length > 0) throw new TendrilError('ALREADY_EXISTS', { table });
    }
    await restoreTables(database, 'log', LOG_TABLES, files.log);
    await restoreTables(database, 'state', STATE_TABLES, files.state);
  } finally {
    await database.close();
  }
}
