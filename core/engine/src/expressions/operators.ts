import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { assertListLength, assertTextLength, BoundExceeded, costOf, LIMITS } from './bounds.ts';
import type { Budget } from './bounds.ts';
import { Duration } from './duration-value.ts';
import { EvaluationError } from './evaluation-error.ts';
import { kindInWords, kindOf } from './kinds.ts';
import { keyOf, keysOf, memberOf } from './members.ts';

const MAX_INT = 9_223_372_036_854_775_807n;
const MIN_INT = -9_223_372_036_854_775_808n;
const MAX_UINT = 18_446_744_073_709_551_615n;
const MIN_TIME = Date.parse('0001-01-01T00:00:00Z');
const MAX_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** An operation on two values that are computed. */
export type BinaryOperation = (left: unknown, right: unknown, budget: Budget) => unknown;

/** The int, or the fault that it is out of range. @throws EvaluationError */
export function int(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new EvaluationError('range', 'A whole number gets out of range.');
  return value;
}

/** @throws EvaluationError when it is negative or too large */
export function uint(value: bigint): UnsignedInt {
  if (value > MAX_UINT || value < 0n) throw new EvaluationError('range', 'An unsigned number gets out of range.');
  return new UnsignedInt(value);
}

/** @throws EvaluationError when it is before the year 1 or after 9999 */
export function moment(milliseconds: number): Date {
  if (!(milliseconds >= MIN_TIME && milliseconds <= MAX_TIME))
    throw new EvaluationError('range', 'A moment is not between the years 1 and 9999.');
  return new Date(milliseconds);
}

function mismatch(left: unknown, operator: string, right: unknown): EvaluationError {
  return new EvaluationError('type', `These types do not go together: ${kindInWords(left)} ${operator} ${kindInWords(right)}.`);
}

interface Arithmetic {
  readonly operator: string;
  readonly ofDoubles: (left: number, right: number) => number;
  readonly ofIntegers: (left: bigint, right: bigint) => bigint;
  readonly ofOthers?: (left: unknown, right: unknown, budget: Budget) => unknown;
}

/** Numbers of JSON are doubles: an int beside a double is one, too. CEL itself would refuse that. */
function arithmetic({ operator, ofDoubles, ofIntegers, ofOthers }: Arithmetic): BinaryOperation {
  return (left, right, budget) => {
    if (typeof left === 'number') {
      if (typeof right === 'number') return ofDoubles(left, right);
      if (typeof right === 'bigint') return ofDoubles(left, Number(right));
    } else if (typeof left === 'bigint') {
      if (typeof right === 'bigint') return int(ofIntegers(left, right));
      if (typeof right === 'number') return ofDoubles(Number(left), right);
    } else if (left instanceof UnsignedInt && right instanceof UnsignedInt) return uint(ofIntegers(left.value, right.value));
    const result = ofOthers?.(left, right, budget);
    if (result === undefined) throw mismatch(left, operator, right);
    return result;
  };
}

function nonZero(value: bigint): bigint {
  if (value === 0n) throw new EvaluationError('range', 'Division by zero.');
  return value;
}

function addOthers(left: unknown, right: unknown, budget: Budget): unknown {
  if (typeof left === 'string' && typeof right === 'string') {
    assertTextLength(left.length + right.length);
    budget.spend(costOf(left) + costOf(right));
    return left + right;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    assertListLength(left.length + right.length);
    budget.spend(left.length + right.length);
    return [...(left as readonly unknown[]), ...(right as readonly unknown[])];
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    assertTextLength(left.length + right.length);
    budget.spend(costOf(left) + costOf(right));
    return new Uint8Array([...left, ...right]);
  }
  return addTimes(left, right);
}

function addTimes(left: unknown, right: unknown): unknown {
  if (left instanceof Date && right instanceof Duration) return moment(left.getTime() + right.milliseconds);
  if (left instanceof Duration && right instanceof Date) return moment(right.getTime() + left.milliseconds);
  if (left instanceof Duration && right instanceof Duration) return new Duration(left.nanoseconds + right.nanoseconds);
  return undefined;
}

function subtractOthers(left: unknown, right: unknown): unknown {
  if (left instanceof Date && right instanceof Date) return Duration.ofMilliseconds(left.getTime() - right.getTime());
  if (left instanceof Date && right instanceof Duration) return moment(left.getTime() - right.milliseconds);
  if (left instanceof Duration && right instanceof Duration) return new Duration(left.nanoseconds - right.nanoseconds);
  return undefined;
}

