import { readFileSync } from 'node:fs';
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { Duration } from '../../../src/expressions/duration-value.ts';
import { typeNamed } from '../../../src/expressions/kinds.ts';
import { keyOf } from '../../../src/expressions/members.ts';
import { readTextproto } from './textproto.ts';
import type { Message, Scalar } from './textproto.ts';

/** The files of cel-spec that are run. */
export const FILES = [
  'basic',
  'logic',
  'macros',
  'macros2',
  'lists',
  'string',
  'integer_math',
  'comparisons',
  'fields',
  'timestamps',
  'conversions',
  'fp_math',
  'bindings_ext',
  'encoders_ext',
] as const;

/** One conformance case. */
export interface ConformanceCase {
  /** `section/name`. */
  readonly name: string;
  readonly expression: string;
  readonly isChecked: boolean;
  /** Names that the case declares, with their types as our checker writes them. */
  readonly declared: readonly (readonly [string, string])[];
  readonly bindings: Readonly<Record<string, unknown>>;
  /** The value it gives; `undefined` when evaluating or checking has to fail. */
  readonly expected: { readonly value: unknown } | undefined;
}

/** The cases of a file. */
export function casesOf(file: string): readonly ConformanceCase[] {
  const suite = readTextproto(readFileSync(new URL(`testdata/${file}.textproto`, import.meta.url), 'utf8'));
  return messages(suite, 'section').flatMap((section) =>
    messages(section, 'test').map((test) => caseOf(`${text(section, 'name')}/${text(test, 'name')}`, test)),
  );
}

function caseOf(name: string, test: Message): ConformanceCase {
  const [value] = messages(test, 'value');
  const isFailure = test.has('eval_error') || test.has('any_eval_errors');
  return {
    name,
    expression: text(test, 'expr'),
    isChecked: scalar(test, 'disable_check') !== 'true',
    declared: messages(test, 'type_env').map((entry) => [text(entry, 'name'), typeOf(first(first(entry, 'ident'), 'type'))] as const),
    bindings: Object.fromEntries(
      messages(test, 'bindings').map((entry) => [text(entry, 'key'), valueOf(first(first(entry, 'value'), 'value'))]),
    ),
    expected: isFailure ? undefined : { value: value === undefined ? true : valueOf(value) },
  };
}

function messages(message: Message, field: string): readonly Message[] {
  return (message.get(field) ?? []).filter((value) => value instanceof Map);
}

function first(message: Message, field: string): Message {
  return messages(message, field)[0] ?? new Map<string, never>();
}

function scalar(message: Message, field: string): Scalar | undefined {
  const value = message.get(field)?.[0];
  return value instanceof Map ? undefined : (value as Scalar | undefined);
}

function text(message: Message, field: string): string {
  const value = scalar(message, field);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : (value ?? '');
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  BOOL: 'bool',
  INT64: 'int',
  UINT64: 'uint',
  DOUBLE: 'double',
  STRING: 'string',
  BYTES: 'bytes',
};

function typeOf(type: Message): string {
  const primitive = scalar(type, 'primitive');
  if (typeof primitive === 'string') return PRIMITIVES[primitive] ?? 'dyn';
  if (type.has('list_type')) return `list<${typeOf(first(first(type, 'list_type'), 'elem_type'))}>`;
  if (!type.has('map_type')) return 'dyn';
  const map = first(type, 'map_type');
  return `map<${typeOf(first(map, 'key_type'))}, ${typeOf(first(map, 'value_type'))}>`;
}

function valueOf(value: Message): unknown {
  const [field] = value.keys();
  const written = field === undefined ? undefined : scalar(value, field);
  switch (field) {
    case 'null_value':
      return null;
    case 'bool_value':
      return written === 'true';
    case 'int64_value':
      return BigInt(String(written));
    case 'uint64_value':
      return new UnsignedInt(BigInt(String(written)));
    case 'double_value':
      return doubleOf(String(written));
    case 'string_value':
      return text(value, field);
    case 'bytes_value':
      return written;
    case 'type_value':
      return typeNamed(text(value, field)) ?? text(value, field);
    case 'list_value':
      return messages(first(value, field), 'values').map(valueOf);
    case 'map_value':
      return new Map(
        messages(first(value, field), 'entries').map(
          (entry) => [keyOf(valueOf(first(entry, 'key'))), valueOf(first(entry, 'value'))] as const,
        ),
      );
    case 'object_value':
      return timeOf(first(value, field));
    default:
      return undefined;
  }
}

/** Moments and durations, the only messages that we have values for. */
function timeOf(message: Message): unknown {
  const [name = ''] = message.keys();
  const fields = first(message, name);
  const [seconds, nanoseconds] = [text(fields, 'seconds'), text(fields, 'nanos')].map((part) => BigInt(part === '' ? 0 : part));
  const total = (seconds ?? 0n) * 1_000_000_000n + (nanoseconds ?? 0n);
  if (name.includes('google.protobuf.Duration')) return new Duration(total);
  return name.includes('google.protobuf.Timestamp') ? new Date(Number(total / 1_000_000n)) : undefined;
}

function doubleOf(written: string): number {
  const lower = written.toLowerCase();
  if (lower === 'nan') return Number.NaN;
  return lower.includes('inf') ? (lower.startsWith('-') ? -Infinity : Infinity) : Number(written);
}
