import type { Json, JsonObject } from '@tendril/plugin-api';

const MAX_DEPTH = 8;
const TEXTS: Readonly<Record<string, string>> = {
  'date-time': '2030-01-31T09:00:00Z',
  date: '2030-01-31',
  time: '09:00:00Z',
  email: 'person@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * A plausible value of a JSON Schema: its own constant, default or example first, the smallest value that fits otherwise.
 * Only required members are filled in. References are followed inside the schema; patterns are not.
 */
export function sampleOf(schema: JsonObject): Json {
  return sample(schema, schema, 0);
}

function sample(schema: JsonObject, root: JsonObject, depth: number): Json {
  if (schema['const'] !== undefined) return schema['const'];
  if (schema['default'] !== undefined) return schema['default'];
  const [example] = asList(schema['examples']);
  if (example !== undefined) return example;
  const [choice] = asList(schema['enum']);
  if (choice !== undefined) return choice;
  const target = typeof schema['$ref'] === 'string' ? resolve(root, schema['$ref']) : undefined;
  if (target !== undefined) return depth > MAX_DEPTH ? null : sample(target, root, depth + 1);
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
    const [first] = asList(schema[keyword]);
    if (isObject(first) && schema['type'] === undefined) return sample(first, root, depth + 1);
  }
  return ofType(schema, root, depth);
}

function ofType(schema: JsonObject, root: JsonObject, depth: number): Json {
  const [type] = Array.isArray(schema['type']) ? (schema['type'] as readonly Json[]) : [schema['type']];
  switch (type) {
    case 'string':
      return TEXTS[typeof schema['format'] === 'string' ? schema['format'] : ''] ?? 'text'.padEnd(Number(schema['minLength'] ?? 0), 'x');
    case 'integer':
    case 'number':
      return Number(schema['minimum'] ?? Number(schema['exclusiveMinimum'] ?? -1) + 1);
    case 'boolean':
      return true;
    case 'array':
      return Array.from({ length: depth > MAX_DEPTH ? 0 : Math.min(Number(schema['minItems'] ?? 0), 10) }, () =>
        isObject(schema['items']) ? sample(schema['items'], root, depth + 1) : null,
      );
    case 'null':
      return null;
    default:
      return depth > MAX_DEPTH ? {} : objectOf(schema, root, depth);
  }
}

function objectOf(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = asList(schema['required']).map(String);
  return Object.fromEntries(
    required.map((name) => {
      const member = properties[name];
      return [name, isObject(member) ? sample(member, root, depth + 1) : null];
    }),
  );
}

function resolve(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith('#/')) return undefined;
  let current: Json | undefined = root;
  for (const part of reference.slice(2).split('/')) {
    if (!isObject(current)) return undefined;
    current = current[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return isObject(current) ? current : undefined;
}

function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
