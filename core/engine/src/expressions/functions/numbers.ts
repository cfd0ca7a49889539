import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import { int } from '../operators.ts';
import { roundDecimal } from './decimals.ts';
import type { HalfRule } from './decimals.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';
import { greatestOf, leastOf } from './extremes.ts';

function double(name: string, summary: string, example: string, result: unknown, calculate: (value: number) => number): FunctionDefinition {
  return {
    name: `math.${name}`,
    subject: 'numbers',
    summary,
    example,
    result,
    forms: [form(`math.${name}(number) -> double`, ([value]: readonly [number]) => calculate(value))],
  };
}

function sameType(
  name: string,
  summary: string,
  example: string,
  result: unknown,
  ofInt: (value: bigint) => bigint,
  ofDouble: (value: number) => number,
): FunctionDefinition {
  return {
    name: `math.${name}`,
    subject: 'numbers',
    summary,
    example,
    result,
    forms: [
      form(`math.${name}(int) -> int`, ([value]: readonly [bigint]) => int(ofInt(value))),
      form(`math.${name}(uint) -> uint`, ([value]: readonly [UnsignedInt]) => new UnsignedInt(ofInt(value.value))),
      form(`math.${name}(double) -> double`, ([value]: readonly [number]) => ofDouble(value)),
    ],
  };
}

function test(name: string, summary: string, example: string, isSo: (value: number) => boolean): FunctionDefinition {
  return {
    name: `math.${name}`,
    subject: 'numbers',
    summary,
    example,
    result: true,
    forms: [form(`math.${name}(number) -> bool`, ([value]: readonly [number]) => isSo(value))],
  };
}

function extreme(name: 'greatest' | 'least', summary: string, example: string, result: unknown): FunctionDefinition {
  const choose = name === 'greatest' ? greatestOf : leastOf;
  const ofAll = (values: readonly unknown[], frame: Frame): unknown => choose(values, frame);
  const ofOne = ([value]: readonly [unknown], frame: Frame): unknown =>
    choose(Array.isArray(value) ? (value as readonly unknown[]) : [value], frame);
  return {
    name: `math.${name}`,
    subject: 'numbers',
    summary,
    example,
    result,
    forms: [
      form(`math.${name}(dyn) -> dyn`, ofOne),
      ...[2, 3, 4, 5].map((count) => form(`math.${name}(${Array<string>(count).fill('dyn').join(', ')}) -> dyn`, ofAll)),
    ],
  };
}

/** Half away from zero, as CEL's `math.round`. */
function roundHalfAway(value: number): number {
  return roundDecimal(value, 0, 'up');
}

function rounding(name: string, summary: string, example: string, result: unknown, half: HalfRule): FunctionDefinition {
  return {
    name,
    subject: 'numbers',
    summary,
    example,
    result,
    forms: [
      form(`${name}(number) -> double`, ([value]: readonly [number]) => roundDecimal(value, 0, half)),
      form(`${name}(number, whole) -> double`, ([value, digits]: readonly [number, number]) => roundDecimal(value, digits, half)),
    ],
  };
}

function money(name: string, summary: string, example: string, result: unknown, half: HalfRule): FunctionDefinition {
  return {
    name,
    subject: 'numbers',
    summary,
    example,
    result,
    forms: [
      form(`${name}(number, string) -> double`, ([amount, currency]: readonly [number, string]) =>
        roundDecimal(amount, minorDigits(currency), half),
      ),
    ],
  };
}

/** Digits of a currency's smallest unit: 2 for EUR, 0 for JPY, 3 for KWD. */
function minorDigits(currency: string): number {
  return currencyFormat('en', currency).resolvedOptions().maximumFractionDigits ?? 2;
}

const FORMATS_KEPT = 200;
const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify([locale, options]);
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = madeFormat(locale, options);
  const oldest = formats.keys().next();
  if (formats.size >= FORMATS_KEPT && oldest.done !== true) formats.delete(oldest.value);
  formats.set(key, made);
  return made;
}

function madeFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  try {
    return new Intl.NumberFormat(locale, options);
  } catch {
    throw new EvaluationError('value', 'There is no such language, or the number of digits is not between 0 and 20.');
  }
}

