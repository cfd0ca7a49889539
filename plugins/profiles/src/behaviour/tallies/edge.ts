import type { Json } from '@tendril/plugin-api';
import type { Sample, Tally, TimedTally } from '../tally.ts';
import { bucketOf, expiryOf } from '../window.ts';
import type { Window } from '../window.ts';
import { isKept } from './kept-value.ts';

type Edge = [at: number, id: string, value: Json];

/** The value of the earliest event. */
export const first: Tally<Edge> = {
  accepts: isKept,
  of: toEdge,
  merge: (left, right) => (isBefore(left, right) ? left : right),
  value: (state) => state?.[2],
};

/** The value of the latest event; nothing once that has left the window. */
export function last(window: Window | undefined): TimedTally<Edge> {
  const expiry = ([at]: Edge): number => (window === undefined ? Infinity : expiryOf(bucketOf(at, window), window));
  return {
    accepts: isKept,
    of: toEdge,
    merge: (left, right) => (isBefore(left, right) ? right : left),
    value: (state, now) => (state !== undefined && now < expiry(state) ? state[2] : undefined),
    nextChangeAt: (state, now) => (now < expiry(state) ? expiry(state) : Infinity),
    prune: (state, now) => (now < expiry(state) ? state : undefined),
  };
}

function toEdge({ at, id, value }: Sample): Edge {
  return [at, id, value];
}

function isBefore([at, id]: Edge, [otherAt, otherId]: Edge): boolean {
  return at < otherAt || (at === otherAt && id < otherId);
}
