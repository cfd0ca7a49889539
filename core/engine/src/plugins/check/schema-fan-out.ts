import type { Json, JsonObject } from '@tendril/plugin-api';

/** Schemas looked at for one value and its parts, each as often as it is referred to. */
const MOST_STEPS = 20_000;
const SAME_VALUE = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas']);
const BY_NAME = new Set(['properties', 'patternProperties', 'dependentSchemas']);
const PARTS = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'items',
  'prefixItems',
  'unevaluatedItems',
  'contains',
]);
const BASE = 'tendril-plugin:/plugin.json';

interface Resource {
  readonly root: JsonObject;
  readonly base: string;
}

/**
 * Why checking a value against a schema might never end; `undefined` when it takes time in proportion to the value. References
 * that fan out double the work with each, one that leads back to its own value never ends, and two that lead back from the same
 * part double the work with each level of the value.
 */
export function fanOutOf(schema: JsonObject | boolean): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  const resources = new Map<string, JsonObject>();
  collect(schema, resources);
  const around = new Map<JsonObject, string>();
  const back = new Set<string>();
  let steps = 0;

  function visit(value: Json | undefined, part: string, resource: Resource): string | undefined {
    if (!isObject(value)) return undefined;
    steps += 1;
    if (steps > MOST_STEPS) return `refers to more than ${MOST_STEPS} schemas, each counted as often as it is referred to`;
    const id = value['$id'];
    const inside = typeof id === 'string' ? { root: value, base: absolute(id, resource.base) } : resource;
    around.set(value, part);
    const found = follow(value, part, inside) ?? visitMembers(value, part, inside);
    around.delete(value);
    return found;
  }

  function follow(holder: JsonObject, part: string, resource: Resource): string | undefined {
    const reference = holder['$ref'] ?? holder['$dynamicRef'];
    if (typeof reference !== 'string') return undefined;
    const target = resolve(reference, resource, resources);
    // One that leads nowhere is the compiler's to refuse.
    if (target === undefined) return undefined;
    const metAt = around.get(target.root);
    if (metAt === undefined) return visit(target.root, part, target.resource);
    if (metAt === part) return 'refers to itself about the same value, without an end';
    const mark = `${part} ${reference}`;
    if (back.has(mark)) return 'refers back to itself more than once about the same part';
    back.add(mark);
    return undefined;
  }

  function visitMembers(holder: JsonObject, part: string, resource: Resource): string | undefined {
    for (const [keyword, member] of Object.entries(holder)) {
      const isPart = PARTS.has(keyword);
      if (!isPart && !SAME_VALUE.has(keyword)) continue;
      const isNamed = BY_NAME.has(keyword) && isObject(member);
      const all: readonly (readonly [string, Json | undefined])[] = isNamed
        ? Object.entries(member)
        : [member].flat().map((one) => ['', one as Json] as const);
      for (const [name, each] of all) {
        const found = visit(each, isPart ? `${part}/${keyword === 'properties' ? name : keyword}` : part, resource);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  return visit(schema, '', { root: schema, base: BASE });
}

function collect(value: Json | undefined, resources: Map<string, JsonObject>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isObject(value) && typeof value['$id'] === 'string') resources.set(absolute(value['$id'], BASE), value);
  for (const member of Object.values(value)) collect(member, resources);
}

function resolve(
  reference: string,
  resource: Resource,
  resources: ReadonlyMap<string, JsonObject>,
): { readonly root: JsonObject; readonly resource: Resource } | undefined {
  const [file = '', fragment = ''] = reference.split('#', 2);
  const base = file === '' ? resource.base : absolute(file, resource.base);
  const root = file === '' ? resource.root : resources.get(base);
  let value: Json | undefined = root;
  for (const step of fragment.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
  }
  return isObject(value) && root !== undefined ? { root: value, resource: { root, base } } : undefined;
}

function absolute(reference: string, base: string): string {
  return URL.parse(reference, base)?.href ?? reference;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
