import { Environment } from '@marcbachmann/cel-js';
import { LIMITS } from './bounds.ts';

/** What expressions read; which of them are there depends on the place. */
export const ROOTS = ['event', 'events', 'profile', 'steps', 'settings', 'run', 'input', 'each', 'arrived'] as const;

/** The roots as a sentence lists them. */
export const ROOTS_IN_WORDS = `${ROOTS.slice(0, -1).join(', ')} and ${ROOTS.at(-1) ?? ''}`;

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

/**
 * An environment with Tendril's additions: numbers of JSON are doubles and calculate with integer literals, and
 * `default(value, fallback)`.
 */
export function createEnvironment(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: LIMITS.astNodes, maxDepth: LIMITS.depth, maxListElements: 1_000, maxMapEntries: 200, maxCallArguments: 8 },
  });
  for (const [operator, calculate] of Object.entries(ARITHMETIC)) {
    const mixed = (left: number | bigint, right: number | bigint): number => calculate(Number(left), Number(right));
    environment.registerOperator(`int ${operator} double: double`, mixed);
    environment.registerOperator(`double ${operator} int: double`, mixed);
  }
  environment.registerOperator('double % double: double', (left: number, right: number) => left % right);
  environment.registerFunction('timestamp(double): google.protobuf.Timestamp', (seconds: number) => new Date(seconds * 1_000));
  environment.registerFunction('default(ast, ast): dyn', expandDefault);
  return environment;
}

interface Evaluator {
  run(node: unknown, context: unknown): unknown;
}

interface TypeDeclaration {
  unify(registry: unknown, other: TypeDeclaration): TypeDeclaration | null;
}

interface Checker {
  readonly registry: unknown;
  check(node: unknown, context: unknown): TypeDeclaration;
  getType(name: string): TypeDeclaration;
}

interface DefaultMacro {
  readonly args: readonly [unknown, unknown];
}

/** The value, or the fallback when a field on the way to it is missing or it is null. Other errors pass. */
function expandDefault({ args }: { readonly args: readonly [unknown, unknown] }): object {
  return {
    args,
    async: false,
    evaluate: (evaluator: Evaluator, macro: DefaultMacro, context: unknown): unknown => {
      const value = valueOrMissing(() => evaluator.run(macro.args[0], context));
      return value === undefined || value === null ? evaluator.run(macro.args[1], context) : value;
    },
    typeCheck: (checker: Checker, macro: DefaultMacro, context: unknown): TypeDeclaration => {
      const type = checker.check(macro.args[0], context);
      return type.unify(checker.registry, checker.check(macro.args[1], context)) ?? checker.getType('dyn');
    },
  };
}

const MISSING: ReadonlySet<unknown> = new Set(['no_such_key', 'index_out_of_bounds']);

function valueOrMissing(evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof Error && 'code' in error && MISSING.has(error.code)) return undefined;
    throw error;
  }
}
