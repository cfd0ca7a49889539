import Database from 'better-sqlite3';
import { TendrilError } from '@tendril/plugin-api';

/**
 * Reads every page of a database file that nobody uses. Blocks the thread: for restoring, when nothing runs yet.
 *
 * @throws TendrilError INPUT_INVALID when the file is damaged
 */
export function verifySqliteFile(path: string): void {
  try {
    const database = new Database(path, { readonly: true, fileMustExist: true });
    const result: unknown = database.pragma('integrity_check', { simple: true });
    database.close();
    if (result === 'ok') return;
  } catch (error) {
    throw new TendrilError('INPUT_INVALID', { file: path, reason: 'the file is damaged' }, { cause: error });
  }
  throw new TendrilError('INPUT_INVALID', { file: path, reason: 'the file is damaged' });
}
