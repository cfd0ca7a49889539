import { copyFile, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import type { Stores } from '@tendril/engine/ports';
import { SQLITE_FILES } from './sqlite/create-sqlite-stores.ts';

/** Names of a backup's two files. They are SQLite databases, or dumps of rows when the stores are at a server. */
export const BACKUP_FILES = { log: 'log.backup', state: 'state.backup' } as const;

const SQLITE_HEADER = 'SQLite format 3\0';

/** Where a backup is brought back to. */
export interface RestoreTarget {
  readonly folder: string;
  readonly databaseUrl?: string | undefined;
}

/**
 * Copies both stores into a folder while they are in use. The state first, then the log: so no cursor of the state
 * points behind the end of the log. What the state has not heard of yet its consumers read again, and what its outbox
 * holds that the log has already is dropped by its message id. Payloads stay sealed: keep the keys too, but elsewhere.
 *
 * @throws TendrilError ALREADY_EXISTS when the folder holds a backup; STORE_UNAVAILABLE, STORE_FULL
 */
export async function backupStores(stores: Stores, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const present = await readdir(folder);
  if (Object.values(BACKUP_FILES).some((file) => present.includes(file))) throw new TendrilError('ALREADY_EXISTS', { folder });
  await stores.state.backup(join(folder, BACKUP_FILES.state));
  await stores.log.backup(join(folder, BACKUP_FILES.log));
}

/**
 * Brings a backup back: into a folder that has no stores yet, or into a database without data. It must have been made
 * of stores of the same kind.
 *
 * @throws TendrilError ALREADY_EXISTS when there is data; INPUT_INVALID when the backup is damaged or of the other
 * kind; STORE_NEWER when a newer version made it
 */
export async function restoreStores(fromFolder: string, target: RestoreTarget): Promise<void> {
  const isSqlite = await isSqliteBackup(fromFolder);
  const isToServer = target.databaseUrl !== undefined && target.databaseUrl !== '';
  if (isSqlite === isToServer)
    throw new TendrilError('INPUT_INVALID', { folder: fromFolder, reason: 'the backup is of the other kind of store' });
  const log = join(fromFolder, BACKUP_FILES.log);
  const state = join(fromFolder, BACKUP_FILES.state);
  if (isToServer) {
    const { restoreMysqlStores } = await import('./mysql/restore-mysql.ts');
    await restoreMysqlStores(target.databaseUrl ?? '', { log, state });
    return;
  }
  await restoreFiles({ log, state }, target.folder);
}

async function restoreFiles(from: { readonly log: string; readonly state: string }, folder: string): Promise<void> {
  const { verifySqliteFile } = await import('./sqlite/verify-file.ts');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const present = await readdir(folder);
  if (present.some((file) => Object.values(SQLITE_FILES).some((name) => file.startsWith(name))))
    throw new TendrilError('ALREADY_EXISTS', { folder });
  verifySqliteFile(from.log);
  verifySqliteFile(from.state);
  await copyFile(from.log, join(folder, SQLITE_FILES.log));
  await copyFile(from.state, join(folder, SQLITE_FILES.state));
}

async function isSqliteBackup(folder: string): Promise<boolean> {
  const headers = await Promise.all(Object.values(BACKUP_FILES).map((file) => readHeader(join(folder, file))));
  return headers.every((header) => header === SQLITE_HEADER);
}

async function readHeader(path: string): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    throw new TendrilError('INPUT_INVALID', { file: path, reason: 'no backup here' }, { cause: error });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SQLITE_HEADER.length), 0, SQLITE_HEADER.length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
