import type { Random } from './environment.ts';

/** How long to wait before another attempt. */
export interface BackoffPolicy {
  /** The ceiling after the first failure, in milliseconds. */
  readonly initialMs: number;
  /** The ceiling never grows beyond, in milliseconds. */
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter: anything between nothing and a ceiling that doubles with each failure.
 *
 * @param failures how many attempts have failed, at least 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ "Full Jitter"
 */
export function backoffMs(failures: number, policy: BackoffPolicy, random: Random): number {
  const ceilingMs = Math.min(policy.maxMs, policy.initialMs * 2 ** Math.min(failures - 1, 30));
  return Math.floor(random.fraction() * ceilingMs);
}
