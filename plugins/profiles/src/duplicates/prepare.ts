import type { Field, FieldKind, PersonRecord } from './fields.ts';
import { normalise } from './normalise.ts';

/** A person whose values were made comparable once; `values` stand in the order of the fields, empty where missing. */
export interface PreparedRecord {
  readonly id: string;
  readonly values: readonly string[];
}

/** Makes a person comparable. A full name fills given name and surname where both are fields and neither is known. */
export function prepareRecord({ id, values }: PersonRecord, fields: readonly Field[]): PreparedRecord {
  const prepared = fields.map(({ name, kind }) => normalise(kind, valueAt(values, name)));
  fillNames(prepared, fields, values);
  return { id, values: prepared };
}

/** Where the first field of a kind stands; -1 without one. */
export function placeOf(fields: readonly Field[], kind: FieldKind): number {
  return fields.findIndex((field) => field.kind === kind);
}

function valueAt(values: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(values, name)) return values[name];
  let value: unknown = values;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

function fillNames(prepared: string[], fields: readonly Field[], values: Readonly<Record<string, unknown>>): void {
  const [given, surname, full] = [placeOf(fields, 'givenName'), placeOf(fields, 'surname'), placeOf(fields, 'fullName')];
  if (given === -1 || surname === -1 || full === -1) return;
  const written = valueAt(values, fields[full]?.name ?? '');
  if (prepared[given] === '' && prepared[surname] === '' && typeof written === 'string') {
    const [first, last] = splitName(written);
    prepared[given] = normalise('givenName', first);
    prepared[surname] = normalise('surname', last);
  }
  // What given name and surname have said already is not said again.
  if (prepared[given] !== '' || prepared[surname] !== '') prepared[full] = '';
}

function splitName(written: string): readonly [string, string] {
  const name = written.slice(0, 200);
  const comma = name.indexOf(',');
  if (comma > 0) return [name.slice(comma + 1), name.slice(0, comma)];
  const words = name.trim().split(/\s+/);
  return words.length < 2 ? [name, ''] : [words.slice(0, -1).join(' '), words.at(-1) ?? ''];
}
