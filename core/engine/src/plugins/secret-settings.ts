import type { Json, JsonObject } from '@tendril/plugin-api';
import { toPointer, valueAt } from './pointer.ts';

/** Stands for a secret that is stored. Given back it means that the secret stays. */
export const SECRET_MASK = '********';

const DEEPEST = 16;

/** Settings as they may be shown: secrets (`writeOnly`, `x-secret`, `format: password`) are masked. */
export function maskSecrets(schema: unknown, settings: JsonObject): JsonObject {
  return mapSecrets(schema, settings, () => SECRET_MASK);
}

/** Settings as they are to be stored: what was given back masked is what is stored. One that is masked and not stored is left out. */
export function unmaskSecrets(schema: unknown, given: JsonObject, stored: JsonObject): JsonObject {
  return mapSecrets(schema, given, (value, pointer) => (value === SECRET_MASK ? valueAt(stored, pointer) : value));
}

/** What stands in place of a secret; `undefined` leaves it out. */
type Replace = (value: Json, pointer: string) => unknown;

function mapSecrets(schema: unknown, settings: JsonObject, replace: Replace): JsonObject {
  const mapped = mapValue({ schema, root: schema, value: settings, pointer: '', depth: 0 }, replace);
  return isObject(mapped) ? mapped : settings;
}

interface Place {
  readonly schema: unknown;
  readonly root: unknown;
  readonly value: Json;
  readonly pointer: string;
  readonly depth: number;
}

function mapValue({ schema: written, root, value, pointer, depth }: Place, replace: Replace): Json | undefined {
  const schema = followed(written, root);
  if (schema === undefined || depth > DEEPEST) return value;
  if (isSecret(schema)) return replace(value, pointer) as Json | undefined;
  const inner = (part: unknown, member: Json, name: string | number): Json | undefined =>
    mapValue({ schema: part, root, value: member, pointer: `${pointer}${toPointer(name)}`, depth: depth + 1 }, replace);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => inner(schema['items'], item, index) ?? null);
  if (!isObject(value)) return value;
  const { properties, additionalProperties } = schema;
  const known = isObject(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const part = Object.hasOwn(known, name) ? known[name] : additionalProperties;
      const mapped = member === undefined ? undefined : inner(part, member, name);
      return mapped === undefined ? [] : [[name, mapped] as const];
    }),
  );
}

function isSecret(schema: JsonObject): boolean {
  return schema['writeOnly'] === true || schema['x-secret'] === true || schema['format'] === 'password';
}

/** Where a reference inside the schema leads. */
function followed(schema: unknown, root: unknown): JsonObject | undefined {
  let current: unknown = schema;
  for (let hops = 0; hops < DEEPEST && isObject(current); hops += 1) {
    const reference = current['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith('#')) return current;
    current = valueAt(root, reference.slice(1));
  }
  return undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
