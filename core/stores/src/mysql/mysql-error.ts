import { TendrilError } from '@tendril/plugin-api';

const FULL = new Set(['ER_RECORD_FILE_FULL', 'ER_DISK_FULL', 'ER_DISK_FULL_NOWAIT', 'ENOSPC']);
const REPEATED = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD']);
const UNAVAILABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENOENT',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_QUERY_INTERRUPTED',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_ACCESS_DENIED_ERROR',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_NET_READ_ERROR',
  'ER_NET_WRITE_INTERRUPTED',
]);
const MADE_ALREADY = new Set(['ER_TABLE_EXISTS_ERROR', 'ER_DUP_KEYNAME', 'ER_DUP_ENTRY', 'ER_DUP_FIELDNAME', 'ER_CANT_DROP_FIELD_OR_KEY']);

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Whether the same transaction may go through when it is run again. */
export function isRepeatable(error: unknown): boolean {
  return REPEATED.has(codeOf(error));
}

/** Another transaction took what must be unique. */
export function overtaken(): TendrilError {
  return new TendrilError('STORE_UNAVAILABLE', { mysql: 'ER_DUP_ENTRY' });
}

/** Whether another transaction inserted first what was not there when it was looked for. */
export function isOvertaken(error: unknown): boolean {
  return codeOf(error) === 'ER_DUP_ENTRY' || (TendrilError.is(error) && error.details['mysql'] === 'ER_DUP_ENTRY');
}

/** Whether a statement of a migration had been applied before the process died. */
export function isMadeAlready(error: unknown): boolean {
  return MADE_ALREADY.has(codeOf(error));
}

/** What the server or the way to it reports, in the catalogue's terms. */
export function fromMysqlError(error: unknown): TendrilError {
  if (TendrilError.is(error)) return error;
  const mysql = codeOf(error);
  if (FULL.has(mysql)) return new TendrilError('STORE_FULL', { mysql }, { cause: error });
  const isLost = UNAVAILABLE.has(mysql) || REPEATED.has(mysql) || mysql === 'KnexTimeoutError' || isFatal(error);
  if (isLost) return new TendrilError('STORE_UNAVAILABLE', { mysql }, { cause: error });
  if (mysql === 'ER_DATA_TOO_LONG') return new TendrilError('INPUT_INVALID', { mysql }, { cause: error });
  return new TendrilError('INTERNAL', { mysql }, { cause: error });
}

/** Whether the store itself failed, so that all that shares a transaction is lost with it. */
export function isStoreFailure({ code }: TendrilError): boolean {
  return code === 'STORE_UNAVAILABLE' || code === 'STORE_FULL';
}

// The driver marks what ended its connection.
function isFatal(error: unknown): boolean {
  return error instanceof Error && 'fatal' in error && error.fatal === true;
}
