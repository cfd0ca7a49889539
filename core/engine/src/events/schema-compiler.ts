import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { Problem } from '../hub.ts';
import { linearRegExp } from './linear-regexp.ts';
import { costOfSchema, countParts } from './schema-cost.ts';
import { canonicalJson } from '../canonical-json.ts';

/** Says what is wrong with a value; nothing when it is right. */
export type FindProblems = (value: unknown) => readonly Problem[];

const NOTHING_WRONG: readonly Problem[] = [];

/** Schemas looked at times parts of the value: more would keep everybody else waiting. */
const MOST_WORK = 4_000_000;
/** Up to so much, all that is wrong is told; a list of findings may be as long as the work is large. */
const MOST_TOLD_WORK = 200_000;
/** No event has more parts: each takes two bytes of its 32 KB. */
const MOST_PARTS = 16_384;
const TOO_LARGE: readonly Problem[] = [{ pointer: '', message: 'has too many parts to be checked against its schema' }];

/** @throws TendrilError INPUT_INVALID when it is not a JSON Schema of draft 2020-12 that can be checked in linear time */
export function compileSchema(schema: JsonObject): FindProblems {
  const cost = costOfSchema(schema);
  if ('refusal' in cost) throw new TendrilError('INPUT_INVALID', { pointer: '/schema', expected: cost.refusal });
  const { steps } = cost;
  const validate = compile(schema, false);
  let findAll: ValidateFunction | undefined;

  return (value) => {
    if (steps * MOST_PARTS > MOST_WORK && steps * countParts(value) > MOST_WORK) return TOO_LARGE;
    if (validate(value)) return NOTHING_WRONG;
    if (steps * countParts(value) > MOST_TOLD_WORK) return (validate.errors ?? []).map(toProblem);
    findAll ??= compile(schema, true);
    findAll(value);
    return (findAll.errors ?? []).map(toProblem);
  };
}

function compile(schema: JsonObject, allErrors: boolean): ValidateFunction {
  try {
    // A compiler of its own for each schema: two tenants may give the same $id to different ones.
    const ajv = new Ajv2020({ allErrors, strict: false, logger: false, code: { regExp: linearRegExp } });
    addFormats.default(ajv);
    // These two take quadratic time as they come.
    ajv.addFormat('url', { type: 'string', validate: isWebUrl });
    ajv.removeKeyword('uniqueItems');
    ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: hasUniqueItems });
    const validate = ajv.compile(schema);
    if ('$async' in validate) throw new Error('asynchronous schemas are not supported');
    return validate;
  } catch (error) {
    throw new TendrilError(
      'INPUT_INVALID',
      { pointer: '/schema', reason: error instanceof Error ? error.message : 'not a JSON Schema' },
      { cause: error },
    );
  }
}

function isWebUrl(text: string): boolean {
  return /^(https?|ftp):\/\//i.test(text) && URL.canParse(text);
}

function hasUniqueItems(isAsked: boolean, items: readonly unknown[]): boolean {
  return !isAsked || new Set(items.map(canonicalJson)).size === items.length;
}

/** The message names the place and what is expected there, never the value that was found. */
function toProblem(error: ErrorObject): Problem {
  const extra: unknown = error.params['additionalProperty'] ?? error.params['unevaluatedProperty'];
  if (typeof extra === 'string') return { pointer: `${error.instancePath}/${escapePointer(extra)}`, message: 'is not allowed here' };
  const allowed: unknown = error.params['allowedValues'];
  if (Array.isArray(allowed))
    return { pointer: error.instancePath, message: `must be one of ${allowed.map((value) => JSON.stringify(value)).join(', ')}` };
  return { pointer: error.instancePath, message: error.message ?? 'does not match its schema' };
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
