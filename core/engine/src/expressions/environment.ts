import { Environment } from '@marcbachmann/cel-js';
import { LIMITS } from './bounds.ts';
import { FUNCTIONS } from './functions/index.ts';
import { declarationsOf, namespaceType } from './functions/signature.ts';
import { NAMESPACES } from './syntax.ts';

/** What expressions of pipelines read; which of them are there depends on the place. */
export const ROOTS = ['event', 'events', 'profile', 'steps', 'settings', 'run', 'input', 'each', 'arrived'] as const;

let base: Environment | undefined;

/**
 * What the CEL library parses and checks with. It never evaluates: handlers are only there because it asks for them. Beyond
 * CEL, numbers of JSON are doubles and calculate with integer literals.
 */
export function createEnvironment(): Environment {
  base ??= baseEnvironment();
  return base.clone();
}

function baseEnvironment(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    limits: {
      maxAstNodes: LIMITS.astNodes,
      maxDepth: LIMITS.depth,
      maxListElements: LIMITS.writtenListLength,
      maxMapEntries: LIMITS.writtenMapLength,
      maxCallArguments: LIMITS.callArguments,
    },
  });
  declareOperators(environment);
  declareFunctions(environment);
  return environment;
}

/** Stands for what a function or operator does where only types are wanted. */
export function notEvaluated(): never {
  throw new TypeError('expressions are not evaluated by the library');
}

function declareOperators(environment: Environment): void {
  for (const operator of ['+', '-', '*', '/', '%']) {
    environment.registerOperator(`int ${operator} double: double`, notEvaluated);
    environment.registerOperator(`double ${operator} int: double`, notEvaluated);
  }
  environment.registerOperator('double % double: double', notEvaluated);
  environment.registerOperator('int == double', notEvaluated);
  for (const operator of ['<', '<=', '>', '>=']) environment.registerOperator(`bytes ${operator} bytes: bool`, notEvaluated);
}

function declareFunctions(environment: Environment): void {
  for (const name of NAMESPACES.filter((namespace) => namespace !== 'cel')) {
    const Namespace = class {
      readonly isNamespace = true;
    };
    environment.registerType(namespaceType(name), Namespace);
    environment.registerConstant(name, namespaceType(name), new Namespace());
  }
  const known = new Set(environment.getDefinitions().functions.map(({ signature }) => withoutResult(signature)));
  // `type` the library declares anew for each type that is registered.
  for (const { forms } of FUNCTIONS.filter(({ name }) => name !== 'type')) {
    for (const declaration of forms.flatMap(({ signature }) => declarationsOf(signature))) {
      if (!known.has(withoutResult(declaration))) environment.registerFunction(withOpenMaps(declaration), notEvaluated);
    }
  }
}

/** An object with a schema is a type of its own to the library, not a map: functions that take maps take it, too. */
function withOpenMaps(declaration: string): string {
  const end = withoutResult(declaration).length;
  return declaration.slice(0, end).replaceAll('map<dyn, dyn>', 'dyn') + declaration.slice(end);
}

function withoutResult(signature: string): string {
  return signature.slice(0, signature.lastIndexOf('):') + 1);
}
