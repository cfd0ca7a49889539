import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';

/** What an answer of Salesforce said was wrong. */
export interface VendorFailure {
  /** HTTP status; 0 where none is known. */
  readonly status: number;
  /** The vendor's own codes, such as `REQUIRED_FIELD_MISSING`; may be empty. */
  readonly vendorCodes: readonly string[];
  /** Names of the fields that were refused; values are never among them. */
  readonly fields: readonly string[];
  /** Of the header `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

const UNAUTHORIZED: ReadonlySet<string> = new Set(['INVALID_SESSION_ID', 'INVALID_AUTH_HEADER']);
const THROTTLED: ReadonlySet<string> = new Set(['REQUEST_LIMIT_EXCEEDED', 'CONCURRENT_REQUEST_LIMIT_EXCEEDED', 'SERVER_TOO_BUSY']);
// A duplicate value in an upsert by external id means that two first upserts of a lead met: the next attempt finds the other's lead.
const PASSING: ReadonlySet<string> = new Set([
  'UNABLE_TO_LOCK_ROW',
  'SERVER_UNAVAILABLE',
  'UNKNOWN_EXCEPTION',
  'DUPLICATE_VALUE',
  'QUERY_TIMEOUT',
  'TXN_SECURITY_METERING_ERROR',
]);
const THROTTLE_MS = 60_000;

function codeOf({ status, vendorCodes }: VendorFailure): ErrorCode {
  const isAny = (codes: ReadonlySet<string>): boolean => vendorCodes.some((code) => codes.has(code));
  if (status === 401 || isAny(UNAUTHORIZED)) return 'UPSTREAM_UNAUTHORIZED';
  if (status === 429 || isAny(THROTTLED)) return 'UPSTREAM_THROTTLED';
  if (status === 0 || status === 408 || status === 420 || status >= 500 || isAny(PASSING)) return 'UPSTREAM_UNAVAILABLE';
  // An answer that is neither a failure nor readable comes from something between us and the service.
  return status < 300 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_REJECTED';
}

/**
 * What a failure is in the catalogue. Holds the vendor's codes and the names of fields; messages are left out because
 * they quote what was sent.
 */
export function toTendrilError(failure: VendorFailure): TendrilError {
  const code = codeOf(failure);
  const retryAfterMs = failure.retryAfterMs ?? (code === 'UPSTREAM_THROTTLED' ? THROTTLE_MS : undefined);
  return new TendrilError(code, {
    service: 'salesforce',
    status: failure.status,
    ...(failure.vendorCodes.length > 0 && { vendorCodes: failure.vendorCodes }),
    ...(failure.fields.length > 0 && { fields: failure.fields }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
