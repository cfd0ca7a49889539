import type { Json, JsonObject } from '@tendril/plugin-api';
import { isObject, listOf, objectOf } from './json-values.ts';

const DEEPEST = 6;
const LONGEST = 1_000;
const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-15',
  'date-time': '2026-01-15T12:00:00Z',
  email: 'ada@example.invalid',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.invalid/',
};

/** A small value that matches a schema of ours; `undefined` where none is found. @param whole holds the definitions */
export function sampleOf(schema: JsonObject, whole: JsonObject, depth = 0): Json | undefined {
  const reference = schema['$ref'];
  if (depth > DEEPEST) return undefined;
  if (typeof reference === 'string') return sampleOf(definitionOf(reference, whole), whole, depth + 1);
  if (schema['const'] !== undefined) return schema['const'];
  const values = listOf(schema['enum']) as readonly Json[];
  if (values.length > 0) return values[0];
  const choices = listOf(schema['anyOf']).map(objectOf);
  if (choices.length > 0) return choices.map((choice) => sampleOf(choice, whole, depth + 1)).find((value) => value !== undefined);
  if (Array.isArray(schema['allOf'])) return undefined;
  const [type] = [schema['type'] ?? 'string'].flat();
  if (type === 'object') return sampleObject(schema, whole, depth);
  if (type === 'array') return sampleList(schema, whole, depth);
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return sampleNumber(schema);
  return type === 'string' ? sampleText(schema) : null;
}

/** Required members only. */
function sampleObject(schema: JsonObject, whole: JsonObject, depth: number): JsonObject | undefined {
  const properties = objectOf(schema['properties']);
  const required = listOf(schema['required']) as readonly string[];
  const made: Record<string, Json> = {};
  for (const name of required) {
    const value = sampleOf(objectOf(properties[name]), whole, depth + 1);
    if (value === undefined) return undefined;
    made[name] = value;
  }
  return made;
}

function sampleList(schema: JsonObject, whole: JsonObject, depth: number): readonly Json[] | undefined {
  const count = numberOr(schema['minItems'], 0);
  if (count === 0) return [];
  const item = sampleOf(objectOf(schema['items']), whole, depth + 1);
  return item === undefined || count > 10 ? undefined : Array.from({ length: count }, () => item);
}

function sampleNumber({ minimum, exclusiveMinimum, maximum, multipleOf }: JsonObject): number | undefined {
  const least = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : numberOr(minimum, Math.min(1, numberOr(maximum, 1)));
  const value = typeof multipleOf === 'number' ? Math.ceil(least / multipleOf) * multipleOf : Math.ceil(least);
  return value <= numberOr(maximum, value) ? value : undefined;
}

function sampleText({ format, pattern, minLength, maxLength }: JsonObject): string | undefined {
  if (typeof pattern === 'string') return ['1', '100001', 'text', 'a'].find((text) => new RegExp(pattern, 'u').test(text));
  const known = typeof format === 'string' ? FORMATS[format] : undefined;
  if (known !== undefined) return known;
  const least = numberOr(minLength, 0);
  const most = numberOr(maxLength, LONGEST);
  return least > LONGEST ? undefined : 'text'.padEnd(least, 'x').slice(0, Math.max(least, most));
}

/** Whether a value matches a schema of ours, as far as types, names and choices go. */
export function conforms(value: Json | undefined, schema: JsonObject, whole: JsonObject, depth = 0): boolean {
  const reference = schema['$ref'];
  if (value === undefined || depth > DEEPEST * 2) return false;
  if (typeof reference === 'string') return conforms(value, definitionOf(reference, whole), whole, depth + 1);
  if (schema['const'] !== undefined && schema['const'] !== value) return false;
  const values = listOf(schema['enum']);
  if (values.length > 0 && !values.includes(value)) return false;
  const choices = listOf(schema['anyOf']).map(objectOf);
  if (choices.length > 0 && !choices.some((choice) => conforms(value, choice, whole, depth + 1))) return false;
  if (
    ['pattern', 'format', 'allOf', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum'].some(
      (keyword) => keyword in schema,
    )
  )
    return false;
  const types = [schema['type'] ?? []].flat();
  if (types.length > 0 && !types.some((type) => type === typeOf(value) || (type === 'number' && typeof value === 'number'))) return false;
  if (Array.isArray(value)) return (value as readonly Json[]).every((item) => conforms(item, objectOf(schema['items']), whole, depth + 1));
  return !isObject(value) || conformsAsObject(value, schema, whole, depth);
}

function conformsAsObject(value: JsonObject, schema: JsonObject, whole: JsonObject, depth: number): boolean {
  const properties = objectOf(schema['properties']);
  const others = schema['additionalProperties'];
  if ((listOf(schema['required']) as readonly string[]).some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, member]) => {
    if (Object.hasOwn(properties, name)) return conforms(member, objectOf(properties[name]), whole, depth + 1);
    return others !== false && (!isObject(others) || conforms(member, others, whole, depth + 1));
  });
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function definitionOf(reference: string, whole: JsonObject): JsonObject {
  return objectOf(objectOf(whole['$defs'])[reference.slice('#/$defs/'.length)]);
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
