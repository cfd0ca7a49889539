import type { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { assertTextLength } from '../bounds.ts';
import type { Duration } from '../duration-value.ts';
import { parseDurationValue } from '../duration-value.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import { typeOfValue } from '../kinds.ts';
import { keysOf } from '../members.ts';
import { int, moment, uint } from '../operators.ts';
import { codePoints } from './code-points.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';

function identity([value]: readonly [unknown]): unknown {
  return value;
}

// Without the text: it may be somebody's, and what is said here goes into logs.
function refused(wanted: string): EvaluationError {
  return new EvaluationError('value', `The text is no ${wanted}.`);
}

const INTEGER = /^[+-]?\d{1,20}$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Infinity, '+Infinity': Infinity, '-Infinity': -Infinity };

function intOfDouble([value]: readonly [number]): bigint {
  // 2^63 as a double is one too many.
  if (!(value > -9.223372036854775e18 && value < 9.223372036854775e18))
    throw new EvaluationError('range', 'A whole number gets out of range.');
  return BigInt(Math.trunc(value));
}

function uintOfDouble([value]: readonly [number]): UnsignedInt {
  if (!(value > -1 && value < 1.8446744073709552e19)) throw new EvaluationError('range', 'An unsigned number gets out of range.');
  return uint(BigInt(Math.trunc(value)));
}

function doubleOfText([text]: readonly [string]): number {
  const special = SPECIAL[text];
  if (special !== undefined) return special;
  if (text.length > 100 || !DECIMAL.test(text)) throw refused('number');
  return Number(text);
}

function textOfDouble([value]: readonly [number]): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+infinity' : '-infinity';
}

function textOfBytes([bytes]: readonly [Uint8Array]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EvaluationError('value', 'The bytes are no text in UTF-8.');
  }
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  false: false,
  FALSE: false,
  False: false,
};

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

