import { TendrilError } from '@tendril/plugin-api';

/**
 * What a receiver's answer means for the delivery, as Standard Webhooks has it: only 2xx is taken as received.
 *
 * @param now epoch milliseconds, for a `Retry-After` that is a date
 * @throws TendrilError UPSTREAM_REJECTED for 410, other 4xx and redirects; UPSTREAM_UNAUTHORIZED for 401; UPSTREAM_THROTTLED
 * for 429; UPSTREAM_UNAVAILABLE for 408, 425 and 5xx, with `details.retryAfterMs` where the receiver says when
 */
export function checkAnswer(response: Response, now: number): void {
  const { status } = response;
  if (status >= 200 && status < 300) return;
  if (status === 401) throw new TendrilError('UPSTREAM_UNAUTHORIZED', { status });
  const retryAfterMs = readRetryAfterMs(response.headers.get('retry-after'), now);
  const details = retryAfterMs === undefined ? { status } : { status, retryAfterMs };
  if (status === 429) throw new TendrilError('UPSTREAM_THROTTLED', details);
  if (status === 408 || status === 425 || status >= 500) throw new TendrilError('UPSTREAM_UNAVAILABLE', details);
  throw new TendrilError('UPSTREAM_REJECTED', status === 410 ? { status, reason: 'gone' } : { status });
}

function readRetryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}
