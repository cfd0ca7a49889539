import { TendrilError } from '@tendril/plugin-api';

/**
 * What an answer of the service means; `undefined` when all is well. The code decides what the hub does: it tries again after
 * UPSTREAM_THROTTLED and UPSTREAM_UNAVAILABLE, waits for a new login after UPSTREAM_UNAUTHORIZED, and ends the step otherwise.
 *
 * @param now epoch milliseconds, for a `Retry-After` that is a date
 */
export function failureOf({ status, headers }: Response, now: number): TendrilError | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 401) return new TendrilError('UPSTREAM_UNAUTHORIZED', { status });
  const retryAfterMs = readRetryAfterMs(headers.get('retry-after'), now);
  const details = retryAfterMs === undefined ? { status } : { status, retryAfterMs };
  if (status === 429) return new TendrilError('UPSTREAM_THROTTLED', details);
  if (status === 408 || status === 425 || status >= 500) return new TendrilError('UPSTREAM_UNAVAILABLE', details);
  return new TendrilError('UPSTREAM_REJECTED', { status });
}

function readRetryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}
