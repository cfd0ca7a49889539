import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { PipelineFault } from '../../hub.ts';
import { nearestName } from '../../nearest-name.ts';
import { placeOf, pointerOf } from '../source.ts';
import type { Place } from '../source.ts';
import { checkTemplate, typeInWords } from './expression-checks.ts';
import type { ExpressionContext } from './expression-checks.ts';

// A CommonJS package: what Node gives as its default is the function itself at run time.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;
const validators = new WeakMap<JsonObject, ValidateFunction | undefined>();

function validatorOf(schema: JsonObject): ValidateFunction | undefined {
  if (validators.has(schema)) return validators.get(schema);
  const compiled = compile(schema);
  validators.set(schema, compiled);
  return compiled;
}

// A schema that does not compile is the plugin's fault and is told where plugins are checked.
function compile(schema: JsonObject): ValidateFunction | undefined {
  try {
    const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true });
    addFormats(ajv);
    const { $id: _id, ...anonymous } = schema;
    return ajv.compile(anonymous);
  } catch {
    return undefined;
  }
}

/** Where the value has expressions, with the CEL type of each; `undefined` where an expression has a fault. */
type Dynamic = ReadonlyMap<string, string | undefined>;

/** Who takes the input, as faults say it. */
export type InputTaker = 'action' | 'trigger' | 'pipeline';

/**
 * Checks the input of an action, a plugin's trigger or a called pipeline: expressions by their types, everything written
 * out in full.
 *
 * @param place of the step, or of `with` in it when there is one
 */
export function checkInput(
  context: ExpressionContext,
  input: JsonObject,
  schema: JsonObject,
  place: Place,
  taker: InputTaker = 'action',
): void {
  const dynamic = new Map<string, string | undefined>();
  collect(context, input, place, [], dynamic);
  const validate = validatorOf(schema);
  if (validate === undefined) return;
  if (validate(input)) {
    checkTypes(context, dynamic, schema, place);
    return;
  }
  for (const error of validate.errors ?? []) {
    const fault = isJudgeable(error, dynamic) ? toFault(context, error, place, taker) : undefined;
    if (fault !== undefined) context.faults.push(fault);
  }
  checkTypes(context, dynamic, schema, place);
}

/** Checks expressions of a value without a schema, as in `set`. */
export function checkValue(context: ExpressionContext, value: JsonObject, place: Place): void {
  collect(context, value, place, [], new Map());
}

function collect(
  context: ExpressionContext,
  value: Json | undefined,
  place: Place,
  path: Place,
  dynamic: Map<string, string | undefined>,
): void {
  if (typeof value === 'string') {
    const { isDynamic, type } = checkTemplate(context, value, [...place, ...path]);
    if (isDynamic) dynamic.set(pointerOf(path), type);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const members: readonly (readonly [string | number, Json | undefined])[] = Array.isArray(value)
    ? (value as readonly Json[]).map((item, index) => [index, item])
    : Object.entries(value as JsonObject);
  for (const [key, member] of members) collect(context, member, place, [...path, key], dynamic);
}

/** False for what only the value that an expression will have can decide. */
function isJudgeable(error: ErrorObject, dynamic: Dynamic): boolean {
  const within = (pointer: string): boolean => pointer === error.instancePath || pointer.startsWith(`${error.instancePath}/`);
  const isAtExpression = dynamic.has(error.instancePath);
  const isChoice = /\/(anyOf|oneOf|not|if|then|else|contains|dependentSchemas)\b/.test(error.schemaPath);
  return !isAtExpression && !(isChoice && [...dynamic.keys()].some(within)) && !(error.keyword === 'if');
}

function toFault(context: ExpressionContext, error: ErrorObject, place: Place, taker: InputTaker): PipelineFault | undefined {
  const { source } = context;
  const at = [...place, ...placeOf(error.instancePath)];
  const parameters = error.params as Readonly<Record<string, unknown>>;
  const name = error.instancePath === '' ? 'with' : error.instancePath.slice(1).replaceAll('/', '.');
  switch (error.keyword) {
    case 'required':
      return source.fault(
        'ACTION_INPUT_INVALID',
        `The input lacks \`${String(parameters['missingProperty'])}\`, which the ${taker} needs.`,
        at,
      );
    case 'additionalProperties': {
      const key = String(parameters['additionalProperty']);
      const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
      return source.fault('ACTION_INPUT_INVALID', `The ${taker} has no input \`${key}\`.`, [...at, key], {
        at: 'key',
        suggestion: nearestName(key, known),
      });
    }
    case 'enum': {
      const allowed = (parameters['allowedValues'] as readonly unknown[]).map(String);
      return source.fault(
        'ACTION_INPUT_INVALID',
        `\`${name}\` has to be one of ${allowed.map((value) => `\`${value}\``).join(', ')}.`,
        at,
        { suggestion: nearestName(String(error.data), allowed) },
      );
    }
    default:
      return source.fault('ACTION_INPUT_INVALID', `\`${name}\` ${error.message ?? 'is not valid'}.`, at);
  }
}

function checkTypes(context: ExpressionContext, dynamic: Dynamic, schema: JsonObject, place: Place): void {
  for (const [pointer, type] of dynamic) {
    const path = placeOf(pointer);
    const expected = type === undefined ? undefined : expectedTypes(schema, path);
    if (type === undefined || expected === undefined || expected.some((name) => fits(type, name))) continue;
    const message = `\`${path.join('.')}\` has to be ${expected.map(jsonTypeInWords).join(' or ')}; the expression gives ${typeInWords(type)}.`;
    context.faults.push(context.source.fault('ACTION_INPUT_INVALID', message, [...place, ...path]));
  }
}

/** The JSON types that the schema takes at a path; `undefined` when it does not say so plainly. */
function expectedTypes(schema: JsonObject, path: Place): readonly string[] | undefined {
  let current: JsonObject = schema;
  for (const step of path) {
    const properties = current['properties'] as JsonObject | undefined;
    const next =
      properties !== undefined && Object.hasOwn(properties, String(step))
        ? properties[String(step)]
        : current['type'] === 'array'
          ? current['items']
          : current['additionalProperties'];
    if (typeof next !== 'object' || next === null) return undefined;
    current = next as JsonObject;
  }
  const type = current['type'];
  return typeof type === 'string' ? [type] : Array.isArray(type) ? (type as readonly string[]) : undefined;
}

function fits(type: string, expected: string): boolean {
  if (type === 'dyn') return true;
  switch (expected) {
    case 'string':
      return ['string', 'google.protobuf.Timestamp', 'google.protobuf.Duration', 'bytes', 'type'].includes(type);
    case 'number':
    case 'integer':
      return ['int', 'uint', 'double'].includes(type);
    case 'boolean':
      return type === 'bool';
    case 'null':
      return type === 'null';
    case 'array':
      return type.startsWith('list');
    default:
      return type.startsWith('map') || type.startsWith('object');
  }
}

function jsonTypeInWords(type: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    integer: 'a whole number',
    boolean: '`true` or `false`',
    array: 'a list',
    object: 'an object',
    null: 'null',
  };
  return words[type] ?? type;
}
