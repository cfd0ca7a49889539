import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import { compileSchema } from '../../events/index.ts';
import type { FindProblems } from '../../events/index.ts';

/** By the schema of a compiled pipeline: each is compiled once per process. */
const checks = new WeakMap<JsonObject, FindProblems>();

/**
 * Makes sure that what somebody handed over matches the schema that the pipeline declares for it.
 *
 * @param place what it is: `input`, `body`
 * @throws TendrilError INPUT_INVALID with `problems`
 */
export function assertMatches(schema: JsonObject | boolean | undefined, value: Json, place: string): void {
  if (schema === undefined || schema === true) return;
  const problems = schema === false ? [{ pointer: '', message: 'nothing is taken here' }] : checkOf(schema)(value);
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { in: place, problems });
}

function checkOf(schema: JsonObject): FindProblems {
  const check = checks.get(schema) ?? compileSchema(schema);
  checks.set(schema, check);
  return check;
}
