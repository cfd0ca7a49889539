import type { Tally, TimedTally } from '../tally.ts';
import { bucketOf, expiryOf } from '../window.ts';
import type { Window } from '../window.ts';
import { digestOf, isScalar } from './kept-value.ts';

/** So many different values are counted exactly; from there on the count means at least so many. */
export const MOST_UNIQUE = 1_000;

/** How many different values there were. Keeps the least digests, which are the same in any order. */
export const uniqueCount: Tally<string[]> = {
  accepts: isScalar,
  of: ({ value }) => [digestOf(value)],
  merge: (left, right) => {
    // Most values were there before, or are beyond what is kept: nothing is sorted for them.
    const limit = left.length < MOST_UNIQUE ? undefined : left.at(-1);
    const fresh = right.filter((digest) => (limit === undefined || digest < limit) && !left.includes(digest));
    return fresh.length === 0 ? left : [...left, ...fresh].sort().slice(0, MOST_UNIQUE);
  },
  value: (state) => state?.length ?? 0,
};

/** When a value was seen last, by its digest. */
type LastSeen = Record<string, number>;

/**
 * How many different values there were within a window. Keeps of each the last bucket, and of too many the latest ones:
 * a value that was dropped could not have counted longer than the thousand that are kept, so the count is the same in
 * any order.
 */
export function recentUniqueCount(window: Window): TimedTally<LastSeen> {
  const isAlive = (bucket: number, now: number): boolean => now < expiryOf(bucket, window);
  return {
    accepts: isScalar,
    of: ({ at, value }) => ({ [digestOf(value)]: bucketOf(at, window) }),
    merge: (left, right) => {
      if (Object.entries(right).every(([digest, bucket]) => (left[digest] ?? -Infinity) >= bucket)) return left;
      const merged = { ...left };
      for (const [digest, bucket] of Object.entries(right)) merged[digest] = Math.max(merged[digest] ?? -Infinity, bucket);
      return Object.fromEntries(Object.entries(merged).sort(byTimeThenDigest).slice(0, MOST_UNIQUE));
    },
    value: (state, now) => Object.values(state ?? {}).filter((bucket) => isAlive(bucket, now)).length,
    nextChangeAt: (state, now) => {
      let next = Infinity;
      for (const bucket of Object.values(state)) if (isAlive(bucket, now)) next = Math.min(next, expiryOf(bucket, window));
      return next;
    },
    prune: (state, now) => {
      const alive = Object.entries(state).filter(([, bucket]) => isAlive(bucket, now));
      return alive.length === 0 ? undefined : Object.fromEntries(alive);
    },
  };
}

function byTimeThenDigest([digest, bucket]: [string, number], [otherDigest, otherBucket]: [string, number]): number {
  return otherBucket - bucket || (digest < otherDigest ? -1 : 1);
}
