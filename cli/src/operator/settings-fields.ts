import type { Json, JsonObject } from '@tendril/plugin-api';
import { CommandFault, EXIT } from '../failure.ts';

/** One setting of a plugin, as its JSON Schema describes it. */
export interface SettingsField {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly kind: 'text' | 'secret' | 'number' | 'integer' | 'boolean' | 'choice' | 'choices' | 'list' | 'json';
  /** Of `choice` and `choices`. */
  readonly options: readonly { readonly value: Json; readonly title: string }[];
  readonly isRequired: boolean;
  readonly fallback?: Json;
  /** By itself, with the definitions that it refers to. */
  readonly schema: JsonObject;
}

/** The settings that a schema of an object names, in its order. */
export function settingsFields(schema: JsonObject): readonly SettingsField[] {
  const properties = asObject(schema['properties']);
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([name, given]) => {
    const property = resolved(asObject(given), schema);
    const { title, description, default: fallback } = property;
    const options = optionsOf(property, schema);
    return {
      name,
      title: typeof title === 'string' ? title : name,
      ...(typeof description === 'string' ? { description } : {}),
      kind: kindOf(property, options.length > 0),
      options,
      isRequired: required.includes(name),
      ...(fallback === undefined ? {} : { fallback }),
      schema: schema['$defs'] === undefined ? property : { ...property, $defs: schema['$defs'] },
    };
  });
}

function kindOf(property: JsonObject, hasOptions: boolean): SettingsField['kind'] {
  const { type } = property;
  if (hasOptions) return type === 'array' ? 'choices' : 'choice';
  if (type === 'boolean') return 'boolean';
  if (type === 'number' || type === 'integer') return type;
  if (type === 'string') return property['writeOnly'] === true || property['format'] === 'password' ? 'secret' : 'text';
  if (type === 'array' && asObject(property['items'])['type'] === 'string') return 'list';
  return 'json';
}

function optionsOf(property: JsonObject, root: JsonObject): SettingsField['options'] {
  const about = property['type'] === 'array' ? resolved(asObject(property['items']), root) : property;
  const listed = about['enum'];
  if (isList(listed)) return listed.map((value) => ({ value, title: textOf(value) }));
  const choices = [about['oneOf'], about['anyOf']].find((list) => Array.isArray(list)) ?? [];
  const named = (choices as readonly Json[]).map((choice) => asObject(choice));
  if (named.length === 0 || !named.every((choice) => 'const' in choice)) return [];
  return named.map((choice) => {
    const value = choice['const'] ?? null;
    return { value, title: typeof choice['title'] === 'string' ? choice['title'] : textOf(value) };
  });
}

function resolved(property: JsonObject, root: JsonObject): JsonObject {
  const reference = property['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#/$defs/')) return property;
  const { $ref: _reference, ...own } = property;
  return { ...asObject(asObject(root['$defs'])[reference.slice('#/$defs/'.length)]), ...own };
}

/**
 * Reads `name=value` of the command line as the setting's type has it; `a.b=value` sets a member of an object.
 *
 * @throws CommandFault when there is no such setting, it is a secret, or the value is none of its type
 */
export function readAssignment(text: string, schema: JsonObject): JsonObject {
  const equals = text.indexOf('=');
  if (equals < 1) throw new CommandFault(`--set is name=value, not \`${text}\`.`, EXIT.commandLine);
  const [name = '', ...inner] = text.slice(0, equals).split('.');
  const value = text.slice(equals + 1);
  const fields = settingsFields(schema);
  const field = fields.find((each) => each.name === name);
  if (field === undefined && schema['additionalProperties'] === false)
    throw new CommandFault(
      `There is no setting ${name}. ${fields.length === 0 ? 'The plugin has none.' : `There are: ${fields.map((each) => each.name).join(', ')}.`}`,
      EXIT.commandLine,
    );
  // Command lines are visible to other users of a machine and stay in histories.
  if (field?.kind === 'secret')
    throw new CommandFault(`${name} is secret: give it with --settings FILE, or be asked for it.`, EXIT.commandLine);
  if (inner.length > 0) return { [name]: inner.reduceRight<Json>((content, part) => ({ [part]: content }), readAny(value)) };
  return { [name]: field === undefined ? readAny(value) : readValue(value, field) };
}

/** What a typed text means for a setting. @throws CommandFault */
export function readValue(text: string, field: SettingsField): Json {
  if (field.kind === 'text' || field.kind === 'secret') return text;
  if (field.kind === 'list') return splitList(text);
  if (field.kind === 'choice') return choiceOf(text, field);
  if (field.kind === 'choices') return splitList(text).map((part) => choiceOf(part, field));
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new CommandFault(`${field.name}: \`${text}\` is no ${field.kind === 'json' ? 'JSON' : field.kind}.`, EXIT.commandLine);
  }
}

function choiceOf(text: string, { name, options }: SettingsField): Json {
  const found = options.find(({ value, title }) => textOf(value) === text || title === text);
  if (found === undefined)
    throw new CommandFault(`${name}: \`${text}\` is none of ${options.map(({ value }) => textOf(value)).join(', ')}.`, EXIT.commandLine);
  return found.value;
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function readAny(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `Array.isArray` gives up the type of a read-only list. */
function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
