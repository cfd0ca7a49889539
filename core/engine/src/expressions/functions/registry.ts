import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import { kindOf } from '../kinds.ts';
import { FUNCTIONS } from './index.ts';
import { parseSignature } from './signature.ts';

/** What a form of a function takes at one place. */
export interface Parameter {
  readonly takes: (value: unknown) => boolean;
  /** Turns a value that it takes into what the function gets. */
  readonly convert: ((value: unknown) => unknown) | undefined;
}

/** One form of a function, ready to be called. */
export interface Overload {
  readonly parameters: readonly Parameter[];
  readonly evaluate: (values: readonly unknown[], frame: Frame) => unknown;
}

const NUMERIC: ReadonlySet<unknown> = new Set(['int', 'uint', 'double']);

function toNumber(value: unknown): number {
  return Number(value instanceof UnsignedInt ? value.value : value);
}

function toWhole(value: unknown): number {
  const number = toNumber(value);
  if (!Number.isSafeInteger(number)) throw new EvaluationError('type', 'A number that has to be whole has a fraction or is too large.');
  return number;
}

function parameterOf(type: string): Parameter {
  if (type === 'dyn' || /^[A-Z]$/.test(type)) return { takes: () => true, convert: undefined };
  if (type === 'number' || type === 'whole')
    return { takes: (value) => NUMERIC.has(kindOf(value)), convert: type === 'number' ? toNumber : toWhole };
  if (type === 'string') return { takes: (value) => typeof value === 'string', convert: undefined };
  const kind = type.replace(/<.*$/, '');
  return { takes: (value) => kindOf(value) === kind, convert: undefined };
}

const OVERLOADS = new Map<string, Overload[]>();
/** Functions that are called by their bare names. */
export const BARE_NAMES: ReadonlySet<string> = new Set(
  FUNCTIONS.flatMap(({ forms }) => forms.map(({ signature }) => parseSignature(signature)))
    .filter(({ receiver }) => receiver === undefined)
    .map(({ name }) => name),
);

function keyOf(name: string, isMethod: boolean, count: number): string {
  return `${isMethod ? '.' : ''}${name}/${String(count)}`;
}

for (const { forms } of FUNCTIONS) {
  for (const { signature, evaluate } of forms) {
    const { receiver, name, parameters } = parseSignature(signature);
    const types = receiver === undefined ? parameters : [receiver, ...parameters];
    const key = keyOf(name, receiver !== undefined, types.length);
    const overload: Overload = { parameters: types.map(parameterOf), evaluate: evaluate as Overload['evaluate'] };
    OVERLOADS.set(key, [...(OVERLOADS.get(key) ?? []), overload]);
  }
}

/** The forms of a function for a count of values, the receiver of a method among them. */
export function overloadsOf(name: string, isMethod: boolean, count: number): readonly Overload[] {
  return OVERLOADS.get(keyOf(name, isMethod, count)) ?? [];
}
