import type { Clock } from '@tendril/plugin-api';
import type { Stores } from '@tendril/engine/ports';

/** Where the stores are. */
export interface MysqlOptions {
  /** `mysql://user:password@host:port/database`; the database exists, its tables are made and migrated. */
  readonly url: string;
  /** The server's, which all processes share, unless told. */
  readonly clock?: Clock;
}

/**
 * Log and state on a server that speaks MySQL's protocol; any number of processes may share it.
 *
 * @throws TendrilError STORE_UNAVAILABLE when the server cannot be reached, STORE_NEWER when a newer version made the tables
 */
export async function createMysqlStores({ url, clock }: MysqlOptions): Promise<Stores> {
  // The driver is loaded by those only who have a server.
  const { openMysqlLog } = await import('./mysql-log.ts');
  const { openMysqlState } = await import('./mysql-state.ts');
  const log = await openMysqlLog(url, clock);
  const state = await openMysqlState(url, clock).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  return { log, state };
}
