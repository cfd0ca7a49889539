import { TendrilError } from '@tendril/plugin-api';
import type { Call, Expression, ExpressionEnvironment, ExpressionType, Json } from '@tendril/plugin-api';
import type { AskedInput } from './asked-input.ts';

/** What a plugin's process is told of an expression that compiled. */
export function compileExpression(call: Call, input: AskedInput): Pick<Expression, 'calls' | 'reads'> {
  const { calls, reads } = call.expressions.compile(input.text(0), environmentOf(input));
  return { calls, reads };
}

/** Evaluates with what the plugin's functions gave for each of the calls: a list of one, empty where there is no such function. */
export function evaluateExpression(call: Call, input: AskedInput): Json {
  const expression = call.expressions.compile(input.text(0), environmentOf(input));
  const values = input.lists(3);
  const given = new Map(
    expression.calls.map(({ name, arguments: written }, index) => [markOf(name, written), values[index] ?? []] as const),
  );
  const functions = expression.calls
    .filter((_call, index) => (values[index]?.length ?? 0) > 0)
    .map(({ name }) => [name, (...written: readonly unknown[]) => (given.get(markOf(name, written))?.[0] ?? null) as Json] as const);
  return expression.evaluate(input.object(2), Object.fromEntries(functions));
}

function markOf(name: string, written: readonly unknown[]): string {
  return JSON.stringify([name, written]);
}

/** Of a shape that compiling has checked, or refuses. */
function environmentOf(input: AskedInput): ExpressionEnvironment {
  const { roots, functions, returns } = input.object(1);
  const isKnown =
    Array.isArray(roots) && roots.every((name) => typeof name === 'string') && (functions === undefined || isFunctions(functions));
  if (!isKnown) throw new TendrilError('INPUT_INVALID', { field: 'environment', expected: 'roots and functions' });
  return {
    roots: roots,
    ...(functions !== undefined && { functions }),
    ...(returns !== undefined && { returns: typeNamed(returns) }),
  };
}

function isFunctions(value: unknown): value is NonNullable<ExpressionEnvironment['functions']> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value as Readonly<Record<string, unknown>>).every((one) => {
    const { parameters, optional, returns } = (one ?? {}) as Readonly<Record<string, unknown>>;
    const isCount = optional === undefined || (Number.isInteger(optional) && Number(optional) >= 0);
    return (
      Array.isArray(parameters) &&
      parameters.length <= 10 &&
      parameters.every((type) => TYPES.has(type) && type !== 'any') &&
      isCount &&
      TYPES.has(returns)
    );
  });
}

const TYPES = new Set<unknown>(['boolean', 'integer', 'number', 'text', 'any'] satisfies ExpressionType[]);

function typeNamed(value: unknown): ExpressionType {
  if (!TYPES.has(value)) throw new TendrilError('INPUT_INVALID', { field: 'environment', expected: 'a type' });
  return value as ExpressionType;
}
