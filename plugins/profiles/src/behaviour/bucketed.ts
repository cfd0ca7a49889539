import type { Json } from '@tendril/plugin-api';
import type { Tally, TimedTally } from './tally.ts';
import { bucketOf, expiryOf } from './window.ts';
import type { Window } from './window.ts';

/** A number of a bucket and its state, one after another, oldest first. */
type Buckets = Json[];

/** A tally over a window that slides: one state a bucket, and what has left the window is dropped. */
export function bucketed<State extends Json>(tally: Tally<State>, window: Window): TimedTally<Buckets> {
  const numberOf = (buckets: Buckets, index: number): number => buckets[index] as number;
  const stateOf = (buckets: Buckets, index: number): State => buckets[index + 1] as State;
  const firstAlive = (buckets: Buckets, now: number): number => {
    let index = 0;
    while (index < buckets.length && expiryOf(numberOf(buckets, index), window) <= now) index += 2;
    return index;
  };
  return {
    accepts: (value) => tally.accepts(value),
    of: (sample) => [bucketOf(sample.at, window), tally.of(sample)],
    merge: (left, right) => {
      const merged: Buckets = [];
      let [i, j] = [0, 0];
      while (i < left.length || j < right.length) {
        const a = i < left.length ? numberOf(left, i) : Infinity;
        const b = j < right.length ? numberOf(right, j) : Infinity;
        if (a === b) merged.push(a, tally.merge(stateOf(left, i), stateOf(right, j)));
        else if (a < b) merged.push(a, stateOf(left, i));
        else merged.push(b, stateOf(right, j));
        if (a <= b) i += 2;
        if (b <= a) j += 2;
      }
      return merged;
    },
    value: (buckets, now) => {
      if (buckets === undefined) return tally.value(undefined);
      let whole: State | undefined;
      for (let index = firstAlive(buckets, now); index < buckets.length; index += 2) {
        const state = stateOf(buckets, index);
        whole = whole === undefined ? state : tally.merge(whole, state);
      }
      return tally.value(whole);
    },
    nextChangeAt: (buckets, now) => {
      const index = firstAlive(buckets, now);
      return index < buckets.length ? expiryOf(numberOf(buckets, index), window) : Infinity;
    },
    prune: (buckets, now) => {
      const index = firstAlive(buckets, now);
      if (index === 0) return buckets;
      return index < buckets.length ? buckets.slice(index) : undefined;
    },
  };
}
