import type { Json, JsonObject } from '@tendril/plugin-api';
import type { DescriptionDocument } from './description-document.ts';
import { isObject, listOf, objectOf, shortened, textOf } from './json-values.ts';

/** What a schema is for: input is held strictly to it, output leniently, since services answer more than they describe. */
export type SchemaUse = 'input' | 'output';

/** Translates schemas of a description into JSON Schema 2020-12 in ajv's strict form. One for each schema of a manifest. */
export interface SchemaTranslator {
  translate(schema: unknown): JsonObject;
  /** The definitions that were referred to; to be called when everything is translated. */
  definitions(): JsonObject;
  /** Whether something was left open because it got too large. */
  readonly isCut: boolean;
}

/** Elements of one schema, definitions included. */
const MOST_NODES: Readonly<Record<SchemaUse, number>> = { input: 600, output: 250 };
const DEEPEST = 24;
const LONGEST_DESCRIPTION = 400;
const LONGEST_PATTERN = 200;
const TYPES: readonly string[] = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];
/** Formats that ajv-formats checks without guessing what a vendor meant. */
const FORMATS: ReadonlySet<string> = new Set(['date', 'date-time', 'email', 'uuid', 'ipv4', 'ipv6', 'uri']);

/** @param use what it is for */
export function createTranslator(document: DescriptionDocument, use: SchemaUse): SchemaTranslator {
  const names = new Map<string, string>();
  const waiting: (readonly [string, string])[] = [];
  const made: Record<string, JsonObject> = {};
  let nodes = 0;
  let isCut = false;
  const merges = { left: MOST_MERGES };

  function translate(written: unknown, depth = 0): JsonObject {
    nodes += 1;
    if (nodes > MOST_NODES[use] || depth > DEEPEST) {
      isCut = true;
      return {};
    }
    if (!isObject(written)) return {};
    const reference = written['$ref'];
    if (typeof reference === 'string') return nullableOf(referTo(reference, depth), written);
    const schema = mergeAllOf(document, written, merges);
    return nullableOf({ ...describe(schema), ...bare(schema, depth) }, schema);
  }

  function referTo(reference: string, depth: number): JsonObject {
    const target = followed(reference);
    if (target === undefined) return {};
    // What is no object is short, and reads better where it stands.
    if (!isStructure(target)) return translate(target, depth + 1);
    let name = names.get(reference);
    if (name === undefined) {
      name = freeName(reference, new Set(names.values()));
      names.set(reference, name);
      waiting.push([reference, name]);
    }
    return { $ref: `#/$defs/${name}` };
  }

  /** References to references lead nowhere when they go in circles. */
  function followed(reference: string): JsonObject | undefined {
    const target = document.resolve({ $ref: reference });
    return Object.keys(target).length === 0 ? undefined : target;
  }

  function bare(schema: JsonObject, depth: number): JsonObject {
    const choices = [...listOf(schema['oneOf']), ...listOf(schema['anyOf'])];
    if (choices.length > 0) return choiceOf(schema, choices, depth);
    if (schema['const'] !== undefined) return { const: schema['const'] };
    const values = listOf(schema['enum']).filter((value) => value !== undefined) as readonly Json[];
    if (values.length > 0 && use === 'input') return { enum: unique(isNullable(schema) ? [...values, null] : values) };
    const types = typesOf(schema);
    const parts = types.map((type) => ofType(type, schema, depth));
    return types.length === 0 ? {} : (Object.assign({}, ...parts, { type: types.length === 1 ? types[0] : types }) as JsonObject);
  }

  function ofType(type: string, schema: JsonObject, depth: number): JsonObject {
    if (type === 'object') return objectParts(schema, depth);
    if (type === 'array')
      return { items: translate(schema['items'] ?? {}, depth + 1), ...(use === 'input' && counts(schema, ['minItems', 'maxItems'])) };
    if (use === 'output') return {};
    if (type === 'string') return { ...counts(schema, ['minLength', 'maxLength']), ...patternOf(schema), ...formatOf(schema) };
    return type === 'number' || type === 'integer' ? boundsOf(schema) : {};
  }

  function objectParts(schema: JsonObject, depth: number): JsonObject {
    const hidden = use === 'input' ? 'readOnly' : 'writeOnly';
    const entries = Object.entries(objectOf(schema['properties'])).filter(
      ([name, property]) => name !== '__proto__' && document.resolve(property)[hidden] !== true,
    );
    const properties = Object.fromEntries(entries.map(([name, property]) => [name, translate(property, depth + 1)]));
    const required = unique(
      listOf(schema['required']).filter((name) => typeof name === 'string' && Object.hasOwn(properties, name)) as readonly string[],
    );
    const others = schema['additionalProperties'];
    return {
      ...(entries.length > 0 && { properties }),
      ...(use === 'input' && required.length > 0 && { required }),
      ...(isObject(others) && { additionalProperties: translate(others, depth + 1) }),
      ...(use === 'input' && others === false && { additionalProperties: false }),
    };
  }

  /** Which of the choices it is services tell by discriminators; one that fits is enough. */
  function choiceOf(schema: JsonObject, choices: readonly unknown[], depth: number): JsonObject {
    const anyOf = choices.map((choice) => translate(choice, depth + 1));
    if (!isObject(schema['properties'])) return { anyOf };
    return { allOf: [{ type: 'object', ...objectParts(schema, depth) }, { anyOf }] };
  }

  return {
    translate: (schema) => translate(schema),
    definitions: () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [reference, name] = next;
        made[name] = translate(document.resolve({ $ref: reference }));
      }
      return made;
    },
    get isCut() {
      return isCut;
    },
  };
}