function currencyFormat(locale: string, currency: string): Intl.NumberFormat {
  if (!/^[A-Z]{3}$/.test(currency)) throw new EvaluationError('value', 'The text is no currency such as `EUR`.');
  return numberFormat(locale, { style: 'currency', currency });
}

function clamp(value: unknown, low: unknown, high: unknown, frame: Frame): unknown {
  return leastOf([greatestOf([value, low], frame), high], frame);
}

/** Working on numbers. Names of CEL's own extension where it has the function. */
export const NUMBER_FUNCTIONS: readonly FunctionDefinition[] = [
  rounding(
    'round',
    'Rounds to a whole number, or to so many digits behind the point; a half goes away from zero, in decimals: 1.005 is 1.01.',
    'round(1.005, 2)',
    1.01,
    'up',
  ),
  rounding(
    'roundHalfEven',
    'Rounds as `round`, but a half goes to the even neighbour, so that sums do not drift.',
    'roundHalfEven(2.5) + roundHalfEven(1.125, 2)',
    3.12,
    'even',
  ),
  money(
    'roundMoney',
    "Rounds an amount to its currency's smallest unit; a half goes away from zero.",
    'roundMoney(10.075, "EUR") + roundMoney(99.5, "JPY")',
    110.08,
    'up',
  ),
  money(
    'roundMoneyHalfEven',
    'Rounds as `roundMoney`, but a half goes to the even neighbour.',
    'roundMoneyHalfEven(10.065, "EUR")',
    10.06,
    'even',
  ),
  double('round', 'The nearest whole number; a half goes away from zero.', 'math.round(-1.5)', -2, roundHalfAway),
  double('floor', 'The next whole number below.', 'math.floor(-1.2)', -2, Math.floor),
  double('ceil', 'The next whole number above.', 'math.ceil(1.2)', 2, Math.ceil),
  double('trunc', 'The number without its fraction.', 'math.trunc(-1.7)', -1, Math.trunc),
  double('sqrt', 'The square root.', 'math.sqrt(16)', 4, Math.sqrt),
  sameType('abs', 'The number without its sign.', 'math.abs(-3)', 3, (value) => (value < 0n ? -value : value), Math.abs),
  sameType('sign', '-1, 0 or 1.', 'math.sign(-3.5)', -1, (value) => (value < 0n ? -1n : value > 0n ? 1n : 0n), Math.sign),
  test('isNaN', 'Whether a calculation gave no number.', 'math.isNaN(0.0 / 0.0)', Number.isNaN),
  test('isInf', 'Whether a number is infinite.', 'math.isInf(1.0 / 0.0)', (value) => Math.abs(value) === Infinity),
  test('isFinite', 'Whether a number is neither infinite nor none.', 'math.isFinite(1.5)', Number.isFinite),
  extreme('greatest', 'The greatest of up to five numbers or of a list.', 'math.greatest(1, 2.5, 2)', 2.5),
  extreme('least', 'The least of up to five numbers or of a list.', 'math.least([3, 1, 2])', 1),
  {
    name: 'clamp',
    subject: 'numbers',
    summary: 'The number, or the bound that it goes over.',
    example: 'clamp(120, 0, 100)',
    result: 100,
    forms: [
      form('clamp(dyn, dyn, dyn) -> dyn', ([value, low, high]: readonly [unknown, unknown, unknown], frame: Frame) =>
        clamp(value, low, high, frame),
      ),
    ],
  },
  {
    name: 'formatNumber',
    subject: 'numbers',
    summary: 'Writes a number in a language, with so many digits behind the point.',
    example: 'formatNumber(1234.5, "de", 2)',
    result: '1.234,50',
    forms: [
      form('formatNumber(number, string, whole) -> string', ([value, locale, digits]: readonly [number, string, number]) =>
        numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
          roundDecimal(value, Math.min(digits, 15), 'up'),
        ),
      ),
    ],
  },
  {
    name: 'formatMoney',
    subject: 'numbers',
    summary: 'Writes an amount with its currency in a language.',
    example: 'formatMoney(1234.5, "EUR", "en")',
    result: '€1,234.50',
    forms: [
      form('formatMoney(number, string, string) -> string', ([amount, currency, locale]: readonly [number, string, string]) =>
        currencyFormat(locale, currency).format(roundDecimal(amount, minorDigits(currency), 'up')),
      ),
    ],
  },
];
