import { followReferences } from './schema-documents.ts';
import type { PlacedSchema, Schema } from './schema-documents.ts';

export type { Schema } from './schema-documents.ts';

/** Something that one schema takes and another one does not. */
export interface SchemaRefusal {
  /** JSON pointer into the values that the schemas describe; `/*` for each item or any other member. */
  readonly pointer: string;
  /** Name of the rule in the table, which says what differs. */
  readonly rule: SchemaRule;
  readonly message: string;
}

/** Which values are looked at. */
export interface ComparisonOptions {
  /** Members that only `from` knows do no harm: whoever reads values goes by those that he knows. */
  readonly ignoresNewMembers?: boolean;
  /** Members that `to` names and `from` does not name any more count: whoever reads values looks for them. */
  readonly keepsMembers?: boolean;
  /** A missing member for which `to` has a default is filled in. */
  readonly fillsDefaults?: boolean;
}

type Members = Readonly<Record<string, unknown>>;
interface Rule {
  readonly name: string;
  /** What `to` refuses at this place and `from` takes, in sentences. */
  readonly find: (from: Members, to: Members, options: ComparisonOptions) => readonly string[];
}

/** What can make a schema refuse values that another one takes, keyword by keyword. */
export const SCHEMA_RULES = [
  { name: 'type', find: narrowedTypes },
  { name: 'values', find: narrowedValues },
  { name: 'required', find: newlyRequired },
  { name: 'closed', find: closed },
  { name: 'gone', find: gone },
  {
    name: 'lower-bound',
    find: (from, to) => LOWER_BOUNDS.flatMap((keyword) => bound(from, to, keyword, (before, after) => after > before)),
  },
  {
    name: 'upper-bound',
    find: (from, to) => UPPER_BOUNDS.flatMap((keyword) => bound(from, to, keyword, (before, after) => after < before)),
  },
  { name: 'form', find: (from, to) => FORMS.flatMap((keyword) => another(from, to, keyword)) },
  {
    name: 'unique',
    find: (from, to) => (to['uniqueItems'] === true && from['uniqueItems'] !== true ? ['its items have to be different now'] : []),
  },
  { name: 'condition', find: (from, to) => CONDITIONS.flatMap((keyword) => another(from, to, keyword)) },
] as const satisfies readonly Rule[];

/** Name of a rule. */
export type SchemaRule = (typeof SCHEMA_RULES)[number]['name'] | 'choice' | 'nothing';

const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'];
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'];
const FORMS = ['pattern', 'format', 'multipleOf', 'contentEncoding', 'contentMediaType'];
// What these take cannot be compared: a change of them counts.
const CONDITIONS = [
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'unevaluatedItems',
];
const DEEPEST = 32;
const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string'];

/**
 * What `from` takes and `to` refuses. Compares keyword by keyword: what it does not find is the same or wider; conditions
 * that differ count as narrower.
 */
export function refusalsOf(from: Schema, to: Schema, options: ComparisonOptions = {}): readonly SchemaRefusal[] {
  const comparison: Comparison = { from, to, options, found: [] };
  compare(comparison, { schema: from, file: '' }, { schema: to, file: '' }, { pointer: '', depth: 0 });
  return comparison.found;
}

interface Comparison {
  readonly from: Schema;
  readonly to: Schema;
  readonly options: ComparisonOptions;
  readonly found: SchemaRefusal[];
}

interface Place {
  readonly pointer: string;
  readonly depth: number;
}

