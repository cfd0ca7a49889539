import type { Json, JsonObject } from '@tendril/plugin-api';
import { canonicalJson } from '../../canonical-json.ts';
import { toPointer } from '../pointer.ts';

/** How a schema is used: what comes in must not be asked more of, what goes out must not promise less. */
export type SchemaUse = 'input' | 'output';

type Schema = JsonObject | boolean;

const DEEPEST = 32;
/** Bounds, and which way they grow tighter. */
const BOUNDS = {
  minimum: 'up',
  exclusiveMinimum: 'up',
  minLength: 'up',
  minItems: 'up',
  minProperties: 'up',
  maximum: 'down',
  exclusiveMaximum: 'down',
  maxLength: 'down',
  maxItems: 'down',
  maxProperties: 'down',
} as const;
/** What is compared as a whole: whether one includes the other cannot be told from their text. */
const OPAQUE = [
  'anyOf',
  'oneOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'pattern',
  'format',
  'const',
  'dependentRequired',
  'patternProperties',
];

interface Side {
  readonly schema: Schema;
  readonly root: Schema;
}

/**
 * What breaks those who rely on a schema when another takes its place, in words with pointers; empty when nothing does. When in
 * doubt it breaks: parts that cannot be compared by their structure count when they differ.
 */
export function compareSchemas(from: Schema, to: Schema, use: SchemaUse): readonly string[] {
  const found: string[] = [];
  compare({ schema: from, root: from }, { schema: to, root: to }, { use, at: '', depth: 0, found });
  return found;
}

interface Place {
  readonly use: SchemaUse;
  readonly at: string;
  readonly depth: number;
  readonly found: string[];
}

function compare(before: Side, after: Side, place: Place): void {
  const from = resolved(before);
  const to = resolved(after);
  const { use, at, depth, found } = place;
  // The same text may name definitions that differ.
  if (canonicalJson(from) === canonicalJson(to) && !JSON.stringify(from).includes('"$ref"')) return;
  if (depth > DEEPEST) return;
  const report = (message: string): unknown => found.push(`${at === '' ? '/' : at}: ${message}`);
  compareTypes(from, to, use, report);
  compareValues(from, to, use, report);
  if (use === 'input') compareBounds(from, to, report);
  for (const keyword of OPAQUE)
    if (canonicalJson(from[keyword]) !== canonicalJson(to[keyword]) && (use === 'output' || to[keyword] !== undefined))
      report(`${keyword} is another`);
  compareMembers(from, to, use, report);
  const inner = (one: Json | undefined, other: Json | undefined, step: string): void =>
    compare(
      { ...before, schema: asSchema(one) },
      { ...after, schema: asSchema(other) },
      { ...place, at: `${at}${step}`, depth: depth + 1 },
    );
  const properties = asObject(from['properties']);
  const others = asObject(to['properties']);
  for (const name of Object.keys(properties)) if (Object.hasOwn(others, name)) inner(properties[name], others[name], toPointer(name));
  if (from['items'] !== undefined || to['items'] !== undefined) inner(from['items'], to['items'], '/*');
}

function compareTypes(from: JsonObject, to: JsonObject, use: SchemaUse, report: (message: string) => unknown): void {
  const [had, has] = [typesOf(from), typesOf(to)];
  const [narrow, wide] = use === 'input' ? [had, has] : [has, had];
  const isCovered = (type: string): boolean => wide.includes(type) || (type === 'integer' && wide.includes('number'));
  if (wide.length > 0 && (narrow.length === 0 || !narrow.every(isCovered)))
    report(`is ${has.join(' or ') || 'of any type'} instead of ${had.join(' or ') || 'of any type'}`);
}

function compareValues(from: JsonObject, to: JsonObject, use: SchemaUse, report: (message: string) => unknown): void {
  const [had, has] = [from['enum'], to['enum']];
  const [narrow, wide] = use === 'input' ? [had, has] : [has, had];
  if (!Array.isArray(wide)) return;
  const allowed = new Set(wide.map(canonicalJson));
  const missing = Array.isArray(narrow) ? narrow.filter((value) => !allowed.has(canonicalJson(value))) : undefined;
  if (missing === undefined) report(use === 'input' ? 'takes only some values now' : 'may be any value now');
  else if (missing.length > 0)
    report(`${use === 'input' ? 'no longer takes' : 'may also be'} ${missing.map((value) => JSON.stringify(value)).join(', ')}`);
}

function compareBounds(from: JsonObject, to: JsonObject, report: (message: string) => unknown): void {
  for (const [keyword, direction] of Object.entries(BOUNDS)) {
    const [had, has] = [from[keyword], to[keyword]];
    if (typeof has !== 'number') continue;
    const isTighter = typeof had !== 'number' || (direction === 'up' ? has > had : has < had);
    // At least nothing is what holds anyway.
    const isIdle = direction === 'up' && keyword.startsWith('min') && keyword !== 'minimum' && has <= 0;
    if (isTighter && !isIdle) report(`${keyword} is ${has}${typeof had === 'number' ? ` instead of ${had}` : ''}`);
  }
}

function compareMembers(from: JsonObject, to: JsonObject, use: SchemaUse, report: (message: string) => unknown): void {
  const [had, has] = [asObject(from['properties']), asObject(to['properties'])];
  const [needed, needs] = [namesIn(from['required']), namesIn(to['required'])];
  for (const name of Object.keys(had)) if (!Object.hasOwn(has, name)) report(`${name} is gone`);
  if (use === 'output') {
    for (const name of needed) if (Object.hasOwn(has, name) && !needs.has(name)) report(`${name} may be missing`);
    return;
  }
  for (const name of needs) {
    const hasDefault = asObject(has[name])['default'] !== undefined;
    if (!needed.has(name) && !hasDefault) report(`${name} is required`);
  }
  if (to['additionalProperties'] === false && from['additionalProperties'] !== false && typesOf(from).includes('object'))
    report('takes no other members any more');
}

/** A reference inside the schema leads to what it names; those that lead in circles end at the depth. */
function resolved({ schema, root }: Side): JsonObject {
  let current: Schema = schema;
  for (let hops = 0; hops < DEEPEST; hops += 1) {
    if (typeof current === 'boolean') return current ? {} : { not: {} };
    const reference = current['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith('#')) return current;
    const target = targetOf(root, reference.slice(1));
    if (target === undefined) return current;
    const { $ref: _reference, ...beside } = current;
    current = typeof target === 'boolean' ? target : { ...target, ...beside };
  }
  return typeof current === 'boolean' ? {} : current;
}

function targetOf(root: Schema, pointer: string): Schema | undefined {
  let current: Json | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    current = asObject(current)[name];
  }
  return typeof current === 'boolean' || (typeof current === 'object' && current !== null && !Array.isArray(current))
    ? (current as Schema)
    : undefined;
}

function typesOf(schema: JsonObject): readonly string[] {
  const type = schema['type'];
  return (Array.isArray(type) ? type : [type]).filter((one): one is string => typeof one === 'string');
}

function namesIn(value: Json | undefined): ReadonlySet<string> {
  return new Set(Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);
}

function asSchema(value: Json | undefined): Schema {
  return typeof value === 'boolean' ? value : asObject(value);
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
