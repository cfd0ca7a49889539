import type { TimedTally } from '../tally.ts';
import { DAY_MS, bucketOf, expiryOf } from '../window.ts';
import type { Window } from '../window.ts';

/** Whether there was one at all. */
export function exists(window: Window | undefined): TimedTally<number> {
  const expiry = (at: number): number => (window === undefined ? Infinity : expiryOf(bucketOf(at, window), window));
  return {
    ...latest,
    value: (at, now) => at !== undefined && now < expiry(at),
    nextChangeAt: (at, now) => (now < expiry(at) ? expiry(at) : Infinity),
    prune: (at, now) => (now < expiry(at) ? at : undefined),
  };
}

/** Whole days of 24 hours since the last one; nothing when there was none. A window makes no difference but to forget. */
export function since(window: Window | undefined): TimedTally<number> {
  const existing = exists(window);
  const isThere = (at: number, now: number): boolean => existing.value(at, now) === true;
  return {
    ...latest,
    value: (at, now) => (at !== undefined && isThere(at, now) ? daysBetween(at, now) : undefined),
    nextChangeAt: (at, now) =>
      isThere(at, now) ? Math.min(at + (daysBetween(at, now) + 1) * DAY_MS, existing.nextChangeAt(at, now)) : Infinity,
    prune: (at, now) => existing.prune(at, now),
  };
}

const latest = {
  accepts: () => true,
  of: ({ at }: { readonly at: number }) => at,
  merge: (left: number, right: number) => Math.max(left, right),
};

function daysBetween(at: number, now: number): number {
  return Math.max(0, Math.floor((now - at) / DAY_MS));
}
