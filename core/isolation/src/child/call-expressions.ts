import { TendrilError } from '@tendril/plugin-api';
import type { Expression, ExpressionCall, Expressions, Json } from '@tendril/plugin-api';
import type { OpenCall } from './open-call.ts';

/**
 * `call.expressions` in a plugin's own process: the hub compiles and evaluates. Its functions are called here, each before the
 * evaluation, since their arguments are known; so one that throws fails an expression that might not have needed it.
 */
export function createCallExpressions(call: OpenCall): Expressions {
  return {
    compile: (source, environment): Expression => {
      const known = call.askNow('expressions.compile', [source, environment]) as Pick<Expression, 'calls' | 'reads'>;
      const evaluate: Expression['evaluate'] = (roots, functions = {}) => {
        const values = known.calls.map((written) => valueOf(written, functions));
        return call.askNow('expressions.evaluate', [source, environment, roots, values]) as Json;
      };
      return { source, ...known, evaluate, isTrue: (roots, functions) => isTrue(() => evaluate(roots, functions)) };
    },
  };
}

function isTrue(evaluate: () => Json): boolean {
  try {
    return evaluate() === true;
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'EXPRESSION_FAILED') return false;
    throw error;
  }
}

/** Nothing for a function that was not handed over: the hub says so. */
function valueOf(
  { name, arguments: values }: ExpressionCall,
  functions: NonNullable<Parameters<Expression['evaluate']>[1]>,
): readonly Json[] {
  const implementation = Object.hasOwn(functions, name) ? functions[name] : undefined;
  return implementation === undefined ? [] : [implementation(...values)];
}
