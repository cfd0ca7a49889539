import type { Json, JsonObject } from '@tendril/plugin-api';

/** Schemas looked at in one pass, each as often as it is referred to. */
const MOST_STEPS = 2_000;

/** Keywords whose schemas are about the same value, and those whose schemas are about a part of it. */
const SAME_VALUE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas', 'dependencies'] as const;
const PARTS = [
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'contains',
  'contentSchema',
] as const;
const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'] as const;
/** Keywords that hold schemas by names of their own. */
const BY_NAME: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies']);

/** What checking against a schema costs, or why it must not be tried. */
export type SchemaCost = { readonly steps: number } | { readonly refusal: string };

/**
 * Finds what checking one value against a schema takes at most: schemas looked at for each of its parts. References that fan out
 * double the work with each, and one that leads back to its own value never ends: both are refused. A schema may refer back to
 * itself once, about a part of the value (a tree), which takes time in proportion to the value.
 */
export function costOfSchema(schema: JsonObject): SchemaCost {
  const anchors = new Map<string, JsonObject>();
  if (!collectAnchors(schema, schema, anchors)) return { refusal: 'no $id below the root' };
  // Schemas around the one looked at, with how many steps into the value led to them.
  const around = new Map<JsonObject, number>();
  const backReferences = new Set<JsonObject>();
  let steps = 0;

  function visit(value: Json | undefined, depth: number): string | undefined {
    if (!isSchema(value)) return undefined;
    steps += 1;
    if (steps > MOST_STEPS) return 'fewer schemas, or references that fan out less';
    around.set(value, depth);
    const found = visitReferences(value, depth) ?? visitKeywords(value, SAME_VALUE, depth) ?? visitKeywords(value, PARTS, depth + 1);
    around.delete(value);
    return found;
  }

  function visitReferences(holder: JsonObject, depth: number): string | undefined {
    for (const keyword of REFERENCES) {
      const reference = holder[keyword];
      if (typeof reference !== 'string') continue;
      const target = resolve(schema, anchors, reference);
      if (target === undefined) return 'references to places in the schema itself, such as #/$defs/address';
      const metAt = isSchema(target) ? around.get(target) : undefined;
      const found = metAt === undefined ? visit(target, depth) : refuseCircle(holder, metAt, depth);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function refuseCircle(holder: JsonObject, metAt: number, depth: number): string | undefined {
    if (metAt === depth) return 'no reference that leads back to the same value';
    backReferences.add(holder);
    return backReferences.size > 1 ? 'at most one reference to a schema around it' : undefined;
  }

  function visitKeywords(holder: JsonObject, keywords: readonly string[], depth: number): string | undefined {
    for (const keyword of keywords) {
      for (const each of schemasOf(keyword, holder[keyword])) {
        const found = visit(each, depth);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  const refusal = visit(schema, 0);
  return refusal === undefined ? { steps } : { refusal };
}

/** How many values a value is made of, itself among them. */
export function countParts(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const part of Object.values(value)) count += countParts(part);
  return count;
}

function schemasOf(keyword: string, value: Json | undefined): readonly (Json | undefined)[] {
  if (Array.isArray(value)) return value as readonly Json[];
  return isSchema(value) && BY_NAME.has(keyword) ? Object.values(value) : [value];
}

function isSchema(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns whether the schema is one resource: references would mean something else below an `$id` of its own */
function collectAnchors(value: Json | undefined, root: JsonObject, anchors: Map<string, JsonObject>): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (isSchema(value)) {
    const { $id: id, $anchor: anchor, $dynamicAnchor: dynamicAnchor } = value;
    if (typeof id === 'string' && value !== root) return false;
    if (typeof id === 'string') anchors.set(id.replace(/#$/, ''), value);
    for (const name of [anchor, dynamicAnchor]) if (typeof name === 'string') anchors.set(`#${name}`, value);
  }
  return Object.values(value).every((member: Json | undefined) => collectAnchors(member, root, anchors));
}

/** @returns undefined where the reference leads out of the schema, or nowhere */
function resolve(root: JsonObject, anchors: ReadonlyMap<string, JsonObject>, reference: string): Json | undefined {
  const [base = '', fragment = ''] = reference.split('#', 2);
  if (base !== '' && anchors.get(base) !== root) return undefined;
  if (fragment === '') return root;
  if (!fragment.startsWith('/')) return anchors.get(`#${fragment}`);
  let value: Json | undefined = root;
  for (const part of fragment.slice(1).split('/')) {
    const name = decode(part).replaceAll('~1', '/').replaceAll('~0', '~');
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
  }
  return value;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
