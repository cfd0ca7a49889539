import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { Problem } from '../hub.ts';
import { linearRegExp } from './linear-regexp.ts';

/** Says what is wrong with a value; nothing when it is right. */
export type FindProblems = (value: unknown) => readonly Problem[];

const NOTHING_WRONG: readonly Problem[] = [];

/** @throws TendrilError INPUT_INVALID when it is not a JSON Schema of draft 2020-12 that can be checked in linear time */
export function compileSchema(schema: JsonObject): FindProblems {
  const validate = compile(schema);
  return (value) => (validate(value) ? NOTHING_WRONG : (validate.errors ?? []).map(toProblem));
}

function compile(schema: JsonObject): ValidateFunction {
  try {
    // A compiler of its own for each schema: two tenants may give the same $id to different ones.
    const ajv = new Ajv2020({ allErrors: true, strict: false, code: { regExp: linearRegExp } });
    addFormats.default(ajv);
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
