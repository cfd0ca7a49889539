import type { Json, JsonObject } from '../../../api/types.ts';

/** One of the values that a setting takes. */
export interface SettingOption {
  readonly value: Json;
  readonly title: string;
}

interface Named {
  /** JSON pointer into the settings; also the key of what is typed. */
  readonly pointer: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
}

/** A setting that is typed or chosen. `list` is a value a line; `json` is whatever has no input of its own. */
export interface SettingLeaf extends Named {
  readonly kind: 'text' | 'secret' | 'number' | 'integer' | 'boolean' | 'choice' | 'list' | 'json';
  readonly options: readonly SettingOption[];
  readonly fallback: Json | undefined;
}

/** Settings that stand together in an object. */
export interface SettingGroup extends Named {
  readonly kind: 'group';
  readonly settings: readonly Setting[];
}

/** A setting of a plugin as its JSON Schema describes it. */
export type Setting = SettingLeaf | SettingGroup;

const DEEPEST = 4;

/** Reads what a schema asks for; one setting with all of it where nothing else can be drawn, none where it takes none. */
export function readSettings(schema: JsonObject): readonly Setting[] {
  if (isDrawable(schema)) return readMembers(schema, { root: schema, pointer: '', depth: 0 });
  const isNothing = Object.keys(schema).every((key) =>
    ['type', 'title', 'description', 'additionalProperties', 'properties'].includes(key),
  );
  if (isNothing && (schema['additionalProperties'] === false || schema['properties'] === undefined)) return [];
  return [toLeaf({ pointer: '', name: '', title: 'Settings', description: '', schema, isRequired: true }, schema)];
}

interface Whereabouts {
  readonly root: JsonObject;
  readonly pointer: string;
  readonly depth: number;
}

function readMembers(schema: JsonObject, { root, pointer, depth }: Whereabouts): readonly Setting[] {
  const required = isList(schema['required']) ? schema['required'] : [];
  return Object.entries(asObject(schema['properties'])).map(([name, given]) => {
    const own = resolve(asObject(given), root);
    const named: Named = {
      pointer: `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      name,
      title: textOf(own['title']) || name,
      description: textOf(own['description']),
      schema: own,
      isRequired: required.includes(name),
    };
    if (depth < DEEPEST && isDrawable(own) && own['default'] === undefined)
      return { ...named, kind: 'group', settings: readMembers(own, { root, pointer: named.pointer, depth: depth + 1 }) };
    return toLeaf(named, root);
  });
}

/** Objects whose members are named and depend on nothing else. */
function isDrawable(schema: JsonObject): boolean {
  const hasMembers = Object.keys(asObject(schema['properties'])).length > 0;
  const isPlain = ['oneOf', 'anyOf', 'allOf', 'if', 'patternProperties', 'enum', 'const'].every((key) => schema[key] === undefined);
  const { type, additionalProperties: others } = schema;
  return hasMembers && isPlain && (type === undefined || type === 'object') && (others === undefined || typeof others === 'boolean');
}

function toLeaf(named: Named, root: JsonObject): SettingLeaf {
  const { items } = named.schema;
  // With what its items refer to, so that whoever checks them needs no definitions.
  const schema = items === undefined ? named.schema : { ...named.schema, items: resolve(asObject(items), root) };
  const options = readOptions(schema);
  return { ...named, schema, kind: readKind(schema, options.length > 0), options, fallback: schema['default'] };
}

function readKind(schema: JsonObject, hasOptions: boolean): SettingLeaf['kind'] {
  const { type, writeOnly, format, items } = schema;
  if (hasOptions) return 'choice';
  if (type === 'boolean' || type === 'number' || type === 'integer') return type;
  if (type === 'string') return writeOnly === true || schema['x-secret'] === true || format === 'password' ? 'secret' : 'text';
  const each = asObject(items)['type'];
  return type === 'array' && (each === 'string' || each === 'number' || each === 'integer') ? 'list' : 'json';
}

function readOptions(schema: JsonObject): readonly SettingOption[] {
  if (isList(schema['enum'])) return schema['enum'].map((value) => ({ value, title: tellValue(value) }));
  const listed = [schema['oneOf'], schema['anyOf']].find(isList) ?? [];
  const choices = listed.map(asObject);
  if (choices.length === 0 || !choices.every((choice) => 'const' in choice)) return [];
  return choices.map((choice) => {
    const value = choice['const'] ?? null;
    return { value, title: textOf(choice['title']) || tellValue(value) };
  });
}

/** Follows a reference to the schema's own definitions; members beside it win. */
function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  const reference = schema['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#/$defs/')) return schema;
  const { $ref: _reference, ...own } = schema;
  return { ...asObject(asObject(root['$defs'])[reference.slice('#/$defs/'.length)]), ...own };
}

/** The value as an object; an empty one when it is none. */
export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {};
}

/** `Array.isArray` gives up the type of a read-only list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function tellValue(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