/** @returns below, above or at zero; `undefined` when the values have no order. NaN is in no order with any number */
export function compare(left: unknown, right: unknown): number | undefined {
  const first = left instanceof UnsignedInt ? left.value : left;
  const second = right instanceof UnsignedInt ? right.value : right;
  if (typeof first === 'bigint' && typeof second === 'bigint') return first < second ? -1 : Number(first > second);
  // An integer beside a double is compared as one: so large that digits get lost, both count as equal.
  if (isReal(first) && isReal(second)) return order(Number(first), Number(second));
  if (typeof first === 'string' && typeof second === 'string') return compareTexts(first, second);
  if (typeof first === 'boolean' && typeof second === 'boolean') return Number(first) - Number(second);
  if (first instanceof Date && second instanceof Date) return first.getTime() - second.getTime();
  if (first instanceof Duration && second instanceof Duration)
    return first.nanoseconds < second.nanoseconds ? -1 : Number(first.nanoseconds > second.nanoseconds);
  return first instanceof Uint8Array && second instanceof Uint8Array ? Buffer.compare(first, second) : undefined;
}

function isReal(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** NaN when one of them is none. */
function order(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN;
}

// By code points: JavaScript compares the halves of those beyond U+FFFF, which come before U+E000.
function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  const end = Math.min(left.length, right.length);
  for (let index = 0; index < end; index += 1) {
    const first = left.charCodeAt(index);
    const second = right.charCodeAt(index);
    if (first !== second) return isSurrogate(first) === isSurrogate(second) ? first - second : isSurrogate(first) ? 1 : -1;
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function ordering(operator: string, isMet: (result: number) => boolean): BinaryOperation {
  return (left, right, budget) => {
    if (typeof left === 'number' && typeof right === 'number') return isMet(order(left, right));
    if (typeof left === 'string') budget.spend(costOf(left));
    const result = compare(left, right);
    if (result === undefined) throw mismatch(left, operator, right);
    return isMet(result);
  };
}

/** Equality as CEL has it: numbers by value whatever their type, lists and maps by content; other types are never equal. */
export function isEqual(left: unknown, right: unknown, budget: Budget, depth = 0): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' && typeof right !== 'object') return left == right && isNumeric(left) && isNumeric(right);
  if (depth > LIMITS.valueDepth) throw new BoundExceeded('a value in it is nested too deeply');
  if (Array.isArray(left)) return Array.isArray(right) && areListsEqual(left, right, budget, depth);
  const kind = kindOf(left);
  if (kind === 'map') return kindOf(right) === 'map' && areMapsEqual(left as object, right as object, budget, depth);
  if (left instanceof UnsignedInt || right instanceof UnsignedInt)
    return (isNumeric(left) || isNumeric(right)) && compare(left, right) === 0;
  if (typeof left === 'object' && typeof right === 'object' && kind === kindOf(right)) return compare(left, right) === 0;
  return false;
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof UnsignedInt;
}

function areListsEqual(left: readonly unknown[], right: readonly unknown[], budget: Budget, depth: number): boolean {
  if (left.length !== right.length) return false;
  return left.every((value, index) => {
    budget.spend(1);
    return isEqual(value, right[index], budget, depth + 1);
  });
}

function areMapsEqual(left: object, right: object, budget: Budget, depth: number): boolean {
  const keys = keysOf(left);
  if (keys.length !== keysOf(right).length) return false;
  return keys.every((key) => {
    budget.spend(1);
    const other = memberOf(right, keyOf(key));
    return other !== undefined && isEqual(memberOf(left, keyOf(key)), other, budget, depth + 1);
  });
}

function isIn(value: unknown, collection: unknown, budget: Budget): boolean {
  if (Array.isArray(collection)) {
    budget.spend(collection.length / 4);
    return collection.some((element) => isEqual(value, element, budget));
  }
  if (kindOf(collection) !== 'map') throw mismatch(value, 'in', collection);
  return memberOf(collection as object, keyOf(value)) !== undefined;
}

/** What the binary operators do. */
export const OPERATIONS: Readonly<Record<string, BinaryOperation>> = {
  '+': arithmetic({ operator: '+', ofDoubles: (a, b) => a + b, ofIntegers: (a, b) => a + b, ofOthers: addOthers }),
  '-': arithmetic({ operator: '-', ofDoubles: (a, b) => a - b, ofIntegers: (a, b) => a - b, ofOthers: subtractOthers }),
  '*': arithmetic({ operator: '*', ofDoubles: (a, b) => a * b, ofIntegers: (a, b) => a * b }),
  '/': arithmetic({ operator: '/', ofDoubles: (a, b) => a / b, ofIntegers: (a, b) => a / nonZero(b) }),
  '%': arithmetic({ operator: '%', ofDoubles: (a, b) => a % b, ofIntegers: (a, b) => a % nonZero(b) }),
  '<': ordering('<', (result) => result < 0),
  '<=': ordering('<=', (result) => result <= 0),
  '>': ordering('>', (result) => result > 0),
  '>=': ordering('>=', (result) => result >= 0),
  '==': (left, right, budget) => isEqual(left, right, budget),
  '!=': (left, right, budget) => !isEqual(left, right, budget),
  in: isIn,
};

/** `-value`. @throws EvaluationError */
export function negate(value: unknown): unknown {
  if (typeof value === 'number') return -value;
  if (typeof value === 'bigint') return int(-value);
  throw new EvaluationError('type', `A ${kindInWords(value)} has no negative.`);
}
