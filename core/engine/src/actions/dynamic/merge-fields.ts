import type { Json, JsonObject } from '@tendril/plugin-api';
import type { DynamicField } from '../../hub.ts';
import { isObject, plainSchema } from './plain-schema.ts';

/**
 * A schema of input with what is known of one account put in: `fields` become properties at their pointer, `choices` an
 * `enum`. Pointers that lead nowhere change nothing.
 */
export function mergeFields(input: JsonObject, fields: readonly DynamicField[]): JsonObject {
  let merged = input;
  for (const field of fields) merged = mergeAt(merged, tokensOf(field.pointer), field);
  return merged;
}

function mergeAt(schema: JsonObject, path: readonly string[], field: DynamicField): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined) return mergeHere(schema, field);
  const properties = isObject(schema['properties']) ? schema['properties'] : undefined;
  const inner = properties?.[name];
  if (properties === undefined || !isObject(inner)) return schema;
  return { ...schema, properties: { ...properties, [name]: mergeAt(inner, rest, field) } };
}

function mergeHere(schema: JsonObject, { as, items = [], schema: extra }: DynamicField): JsonObject {
  if (as === 'choices') {
    // A list takes each of the choices.
    if (schema['type'] === 'array' && isObject(schema['items']))
      return { ...schema, items: { ...schema['items'], enum: items.map(({ value }) => value) } };
    return items.length === 0 ? schema : { ...schema, enum: items.map(({ value }) => value) };
  }
  const plain = plainSchema(extra);
  const own = isObject(schema['properties']) ? schema['properties'] : {};
  const added = isObject(plain['properties']) ? plain['properties'] : {};
  const required = [...new Set([...namesIn(schema['required']), ...namesIn(plain['required'])])];
  const { additionalProperties } = { ...schema, ...plain };
  return {
    ...schema,
    properties: { ...added, ...own },
    ...(required.length > 0 && { required }),
    ...(additionalProperties !== undefined && { additionalProperties }),
  };
}

function namesIn(required: Json | undefined): readonly string[] {
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}

function tokensOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
