import type { StateSql } from '../work/state-sql.ts';
import type { MysqlDatabase } from './mysql-database.ts';
import { RowBuffer } from './row-buffer.ts';
import { UniqueOwners } from './unique-owners.ts';

/** Runs the state's work as one transaction, in memory between its first reads and its last writes. */
export function buffered<Result>(database: MysqlDatabase, sql: StateSql, run: (buffer: RowBuffer) => Promise<Result>): Promise<Result> {
  return database.batched(async (send) => {
    const buffer = new RowBuffer(send, sql);
    const result = await run(buffer);
    return { result, last: { ...buffer.end(), isFine: (rows) => UniqueOwners.areUnique(rows) } };
  });
}
