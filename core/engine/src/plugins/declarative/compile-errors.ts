import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode, Json } from '@tendril/plugin-api';
import type { HttpDefaults } from '@tendril/schemas';
import { EvaluationFault } from '../../expressions/index.ts';
import { readRetryAfterMs } from '../broker/retry-after.ts';
import type { Answer } from './answer.ts';
import { compileBare, compileOptional } from './compile-values.ts';
import type { Compute } from './compile-values.ts';
import type { HttpScope } from './http-roots.ts';

/** The rules of a manifest. */
export type ErrorRules = NonNullable<HttpDefaults['errors']>;

/** Looks whether an answer is an error that the manifest knows. @throws TendrilError, or an error with a code of the manifest's `errors` */
export type AssertNoError = (answer: Answer, scope: HttpScope, nowMs: number) => void;

const LONGEST_DETAIL = 200;

/** Compiles the rules, of which the first that fits counts. @param waitHeaders headers beside Retry-After that tell when to try again */
export function compileErrors(rules: ErrorRules, waitHeaders: readonly string[]): AssertNoError {
  const compiled = rules.map(({ status, when, code, details = {} }) => ({
    statuses: status === undefined ? undefined : [status].flat(),
    when: compileOptional(when),
    hasCondition: when !== undefined,
    code,
    details: Object.entries(details).map(([name, source]) => [name, compileBare(source)] as const),
  }));
  return (answer, scope, nowMs) => {
    for (const { statuses, when, hasCondition, code, details } of compiled) {
      if (statuses !== undefined && !statuses.includes(answer.status)) continue;
      if (hasCondition && lenient(when, scope) !== true) continue;
      const waitMs = waitOf(code, answer, waitHeaders, nowMs);
      const told = Object.fromEntries(details.flatMap(([name, compute]) => detailOf(name, lenient(compute, scope))));
      throw failure(code, { status: answer.status, ...told, ...(waitMs !== undefined && { retryAfterMs: waitMs }) });
    }
  };
}

/** An answer of another shape than the rule expects is not the error that it describes. */
function lenient(compute: Compute, scope: HttpScope): Json | undefined {
  try {
    return compute(scope);
  } catch (error) {
    if (error instanceof EvaluationFault) return undefined;
    throw error;
  }
}

function detailOf(name: string, value: Json | undefined): readonly (readonly [string, string | number | boolean])[] {
  if (typeof value === 'string') return [[name, value.slice(0, LONGEST_DETAIL)]];
  return typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [];
}

/** The broker looks at 429 and 503 only; services tell of their limits by other statuses, too. */
function waitOf(code: string, { headers }: Answer, waitHeaders: readonly string[], nowMs: number): number | undefined {
  if (code !== 'UPSTREAM_THROTTLED' && code !== 'UPSTREAM_UNAVAILABLE') return undefined;
  const read = (name: string): string | undefined => {
    const value = headers[name.toLowerCase()];
    return typeof value === 'string' ? value : undefined;
  };
  return readRetryAfterMs(read, waitHeaders, nowMs);
}

function failure(code: string, details: Readonly<Record<string, unknown>>): Error {
  if (isCatalogueCode(code)) return new TendrilError(code, details);
  // The host knows the codes of a manifest by the errors that handlers throw.
  return Object.assign(new Error(code), { code });
}

function isCatalogueCode(code: string): code is ErrorCode {
  return Object.hasOwn(CATALOGUE, code);
}