function compare(comparison: Comparison, fromPlaced: PlacedSchema, toPlaced: PlacedSchema, place: Place): void {
  const from = followReferences(comparison.from, fromPlaced);
  const to = followReferences(comparison.to, toPlaced);
  // A schema that refers to itself is compared once around.
  if (from === undefined || to === undefined || place.depth > DEEPEST || from.schema === false || takesAll(to.schema)) return;
  if (to.schema === false) {
    comparison.found.push({ pointer: place.pointer, rule: 'nothing', message: 'nothing is taken here any more' });
    return;
  }
  const before = from.schema === true ? {} : from.schema;
  const after = to.schema as Members;
  if (compareChoices(comparison, { from, to }, { before, after }, place)) return;
  for (const { name, find } of SCHEMA_RULES)
    for (const message of find(before, after, comparison.options)) comparison.found.push({ pointer: place.pointer, rule: name, message });
  descend(comparison, { from: { schema: before, file: from.file }, to: { schema: after, file: to.file } }, place);
}

interface Pair {
  readonly from: PlacedSchema;
  readonly to: PlacedSchema;
}

/** Each alternative of the one has to be taken by an alternative of the other. @returns whether there are any */
function compareChoices(
  comparison: Comparison,
  { from, to }: Pair,
  { before, after }: { readonly before: Members; readonly after: Members },
  place: Place,
): boolean {
  const choices = (members: Members, placed: PlacedSchema): readonly PlacedSchema[] | undefined => {
    const found = members['anyOf'] ?? members['oneOf'];
    if (!Array.isArray(found)) return undefined;
    const { anyOf: _any, oneOf: _one, ...shared } = members;
    return found.map((choice: unknown) => ({
      schema: typeof choice === 'object' ? { ...shared, ...choice } : (choice as Schema),
      file: placed.file,
    }));
  };
  const taken = choices(after, to);
  const given = choices(before, from);
  if (taken === undefined && given === undefined) return false;
  for (const [index, one] of (given ?? [{ schema: before, file: from.file }]).entries()) {
    const isTaken = (taken ?? [{ schema: after, file: to.file }]).some((other) => {
      const found: SchemaRefusal[] = [];
      compare({ ...comparison, found }, one, other, { pointer: place.pointer, depth: place.depth + 1 });
      return found.length === 0;
    });
    if (!isTaken)
      comparison.found.push({
        pointer: place.pointer,
        rule: 'choice',
        message: `none of its alternatives takes what alternative ${String(index + 1)} took`,
      });
  }
  return true;
}

function descend(comparison: Comparison, { from, to }: Pair, { pointer, depth }: Place): void {
  const [before, after] = [from.schema as Members, to.schema as Members];
  const [given, taken] = [membersOf(before['properties']), membersOf(after['properties'])];
  const go = (one: unknown, other: unknown, name: string): void => {
    compare(
      comparison,
      { schema: schemaOf(one), file: from.file },
      { schema: schemaOf(other), file: to.file },
      { pointer: `${pointer}/${escaped(name)}`, depth: depth + 1 },
    );
  };
  for (const [name, other] of Object.entries(taken)) {
    const isNew = !Object.hasOwn(given, name);
    // What `from` says of members that it does not name: usually nothing, so that nobody relied on it.
    if (!isNew) go(given[name], other, name);
  }
  if (isSchemaObject(after['additionalProperties']) && before['additionalProperties'] !== false)
    go(before['additionalProperties'], after['additionalProperties'], '*');
  if (after['items'] !== undefined) go(before['items'], after['items'], '*');
  const [tuple, otherTuple] = [before['prefixItems'], after['prefixItems']];
  if (Array.isArray(otherTuple))
    for (const [index, other] of otherTuple.entries()) go(Array.isArray(tuple) ? tuple[index] : before['items'], other, String(index));
}

function narrowedTypes(from: Members, to: Members): readonly string[] {
  const taken = typesOf(to);
  if (taken === undefined) return [];
  const lost = (typesOf(from) ?? TYPES).filter((type) => !taken.includes(type) && !(type === 'integer' && taken.includes('number')));
  return lost.length === 0 ? [] : [`${lost.join(', ')} ${lost.length === 1 ? 'is' : 'are'} not taken any more`];
}

