import type { Json, JsonObject } from '@tendril/plugin-api';

/** What is shown in place of a secret. */
export const MASKED_SECRET = '[secret]';
/** What is shown in place of a personal value. */
export const MASKED_PERSONAL = '[personal]';

const SECRET_NAME = /token|secret|passw|authori[sz]ation|api_?-?key|credential|cookie|signature/i;
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
  return value === undefined ? undefined : maskValue(value, schema, schema, sight, 0);
}

type Schema = JsonObject | undefined;

function maskValue(value: Json, schema: Schema, root: Schema, sight: Sight, depth: number): Json {
  const judged = resolved(schema, root);
  if (judged?.['writeOnly'] === true) return MASKED_SECRET;
  if (!sight.unmasked && (judged?.['x-personal'] === true || judged?.['format'] === 'email'))
    return value === null ? null : MASKED_PERSONAL;
  if (typeof value === 'string') return sight.unmasked || !value.includes('@') ? value : value.replace(WORD, maskAddress);
  if (typeof value !== 'object' || value === null) return value;
  // What is nested deeper than anybody looks is not shown at all.
  if (depth > MAX_DEPTH) return MASKED_PERSONAL;
  if (Array.isArray(value))
    return (value as readonly Json[]).map((item) => maskValue(item, asSchema(judged?.['items']), root, sight, depth + 1));
  const members = Object.entries(value as JsonObject).map(([name, member]) => [
    name,
    maskMember(name, member ?? null, memberSchema(judged, name), root, sight, depth + 1),
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

function maskMember(name: string, value: Json, schema: Schema, root: Schema, sight: Sight, depth: number): Json {
  const isScalar = typeof value === 'string' || typeof value === 'number';
  if (isScalar && SECRET_NAME.test(name) && schema?.['writeOnly'] !== false) return MASKED_SECRET;
  if (isScalar && !sight.unmasked && PERSONAL_NAME.test(name) && schema?.['x-personal'] !== false) return MASKED_PERSONAL;
  return maskValue(value, schema, root, sight, depth);
}

function memberSchema(schema: Schema, name: string): Schema {
  const properties = asSchema(schema?.['properties']);
  if (properties !== undefined && Object.hasOwn(properties, name)) return asSchema(properties[name]);
  return asSchema(schema?.['additionalProperties']);
}

function resolved(schema: Schema, root: Schema): Schema {
  const reference = schema?.['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return schema;
  let current: Schema = root;
  for (const part of reference.slice(2).split('/')) current = asSchema(current?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]);
  return current;
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
