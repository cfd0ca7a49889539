import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { SQLITE } from '../migrations/dialect.ts';
import { MIGRATIONS } from '../migrations/all.ts';
import { applyMigration, pendingMigrations } from '../migrations/migrate.ts';
import type { StoreName } from '../migrations/migration.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { toWireError } from './store-error.ts';
import type { WorkerSettings, WorkerStart } from './worker-messages.ts';

/** Starts this thread: opens what it serves, then reports; what goes wrong is reported instead. */
export async function startWorker(serve: (settings: WorkerSettings) => void | Promise<void>): Promise<void> {
  // The main thread made it from the same type.
  const settings = workerData as WorkerSettings;
  try {
    await serve(settings);
    parentPort?.postMessage({ isOpen: true } satisfies WorkerStart);
    // The thread is cut off at its end, when it could keep nothing.
    flushCompileCache();
  } catch (error) {
    parentPort?.postMessage({ isOpen: false, error: toWireError(error) } satisfies WorkerStart);
  }
}

/** Opens a database for writing and brings its schema up to date; one with data in it is copied beside itself before. */
export async function openForWriting(store: StoreName, settings: WorkerSettings): Promise<SqliteDatabase> {
  const { path, busyTimeoutMs, maxPages } = settings;
  const database = new SqliteDatabase({ path, busyTimeoutMs, maxPages, isReader: false });
  const pending = database.run(pendingMigrations(SQLITE, store, MIGRATIONS));
  if (pending.length > 0 && pending.length < MIGRATIONS.length) await database.backup(`${path}.before-${pending[0]?.id ?? ''}`);
  for (const migration of pending) {
    database.prepare('BEGIN IMMEDIATE').run();
    database.run(applyMigration(SQLITE, store, migration, Date.now()));
    database.prepare('COMMIT').run();
  }
  return database;
}

/** Opens a database for reading. */
export function openForReading({ path, busyTimeoutMs }: WorkerSettings): SqliteDatabase {
  return new SqliteDatabase({ path, busyTimeoutMs, isReader: true });
}
