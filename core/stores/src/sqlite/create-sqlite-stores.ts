import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@tendril/plugin-api';
import type { Stores } from '@tendril/engine/ports';
import type { Faults } from '../fault-points.ts';
import { openSqliteLog } from './sqlite-log.ts';
import { openSqliteState } from './sqlite-state.ts';

const BUSY_TIMEOUT_MS = 5_000;

/** Names of the two files in the folder. */
export const SQLITE_FILES = { log: 'log.db', state: 'state.db' } as const;

/** Where and how the stores are opened. */
export interface SqliteOptions {
  /** Made when it is not there. */
  readonly folder: string;
  readonly clock?: Clock;
  /** How long to wait for another process's lock; 5,000 unless told. */
  readonly busyTimeoutMs?: number;
  /** For tests only: the most pages of 4 KiB that each file may have, which is a full disk when they are used up. */
  readonly maxPages?: { readonly log?: number; readonly state?: number };
  /** For tests only: where to die. */
  readonly faults?: Faults;
}

/**
 * Log and state as two SQLite files with a writer and a reader thread each; every acknowledged write is on disk
 * (WAL, synchronous FULL). One process at a time may have a folder open for writing.
 *
 * @throws TendrilError STORE_UNAVAILABLE when a file does not open, STORE_NEWER when it was written by a newer version
 */
export async function createSqliteStores(options: SqliteOptions): Promise<Stores> {
  const { folder, clock = { now: () => Date.now() }, busyTimeoutMs = BUSY_TIMEOUT_MS, maxPages, faults } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const settings = { busyTimeoutMs, faults };
  const [log, state] = await Promise.all([
    openSqliteLog({ ...settings, path: join(folder, SQLITE_FILES.log), maxPages: maxPages?.log }, clock),
    openSqliteState({ ...settings, path: join(folder, SQLITE_FILES.state), maxPages: maxPages?.state }, clock),
  ]);
  return { log, state };
}
