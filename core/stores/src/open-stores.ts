import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { Stores } from '@tendril/engine/ports';
import type { Faults } from './fault-points.ts';
import { createMysqlStores } from './mysql/create-mysql-stores.ts';
import { createSqliteStores } from './sqlite/create-sqlite-stores.ts';

/** Where the stores are: at a server when there is a URL, in the folder otherwise. */
export interface StoresOptions {
  readonly folder: string;
  /** `mysql://user:password@host:port/database`. */
  readonly databaseUrl?: string | undefined;
  readonly clock?: Clock;
  /** For tests only: where to die. SQLite only. */
  readonly faults?: Faults;
}

/**
 * Opens the stores that the settings ask for. The driver that is not needed is not loaded.
 *
 * @throws TendrilError CONFIG_INVALID when the URL is of another protocol; STORE_UNAVAILABLE, STORE_NEWER
 */
export async function openStores({ folder, databaseUrl, clock, faults }: StoresOptions): Promise<Stores> {
  const timed = clock === undefined ? {} : { clock };
  if (databaseUrl === undefined || databaseUrl === '') {
    return await createSqliteStores({ folder, ...timed, ...(faults === undefined ? {} : { faults }) });
  }
  checkUrl(databaseUrl);
  return await createMysqlStores({ url: databaseUrl, ...timed });
}

function checkUrl(databaseUrl: string): void {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  const isMysql = url !== undefined && (url.protocol === 'mysql:' || url.protocol === 'mariadb:') && url.pathname.length > 1;
  // The URL holds a password: it is not told.
  if (!isMysql) throw new TendrilError('CONFIG_INVALID', { setting: 'DATABASE_URL', expected: 'mysql://user:password@host:port/database' });
}
