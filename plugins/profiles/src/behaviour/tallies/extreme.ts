import type { Json } from '@tendril/plugin-api';
import type { Tally } from '../tally.ts';

/** The least number. */
export const minimum: Tally<number> = extreme((left, right) => Math.min(left, right));

/** The greatest number. */
export const maximum: Tally<number> = extreme((left, right) => Math.max(left, right));

function extreme(choose: (left: number, right: number) => number): Tally<number> {
  return {
    accepts: (value: Json) => typeof value === 'number',
    // Negative zero would not survive JSON.
    of: ({ value }) => (value as number) + 0,
    merge: choose,
    value: (state) => state,
  };
}