function momentOfText([text]: readonly [string]): Date {
  const milliseconds = RFC3339.test(text) ? Date.parse(text.toUpperCase().replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw refused('moment such as `2026-01-31T09:00:00Z`');
  return moment(milliseconds);
}

/** A moment as texts have it: RFC 3339, without a fraction that is zero. */
function textOfMoment([value]: readonly [Date]): string {
  return value.toISOString().replace('.000Z', 'Z');
}

function durationOfText([text]: readonly [string]): Duration {
  const duration = parseDurationValue(text);
  if (duration === undefined) throw refused('duration such as `1h30m`');
  return duration;
}

/** Conversions and what works on values of any type. */
export const CONVERSIONS: readonly FunctionDefinition[] = [
  {
    name: 'size',
    subject: 'values',
    summary: 'Counts the characters of a text, the elements of a list or the entries of a map.',
    example: 'size("Zoë") + size([1, 2])',
    result: 5,
    forms: (['string', 'bytes', 'list', 'map'] as const).flatMap((type) => {
      const evaluate = ([value]: readonly [string | Uint8Array | readonly unknown[] | object], frame: Frame): bigint => {
        if (typeof value === 'string') return BigInt(codePoints(value, frame));
        return BigInt(Array.isArray(value) || value instanceof Uint8Array ? value.length : keysOf(value).length);
      };
      return [form(`size(${type}) -> int`, evaluate), form(`${type}.size() -> int`, evaluate)];
    }),
  },
  {
    name: 'string',
    subject: 'values',
    summary: 'Makes a text of a value.',
    example: 'string(12.5) + "/" + string(true)',
    result: '12.5/true',
    forms: [
      form('string(string) -> string', identity),
      form('string(bool) -> string', ([value]: readonly [boolean]) => String(value)),
      form('string(int) -> string', ([value]: readonly [bigint]) => String(value)),
      form('string(uint) -> string', ([value]: readonly [UnsignedInt]) => String(value.value)),
      form('string(double) -> string', textOfDouble),
      form('string(bytes) -> string', textOfBytes),
      form('string(timestamp) -> string', textOfMoment),
      form('string(duration) -> string', ([value]: readonly [Duration]) => value.toString()),
    ],
  },
  {
    name: 'int',
    subject: 'values',
    summary: 'Makes a whole number: of other numbers without their fraction, of a text, of a moment its seconds since 1970.',
    example: 'int("42") + int(2.9)',
    result: 44,
    forms: [
      form('int(int) -> int', identity),
      form('int(uint) -> int', ([value]: readonly [UnsignedInt]) => int(value.value)),
      form('int(double) -> int', intOfDouble),
      form('int(string) -> int', ([text]: readonly [string]) => {
        if (!INTEGER.test(text)) throw refused('whole number');
        return int(BigInt(text.replace('+', '')));
      }),
      form('int(timestamp) -> int', ([value]: readonly [Date]) => BigInt(Math.floor(value.getTime() / 1_000))),
    ],
  },
  {
    name: 'uint',
    subject: 'values',
    summary: 'Makes an unsigned whole number.',
    example: 'uint(7) == 7u',
    result: true,
    forms: [
      form('uint(uint) -> uint', identity),
      form('uint(int) -> uint', ([value]: readonly [bigint]) => uint(value)),
      form('uint(double) -> uint', uintOfDouble),
      form('uint(string) -> uint', ([text]: readonly [string]) => {
        if (!INTEGER.test(text)) throw refused('whole number');
        return uint(BigInt(text.replace('+', '')));
      }),
    ],
  },
  {
    name: 'double',
    subject: 'values',
    summary: 'Makes a number of a text or another number.',
    example: 'double("2.50")',
    result: 2.5,
    forms: [
      form('double(double) -> double', identity),
      form('double(int) -> double', ([value]: readonly [bigint]) => Number(value)),
      form('double(uint) -> double', ([value]: readonly [UnsignedInt]) => Number(value.value)),
      form('double(string) -> double', doubleOfText),
    ],
  },
  {
    name: 'bool',
    subject: 'values',
    summary: 'Reads `true`, `t` or `1`, and `false`, `f` or `0`.',
    example: 'bool("true")',
    result: true,
    forms: [
      form('bool(bool) -> bool', identity),
      form('bool(string) -> bool', ([text]: readonly [string]) => {
        const value = Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
        if (value === undefined) throw refused('`true` or `false`');
        return value;
      }),
    ],
  },
  {
    name: 'bytes',
    subject: 'values',
    summary: 'The bytes of a text in UTF-8.',
    example: 'size(bytes("é"))',
    result: 2,
    forms: [
      form('bytes(bytes) -> bytes', identity),
      form('bytes(string) -> bytes', ([text]: readonly [string]) => {
        assertTextLength(Buffer.byteLength(text));
        return new Uint8Array(Buffer.from(text));
      }),
    ],
  },
  {
    name: 'timestamp',
    subject: 'values',
    summary: 'Makes a moment of an RFC 3339 text or of seconds since 1970.',
    example: 'timestamp("2026-01-31T09:00:00+01:00")',
    result: '2026-01-31T08:00:00.000Z',
    forms: [
      form('timestamp(timestamp) -> timestamp', identity),
      form('timestamp(string) -> timestamp', momentOfText),
      form('timestamp(number) -> timestamp', ([seconds]: readonly [number]) => moment(seconds * 1_000)),
    ],
  },
  {
    name: 'duration',
    subject: 'values',
    summary: 'Makes a length of time of a text such as `90s`, `1h30m` or `2d`; a day is 24 hours here.',
    example: 'duration("1h30m")',
    result: '5400s',
    forms: [form('duration(duration) -> duration', identity), form('duration(string) -> duration', durationOfText)],
  },
  {
    name: 'dyn',
    subject: 'values',
    summary: 'The value itself, its type left open for the check at deploy.',
    example: 'dyn(1) == 1.0',
    result: true,
    forms: [form('dyn(dyn) -> dyn', identity)],
  },
  {
    name: 'type',
    subject: 'values',
    summary: 'The type of a value.',
    example: 'type("a") == string',
    result: true,
    forms: [
      form('type(dyn) -> type', ([value]: readonly [unknown]) => {
        const type = typeOfValue(value);
        if (type === undefined) throw new EvaluationError('type', 'The value has no type of expressions.');
        return type;
      }),
    ],
  },
];
