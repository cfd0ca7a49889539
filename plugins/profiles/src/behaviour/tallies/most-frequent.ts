import type { Json } from '@tendril/plugin-api';
import type { Tally } from '../tally.ts';
import { digestOf, isKept } from './kept-value.ts';

/** So many different values are counted exactly; of more, a sample of so many that is the same in any order. */
export const MOST_VALUES = 50;

type Counted = [digest: string, count: number, value: Json];

/**
 * The value that was there most often; of equals the one that comes first as JSON. Of more than fifty different values
 * those with the least digests are counted: none of them ever was left out, so their counts are exact.
 */
export const mostFrequent: Tally<Counted[]> = {
  accepts: isKept,
  of: ({ value }) => [[digestOf(value), 1, value]],
  merge: (left, right) => {
    const byDigest = new Map(left.map((counted) => [counted[0], counted]));
    for (const [digest, count, value] of right) byDigest.set(digest, [digest, count + (byDigest.get(digest)?.[1] ?? 0), value]);
    return [...byDigest.values()].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MOST_VALUES);
  },
  value: (state) => state?.toSorted(byCountThenValue)[0]?.[2],
};

function byCountThenValue([, count, value]: Counted, [, otherCount, otherValue]: Counted): number {
  return otherCount - count || (JSON.stringify(value) < JSON.stringify(otherValue) ? -1 : 1);
}
