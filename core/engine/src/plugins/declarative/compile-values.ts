import type { Json, JsonObject } from '@tendril/plugin-api';
import { BoundExceeded, compileValue, EvaluationFault, required, toJson } from '../../expressions/index.ts';
import { HTTP_ROOTS } from './http-roots.ts';
import type { HttpScope } from './http-roots.ts';

/** Gives a value; `undefined` where an expression reads a field that is not there. @throws EvaluationFault */
export type Compute<Value = Json> = (scope: HttpScope) => Value | undefined;

/** Compiles a value with `${{ }}` at any depth. Members and elements that read a field that is not there are left out. */
export function compileTemplate(value: Json): Compute {
  if (typeof value === 'string') return orMissing(compileValue(value, HTTP_ROOTS));
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map(compileTemplate);
    return (scope) => items.map((item) => item(scope)).filter((item) => item !== undefined);
  }
  if (typeof value === 'object' && value !== null) return compileMembers(value as JsonObject);
  return () => value;
}

/** As `compileTemplate`, for an object. */
export function compileMembers(value: JsonObject): Compute<JsonObject> {
  const members = Object.entries(value).map(([name, member]) => [name, compileTemplate(member ?? null)] as const);
  return (scope) => {
    const made: Record<string, Json> = {};
    for (const [name, compute] of members) {
      const member = compute(scope);
      if (member !== undefined) Object.defineProperty(made, name, { value: member, enumerable: true, writable: true, configurable: true });
    }
    return made;
  };
}

/** Compiles an expression that stands without `${{ }}`. */
export function compileBare(source: string): Compute {
  const expression = required(source, HTTP_ROOTS);
  return orMissing((scope) => {
    const value = expression.evaluate(scope);
    try {
      return toJson(value);
    } catch (error) {
      if (!(error instanceof BoundExceeded)) throw error;
      const fault = { message: `The expression was stopped: ${error.message}.`, start: 0, end: source.length };
      throw new EvaluationFault(source, fault, false);
    }
  });
}

/** As `compileBare`, for one that is there perhaps. */
export function compileOptional(source: string | undefined): Compute {
  return source === undefined ? () => undefined : compileBare(source);
}

function orMissing(evaluate: (scope: HttpScope) => Json): Compute {
  return (scope) => {
    try {
      return evaluate(scope);
    } catch (error) {
      if (error instanceof EvaluationFault && error.isMissing) return undefined;
      throw error;
    }
  };
}
