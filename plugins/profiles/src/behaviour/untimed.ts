import type { Json } from '@tendril/plugin-api';
import type { Tally, TimedTally } from './tally.ts';

/** A tally over all that ever happened: time changes nothing. */
export function untimed<State extends Json>(tally: Tally<State>): TimedTally<State> {
  return { ...tally, nextChangeAt: () => Infinity, prune: (state) => state };
}
