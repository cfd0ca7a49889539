import type { Json, JsonObject } from '@tendril/plugin-api';
import { SECRET_NAME } from '../../plugins/index.ts';

/** What is shown in place of a secret. */
export const MASKED_SECRET = '[secret]';
/** What is shown in place of a personal value. */
export const MASKED_PERSONAL = '[personal]';

const PERSONAL_NAME =
  /^(e-?mail(_?address)?|phone(_?number)?|mobile|address|street|postal_?code|zip|first_?name|last_?name|full_?name|birth(day|date|_?date)?|ip|ip_?address|to|cc|bcc)$/i;
/** What an address may be. Only one thing is repeated: texts are of anybody, and time is to grow no faster than they do. */
const WORD = /[^\s<>"',;:]+/g;
const MAX_DEPTH = 24;

/** What a reader may see. */
export interface Sight {
  /** Personal values too; secrets never. */
  readonly unmasked: boolean;
}

/**
 * A value of the journal as it may be shown. Secret is what a schema marks `writeOnly`, or what is called like one;
 * personal what a schema marks `x-personal` or gives the format `email`, what is called like it, and every e-mail address.
 *
 * @param schema of the action's input or output; values without one are judged by their names
 */
export function mask(value: Json | undefined, schema: JsonObject | undefined, sight: Sight): Json | undefined {
  return value === undefined ? undefined : maskValue(value, { all: applying(schema, schema), root: schema }, sight, 0);
}

type Schema = JsonObject | undefined;

/** Every schema that says something about a value: what is told in one of them holds. */
interface Judged {
  readonly all: readonly JsonObject[];
  readonly root: Schema;
}

function maskValue(value: Json, judged: Judged, sight: Sight, depth: number): Json {
  const says = (keyword: string, what: Json): boolean => judged.all.some((schema) => schema[keyword] === what);
  if (says('writeOnly', true)) return MASKED_SECRET;
  if (!sight.unmasked && (says('x-personal', true) || says('format', 'email'))) return value === null ? null : MASKED_PERSONAL;
  if (typeof value === 'string') return sight.unmasked || !value.includes('@') ? value : value.replace(WORD, maskAddress);
  if (typeof value !== 'object' || value === null) return value;
  // What is nested deeper than anybody looks is not shown at all.
  if (depth > MAX_DEPTH) return MASKED_PERSONAL;
  if (Array.isArray(value))
    return (value as readonly Json[]).map((item, index) => maskValue(item, elementOf(judged, index), sight, depth + 1));
  const members = Object.entries(value as JsonObject).map(([name, member]) => [
    name,
    maskMember(name, member ?? null, memberOf(judged, name), sight, depth + 1),
  ]);
  return Object.fromEntries(members) as JsonObject;
}

function maskAddress(word: string): string {
  const [, ...domains] = word.split('@');
  const isAddress = !word.startsWith('@') || domains.length > 1;
  return isAddress && domains.some(hasInnerDot) ? MASKED_PERSONAL : word;
}

function hasInnerDot(domain: string): boolean {
  const at = domain.indexOf('.', 1);
  return at > 0 && at < domain.length - 1;
}

function maskMember(name: string, value: Json, judged: Judged, sight: Sight, depth: number): Json {
  const isFree = (keyword: string): boolean => judged.all.some((schema) => schema[keyword] === false);
  if (SECRET_NAME.test(name) && !isFree('writeOnly')) return maskScalars(value, MASKED_SECRET, judged, sight, depth);
  if (!sight.unmasked && PERSONAL_NAME.test(name) && !isFree('x-personal'))
    return maskScalars(value, MASKED_PERSONAL, judged, sight, depth);
  return maskValue(value, judged, sight, depth);
}

/** What has a telling name may come several times, as the parameters of an address do. */
function maskScalars(value: Json, shown: string, judged: Judged, sight: Sight, depth: number): Json {
  if (typeof value === 'string' || typeof value === 'number') return shown;
  if (!Array.isArray(value) || depth > MAX_DEPTH) return maskValue(value, judged, sight, depth);
  return (value as readonly Json[]).map((item, index) => maskScalars(item, shown, elementOf(judged, index), sight, depth + 1));
}

function memberOf({ all, root }: Judged, name: string): Judged {
  const found = all.flatMap((schema) => {
    const properties = asSchema(schema['properties']);
    if (properties !== undefined && Object.hasOwn(properties, name)) return [asSchema(properties[name])];
    // Whose pattern fits is not worked out: all count, and with them what the rest may be.
    return [...Object.values(asSchema(schema['patternProperties']) ?? {}).map(asSchema), asSchema(schema['additionalProperties'])];
  });
  return { all: found.flatMap((schema) => applying(schema, root)), root };
}

function elementOf({ all, root }: Judged, index: number): Judged {
  const found = all.flatMap((schema) => {
    const places = schema['prefixItems'];
    const place = Array.isArray(places) ? asSchema((places as readonly unknown[])[index]) : undefined;
    return [place ?? asSchema(schema['items'])];
  });
  return { all: found.flatMap((schema) => applying(schema, root)), root };
}

const CHOICES = ['allOf', 'anyOf', 'oneOf'] as const;
const PARTS = ['then', 'else'] as const;
/** References of schemas that lead nowhere end here. */
const MAX_SCHEMAS = 50;

/** The schema with all that it refers to and is made of, choices too. */
function applying(schema: Schema, root: Schema): readonly JsonObject[] {
  const found = new Set<JsonObject>();
  const add = (one: Schema): void => {
    if (one === undefined || found.has(one) || found.size >= MAX_SCHEMAS) return;
    found.add(one);
    add(referred(one['$ref'], root));
    for (const name of PARTS) add(asSchema(one[name]));
    for (const name of CHOICES) if (Array.isArray(one[name])) (one[name] as readonly unknown[]).map(asSchema).forEach(add);
  };
  add(schema);
  return [...found];
}

function referred(reference: Json | undefined, root: Schema): Schema {
  if (reference === '#') return root;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return undefined;
  let current: Schema = root;
  for (const part of reference.slice(2).split('/')) current = asSchema(current?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]);
  return current;
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