function typesOf({ type, ...rest }: Members): readonly string[] | undefined {
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  const values = valuesOf(rest);
  return values === undefined ? undefined : [...new Set(values.map(typeOf))];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function narrowedValues(from: Members, to: Members): readonly string[] {
  const taken = valuesOf(to)?.map((value) => JSON.stringify(value));
  if (taken === undefined) return [];
  const given = valuesOf(from);
  if (given === undefined) return [`only ${taken.join(', ')} ${taken.length === 1 ? 'is' : 'are'} taken now`];
  const lost = given.map((value) => JSON.stringify(value)).filter((value) => !taken.includes(value));
  return lost.length === 0 ? [] : [`${lost.join(', ')} ${lost.length === 1 ? 'is' : 'are'} not taken any more`];
}

function valuesOf(members: Members): readonly unknown[] | undefined {
  if (Object.hasOwn(members, 'const')) return [members['const']];
  return Array.isArray(members['enum']) ? members['enum'] : undefined;
}

function newlyRequired(from: Members, to: Members, { fillsDefaults = false }: ComparisonOptions): readonly string[] {
  const before = namesIn(from['required']);
  const properties = membersOf(to['properties']);
  const isFilled = (name: string): boolean =>
    fillsDefaults && isSchemaObject(properties[name]) && Object.hasOwn(properties[name], 'default');
  return namesIn(to['required'])
    .filter((name) => !before.includes(name) && !isFilled(name))
    .map((name) => `${name} is required now`);
}

function closed(from: Members, to: Members, { ignoresNewMembers = false }: ComparisonOptions): readonly string[] {
  if (ignoresNewMembers || to['additionalProperties'] !== false) return [];
  const taken = membersOf(to['properties']);
  const lost = Object.entries(membersOf(from['properties'])).filter(([name, schema]) => schema !== false && !Object.hasOwn(taken, name));
  const isNewlyClosed = from['additionalProperties'] !== false && mayBeObject(from);
  return [
    ...lost.map(([name]) => `${name} is not taken any more`),
    ...(isNewlyClosed ? ['members that it does not name are not taken any more'] : []),
  ];
}

function gone(from: Members, to: Members, { keepsMembers = false }: ComparisonOptions): readonly string[] {
  if (!keepsMembers) return [];
  const given = membersOf(from['properties']);
  const lost = Object.keys(membersOf(to['properties'])).filter((name) => !Object.hasOwn(given, name));
  return lost.map((name) => `${name} is gone`);
}

function mayBeObject(members: Members): boolean {
  return typesOf(members)?.includes('object') ?? true;
}

function bound(from: Members, to: Members, keyword: string, isNarrower: (before: number, after: number) => boolean): readonly string[] {
  const [before, after] = [from[keyword], to[keyword]];
  if (typeof after !== 'number') return [];
  // A bound that says nothing: nothing is shorter than that.
  if (typeof before !== 'number')
    return keyword.startsWith('min') && after === 0 && keyword !== 'minimum' ? [] : [`${keyword} is ${String(after)} now`];
  return isNarrower(before, after) ? [`${keyword} is ${String(after)} now, and was ${String(before)}`] : [];
}

function another(from: Members, to: Members, keyword: string): readonly string[] {
  if (to[keyword] === undefined || JSON.stringify(from[keyword]) === JSON.stringify(to[keyword])) return [];
  const text = typeof to[keyword] === 'object' ? '' : ` ${JSON.stringify(to[keyword])}`;
  return [from[keyword] === undefined ? `${keyword}${text} is new` : `${keyword}${text} is another one now`];
}

function takesAll(schema: Schema): boolean {
  return schema === true || (typeof schema === 'object' && Object.keys(schema).length === 0);
}

function schemaOf(value: unknown): Schema {
  return typeof value === 'boolean' || isSchemaObject(value) ? value : true;
}

function isSchemaObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: unknown): Members {
  return isSchemaObject(value) ? value : {};
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
