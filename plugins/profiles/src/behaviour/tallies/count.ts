import type { Tally } from '../tally.ts';

/** How many there were. */
export const count: Tally<number> = {
  accepts: () => true,
  of: () => 1,
  merge: (left, right) => left + right,
  value: (state) => state ?? 0,
};
