import type { Json, JsonObject } from '../../api/types.ts';

/** How one setting is asked for. */
export interface SettingField {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: 'number' | 'integer' | 'boolean' | 'choice' | 'text' | 'json';
  readonly choices: readonly Json[];
  readonly schema: JsonObject;
  readonly isRequired: boolean;
  readonly fallback: Json | undefined;
}

/** What stands in the form: texts as typed, booleans as ticked. */
export type Draft = Readonly<Record<string, string | boolean>>;

/** Reads the fields of a form from a JSON Schema; a bare map of properties is understood as well. */
export function readFields(schema: JsonObject): readonly SettingField[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : 'type' in schema ? {} : schema;
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).flatMap(([name, property]) =>
    isObject(property) ? [readField(name, property, required.includes(name))] : [],
  );
}

function readField(name: string, schema: JsonObject, isRequired: boolean): SettingField {
  return {
    name,
    title: typeof schema['title'] === 'string' ? schema['title'] : name,
    description: typeof schema['description'] === 'string' ? schema['description'] : '',
    kind: readKind(schema),
    choices: Array.isArray(schema['enum']) ? schema['enum'] : [],
    schema,
    isRequired,
    fallback: schema['default'],
  };
}

function readKind(schema: JsonObject): SettingField['kind'] {
  if (Array.isArray(schema['enum'])) return 'choice';
  switch (schema['type']) {
    case 'number':
    case 'integer':
    case 'boolean':
      return schema['type'];
    case 'string':
    case undefined:
      return 'text';
    default:
      return 'json';
  }
}

/** The form's content for given settings; where one is not set, its default. */
export function toDraft(fields: readonly SettingField[], settings: JsonObject): Draft {
  return Object.fromEntries(
    fields.map((field): readonly [string, string | boolean] => {
      const value = settings[field.name] ?? field.fallback;
      if (field.kind === 'boolean') return [field.name, value === true];
      if (value === undefined || value === null) return [field.name, ''];
      return [
        field.name,
        field.kind === 'json' || field.kind === 'choice'
          ? JSON.stringify(value)
          : typeof value === 'string'
            ? value
            : JSON.stringify(value),
      ];
    }),
  );
}

/** The settings that a form's content means. Call it only when `findFaults` found none. Settings without a field stay as they are. */
export function fromDraft(fields: readonly SettingField[], draft: Draft, before: JsonObject): JsonObject {
  const settings: Record<string, Json> = { ...before };
  for (const field of fields) {
    const typed = draft[field.name] ?? '';
    if (typed === '') delete settings[field.name];
    else settings[field.name] = fromTyped(field, typed);
  }
  return settings;
}

function fromTyped(field: SettingField, typed: string | boolean): Json {
  if (typeof typed === 'boolean') return typed;
  if (field.kind === 'number' || field.kind === 'integer') return Number(typed);
  return field.kind === 'json' || field.kind === 'choice' ? (JSON.parse(typed) as Json) : typed;
}

/** Faults by the name of the setting, in words; empty when all is well. */
export function findFaults(fields: readonly SettingField[], draft: Draft): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const fault = findFault(field, draft[field.name] ?? '');
    if (fault !== undefined) faults[field.name] = fault;
  }
  return faults;
}

function findFault(field: SettingField, typed: string | boolean): string | undefined {
  if (typeof typed === 'boolean') return undefined;
  if (typed.trim() === '') return field.isRequired ? 'This is needed.' : undefined;
  switch (field.kind) {
    case 'number':
    case 'integer':
      return findNumberFault(field, Number(typed));
    case 'text':
      return findTextFault(field.schema, typed);
    case 'json':
      return isJson(typed) ? undefined : 'This is not JSON.';
    default:
      return undefined;
  }
}

/** What is wrong with a number. */
export function findNumberFault(
  { kind, schema }: { readonly kind: string; readonly schema: JsonObject },
  value: number,
): string | undefined {
  if (!Number.isFinite(value)) return 'This must be a number.';
  if (kind === 'integer' && !Number.isInteger(value)) return 'This must be a whole number.';
  const [minimum, maximum, above, below] = [schema['minimum'], schema['maximum'], schema['exclusiveMinimum'], schema['exclusiveMaximum']];
  if (typeof minimum === 'number' && value < minimum) return `This must be at least ${String(minimum)}.`;
  if (typeof maximum === 'number' && value > maximum) return `This must be at most ${String(maximum)}.`;
  if (typeof above === 'number' && value <= above) return `This must be above ${String(above)}.`;
  if (typeof below === 'number' && value >= below) return `This must be below ${String(below)}.`;
  return undefined;
}

/** What is wrong with a text. */
export function findTextFault({ minLength, maxLength, format, pattern }: JsonObject, value: string): string | undefined {
  if (typeof minLength === 'number' && value.length < minLength) return `This needs at least ${String(minLength)} characters.`;
  if (typeof maxLength === 'number' && value.length > maxLength) return `This takes at most ${String(maxLength)} characters.`;
  if (format === 'email' && !/^[^\s@]+@[^\s@]+$/.test(value)) return 'This must be an e-mail address.';
  if (format === 'uri' && !URL.canParse(value)) return 'This must be a full address, such as https://example.org.';
  if (typeof pattern === 'string' && !matches(pattern, value)) return `This must match ${pattern}.`;
  return undefined;
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

function isJson(typed: string): boolean {
  try {
    JSON.parse(typed);
    return true;
  } catch {
    return false;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
