/** Numbers from here on are not counted: sums of them would not be exact. */
export const LARGEST_NUMBER = 1e12;

const PARTS = 1_000_000;

/**
 * A sum that comes out the same in whatever order it is added up, which floating point does not: whole numbers and
 * millionths, both integers.
 */
export type ExactSum = readonly [whole: number, millionths: number];

export const NOTHING: ExactSum = [0, 0];

/** A number to six decimals. */
export function exactOf(value: number): ExactSum {
  const whole = Math.floor(value);
  return carry(whole, Math.round((value - whole) * PARTS));
}

/** Both together; exact while the whole stays below 2^53. */
export function addExact([whole, millionths]: ExactSum, [otherWhole, otherMillionths]: ExactSum): ExactSum {
  return carry(whole + otherWhole, millionths + otherMillionths);
}

/** As a number of JSON. */
export function toNumber([whole, millionths]: ExactSum): number {
  return millionths === 0 ? whole : whole + millionths / PARTS;
}

function carry(whole: number, millionths: number): ExactSum {
  const over = Math.floor(millionths / PARTS);
  return [whole + over, millionths - over * PARTS];
}
