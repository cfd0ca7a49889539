import type { Json, JsonObject } from '@tendril/plugin-api';

/** What a schema of an account may say: shapes and words, nothing that costs or refers. */
const KEYWORDS = new Set([
  'title',
  'description',
  'enum',
  'const',
  'format',
  'default',
  'examples',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
]);
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
const DEEPEST = 5;
const MOST_PROPERTIES = 2_000;

/**
 * The part of a JSON Schema that an action of a plugin gave which is safe to check pipelines with. What is not understood is
 * left out: the field is then of any shape.
 */
export function plainSchema(schema: unknown, depth = 0): JsonObject {
  if (!isObject(schema) || depth > DEEPEST) return {};
  const plain: Record<string, Json> = {};
  for (const [name, value] of Object.entries(schema)) if (KEYWORDS.has(name) && value !== undefined) plain[name] = value;
  const types = [schema['type'] ?? []].flat().filter((type): type is string => typeof type === 'string' && TYPES.has(type));
  if (types.length > 0) plain['type'] = types.length === 1 ? (types[0] ?? 'string') : types;
  if (isObject(schema['items'])) plain['items'] = plainSchema(schema['items'], depth + 1);
  if (isObject(schema['properties'])) {
    plain['properties'] = Object.fromEntries(
      Object.entries(schema['properties'])
        .slice(0, MOST_PROPERTIES)
        .map(([name, property]) => [name, plainSchema(property, depth + 1)]),
    );
    if (schema['additionalProperties'] === false) plain['additionalProperties'] = false;
    const { required } = schema;
    if (Array.isArray(required)) plain['required'] = required.filter((name): name is string => typeof name === 'string');
  }
  return plain;
}

/** Whether it has members. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
