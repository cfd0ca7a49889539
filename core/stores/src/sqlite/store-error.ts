import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, ErrorDetails } from '@tendril/plugin-api';

/** An error on its way from a worker. */
export interface WireError {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly cause: string;
}

const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|IOERR|READONLY|CANTOPEN|PROTOCOL|CORRUPT|NOTADB|PERM|AUTH)/;

function sqliteCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code.startsWith('SQLITE_') ? error.code : undefined;
}

/** What SQLite reports, in the catalogue's terms. */
export function fromSqliteError(error: unknown): TendrilError {
  if (TendrilError.is(error)) return error;
  const sqlite = sqliteCodeOf(error);
  if (sqlite === 'SQLITE_FULL') return new TendrilError('STORE_FULL', { sqlite }, { cause: error });
  if (sqlite !== undefined && UNAVAILABLE.test(sqlite)) return new TendrilError('STORE_UNAVAILABLE', { sqlite }, { cause: error });
  return new TendrilError('INTERNAL', sqlite === undefined ? {} : { sqlite }, { cause: error });
}

/** Whether the store itself failed, so that all that shares its transaction is lost with it. */
export function isStoreFailure(error: unknown): boolean {
  const sqlite = sqliteCodeOf(error);
  return sqlite !== undefined && (sqlite === 'SQLITE_FULL' || UNAVAILABLE.test(sqlite));
}

/** For the way to the main thread. */
export function toWireError(error: unknown): WireError {
  const { code, details, cause } = fromSqliteError(error);
  return { code, details, cause: cause instanceof Error ? (cause.stack ?? cause.message) : '' };
}

/** On the main thread again. */
export function fromWireError({ code, details, cause }: WireError): TendrilError {
  return new TendrilError(code, details, cause === '' ? undefined : { cause: new Error(cause) });
}
