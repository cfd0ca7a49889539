import type { Random } from '../../environment.ts';
import { backoffMs } from '../../backoff.ts';
import type { RetryPolicy } from '../compiled.ts';
import { remedyOf } from './kept-error.ts';
import type { KeptError } from './records.ts';

/** A delay up to this long is waited for in memory; for a longer one the run is put away. */
export const SHORT_DELAY_MS = 2_000;

/**
 * How long to wait before the next attempt; `undefined` when there is none. What the error says about it is respected:
 * `retryAfterMs` of a service, `until` (epoch milliseconds) of the governor.
 *
 * @param attempts how many there were, at least 1
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempts: number,
  error: KeptError,
  { random, now }: { readonly random: Random; readonly now: number },
): number | undefined {
  const isRetried = policy.codes === undefined ? remedyOf(error) === 'retry' : policy.codes.has(error.code);
  if (!isRetried || attempts >= policy.attempts) return undefined;
  const { retryAfterMs, until } = error.details ?? {};
  const atLeastMs = Math.max(0, typeof retryAfterMs === 'number' ? retryAfterMs : 0, typeof until === 'number' ? until - now : 0);
  const delayMs =
    policy.backoff === 'fixed'
      ? Math.min(policy.initialMs, policy.maxMs)
      : backoffMs(attempts, { initialMs: policy.initialMs, maxMs: policy.maxMs }, random);
  return Math.max(delayMs, atLeastMs);
}