function describe(schema: JsonObject): JsonObject {
  const description = textOf(schema['description']);
  const standard = schema['default'];
  const told = standard === undefined || standard === null || typeof standard === 'object' ? '' : `Default: ${String(standard)}.`;
  const text = [description, told].filter((part) => part !== undefined && part !== '').join(' ');
  return {
    ...(text !== '' && { description: shortened(text, LONGEST_DESCRIPTION) }),
    ...(schema['deprecated'] === true && { deprecated: true }),
  };
}

/** Objects that are put together of several become one. What is put together otherwise stays with its first part. */
function mergeAllOf(document: DescriptionDocument, schema: JsonObject, budget: { left: number }, depth = 0): JsonObject {
  const parts = listOf(schema['allOf']);
  budget.left -= parts.length;
  if (parts.length === 0 || depth > DEEPEST_MERGE || budget.left < 0) return schema;
  const { allOf: _parts, ...own } = schema;
  let merged: JsonObject = {};
  for (const part of [...parts.map((each) => mergeAllOf(document, document.resolve(each), budget, depth + 1)), own]) {
    const properties = { ...objectOf(merged['properties']), ...objectOf(part['properties']) };
    const required = [...listOf(merged['required']), ...listOf(part['required'])] as readonly Json[];
    merged = {
      ...merged,
      ...part,
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(required.length > 0 && { required }),
    };
  }
  // One part forbids what another one has.
  if (merged['additionalProperties'] === false) delete (merged as Record<string, Json>)['additionalProperties'];
  return merged;
}

const DEEPEST_MERGE = 6;
/** Parts put together in one schema: a few lines of references must not become millions. */
const MOST_MERGES = 2_000;

function typesOf(schema: JsonObject): readonly string[] {
  const told = [schema['type'] ?? []].flat().filter((type) => typeof type === 'string' && TYPES.includes(type)) as readonly string[];
  if (told.length > 0) return unique(told.includes('integer') ? told.filter((type) => type !== 'number') : told);
  if (schema['type'] === 'file') return ['string'];
  if ('properties' in schema || isObject(schema['additionalProperties'])) return ['object'];
  return 'items' in schema ? ['array'] : [];
}

function isStructure(schema: JsonObject): boolean {
  return ['properties', 'allOf', 'oneOf', 'anyOf', 'items', 'additionalProperties'].some((keyword) => keyword in schema);
}

function isNullable(schema: JsonObject): boolean {
  return schema['nullable'] === true || schema['x-nullable'] === true;
}

function nullableOf(translated: JsonObject, written: JsonObject): JsonObject {
  if (!isNullable(written) || Object.keys(translated).length === 0) return translated;
  const { type } = translated;
  if (typeof type === 'string') return { ...translated, type: type === 'null' ? type : [type, 'null'] };
  if (Array.isArray(type)) return { ...translated, type: unique([...(type as readonly Json[]), 'null']) };
  if ('enum' in translated) return translated;
  const { description, ...rest } = translated;
  return { ...(description !== undefined && { description }), anyOf: [rest, { type: 'null' }] };
}

function counts(schema: JsonObject, keywords: readonly string[]): JsonObject {
  const entries = keywords.map((keyword) => [keyword, schema[keyword]] as const);
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'number' && Number.isInteger(value) && value >= 0));
}

function patternOf({ pattern }: JsonObject): JsonObject {
  if (typeof pattern !== 'string' || pattern.length > LONGEST_PATTERN) return {};
  try {
    return new RegExp(pattern, 'u').source === '' ? {} : { pattern };
  } catch {
    return {};
  }
}

function formatOf({ format }: JsonObject): JsonObject {
  return typeof format === 'string' && FORMATS.has(format) ? { format } : {};
}

function boundsOf(schema: JsonObject): JsonObject {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  return {
    ...bound(minimum, exclusiveMinimum, 'minimum', 'exclusiveMinimum'),
    ...bound(maximum, exclusiveMaximum, 'maximum', 'exclusiveMaximum'),
    ...(typeof multipleOf === 'number' && multipleOf > 0 && { multipleOf }),
  };
}

/** Before 3.1 `exclusiveMinimum` was true or false. */
function bound(value: Json | undefined, exclusive: Json | undefined, inclusiveName: string, exclusiveName: string): JsonObject {
  if (typeof exclusive === 'number') return { [exclusiveName]: exclusive };
  return typeof value === 'number' ? { [exclusive === true ? exclusiveName : inclusiveName]: value } : {};
}

function freeName(reference: string, taken: ReadonlySet<string>): string {
  const last = (reference.split('/').at(-1) ?? 'schema').replace(/[^A-Za-z0-9_]/g, '_').slice(0, 60);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? last : `${last}_${number}`;
    if (!taken.has(name)) return name;
  }
}

function unique<Value extends Json>(values: readonly Value[]): readonly Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
