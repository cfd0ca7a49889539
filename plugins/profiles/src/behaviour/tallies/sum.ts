import type { Json } from '@tendril/plugin-api';
import { LARGEST_NUMBER, NOTHING, addExact, exactOf, toNumber } from '../exact-sum.ts';
import type { Tally } from '../tally.ts';

type Sum = [whole: number, millionths: number];
type Mean = [count: number, whole: number, millionths: number];

/** Numbers added up, to six decimals each. */
export const sum: Tally<Sum> = {
  accepts: isAddable,
  of: ({ value }) => [...exactOf(value as number)],
  merge: (left, right) => [...addExact(left, right)],
  value: (state) => toNumber(state ?? NOTHING),
};

/** Their mean; none of nothing. */
export const average: Tally<Mean> = {
  accepts: isAddable,
  of: ({ value }) => [1, ...exactOf(value as number)],
  merge: ([count, ...left], [otherCount, ...right]) => [count + otherCount, ...addExact(left, right)],
  value: (state) => (state === undefined ? undefined : toNumber([state[1], state[2]]) / state[0]),
};

function isAddable(value: Json): boolean {
  return typeof value === 'number' && Math.abs(value) < LARGEST_NUMBER;
}
