import { EvaluationError } from '../evaluation-error.ts';

/** How a half is rounded: away from zero, or to the even neighbour. */
export type HalfRule = 'up' | 'even';

const MAX_DIGITS = 15;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/**
 * Rounds the number as it is written in decimals: 1.005 is rounded as 1.005, not as the binary fraction a little below it.
 *
 * @param digits behind the point; negative for tens and hundreds
 * @throws EvaluationError for more than 15 digits
 */
export function roundDecimal(value: number, digits: number, half: HalfRule): number {
  if (digits > MAX_DIGITS || digits < -MAX_DIGITS) throw new EvaluationError('range', 'Numbers are rounded to 15 digits at most.');
  const match = NUMBER.exec(String(value));
  if (match === null) return value;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  // value = significand * 10^scale
  const significand = BigInt(whole + fraction);
  const scale = Number(exponent) - fraction.length;
  const surplus = -digits - scale;
  if (surplus <= 0) return value;
  const unit = 10n ** BigInt(Math.min(surplus, 400));
  const quotient = significand / unit;
  const rest = (significand % unit) * 2n;
  const isUp = rest > unit || (rest === unit && (half === 'up' || quotient % 2n === 1n));
  const rounded = Number(`${sign}${String(isUp ? quotient + 1n : quotient)}e${String(-digits)}`);
  return rounded === 0 ? 0 : rounded;
}
