import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { Duration } from './duration-value.ts';

/** What a value of an expression is. */
export type Kind = 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'list' | 'map' | 'timestamp' | 'duration' | 'type';

/** A type as a value: what `type(x)` gives. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const CEL_NAMES: Readonly<Record<Kind, string>> = {
  null: 'null_type',
  bool: 'bool',
  int: 'int',
  uint: 'uint',
  double: 'double',
  string: 'string',
  bytes: 'bytes',
  list: 'list',
  map: 'map',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  type: 'type',
};

const TYPES: ReadonlyMap<string, TypeValue> = new Map(Object.values(CEL_NAMES).map((name) => [name, new TypeValue(name)]));

/** The type that a name in an expression stands for. */
export function typeNamed(name: string): TypeValue | undefined {
  return TYPES.get(name);
}

/** The type of a value. */
export function typeOfValue(value: unknown): TypeValue | undefined {
  const kind = kindOf(value);
  return kind === undefined ? undefined : TYPES.get(CEL_NAMES[kind]);
}

/** The kind of a value; `undefined` for what no expression can hold: functions, instances of classes. */
export function kindOf(value: unknown): Kind | undefined {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'double';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'object':
      return value === null ? 'null' : kindOfObject(value);
    default:
      return undefined;
  }
}

// Never by `value.constructor`: a property of that name may be the application's own.
function kindOfObject(value: object): Kind | undefined {
  if (Array.isArray(value)) return 'list';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || value instanceof Map) return 'map';
  if (value instanceof Date) return 'timestamp';
  if (value instanceof Duration) return 'duration';
  if (value instanceof UnsignedInt) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  return value instanceof TypeValue ? 'type' : undefined;
}

/** The kind of a value as messages name it. */
export function kindInWords(value: unknown): string {
  return kindOf(value) ?? 'unsupported value';
}
