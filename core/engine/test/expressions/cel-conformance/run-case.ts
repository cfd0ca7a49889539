import { Budget } from '../../../src/expressions/bounds.ts';
import { createEnvironment } from '../../../src/expressions/environment.ts';
import { EvaluationError } from '../../../src/expressions/evaluation-error.ts';
import { compileNode } from '../../../src/expressions/evaluator.ts';
import { Frame, Names } from '../../../src/expressions/frame.ts';
import { kindOf } from '../../../src/expressions/kinds.ts';
import { isEqual } from '../../../src/expressions/operators.ts';
import { parseExpression } from '../../../src/expressions/parse.ts';
import type { ConformanceCase } from './cases.ts';

/** Runs a case. @returns what is wrong, `undefined` when it passes */
export function problemOf(conformanceCase: ConformanceCase): string | undefined {
  const { expected } = conformanceCase;
  const outcome = outcomeOf(conformanceCase);
  if ('failure' in outcome) return expected === undefined ? undefined : outcome.failure;
  if (expected === undefined) return `gives ${show(outcome.value)} where it has to fail`;
  return isSame(outcome.value, expected.value) ? undefined : `gives ${show(outcome.value)}, not ${show(expected.value)}`;
}

type Outcome = { readonly value: unknown } | { readonly failure: string };

function outcomeOf({ expression, isChecked, declared, bindings }: ConformanceCase): Outcome {
  try {
    const environment = createEnvironment();
    for (const [name, type] of declared) environment.registerVariable(name, type);
    const { root, check } = parseExpression(environment, expression);
    const checked = check();
    if (isChecked && !checked.valid) return { failure: messageOf(checked.error) };
    const compute = compileNode(root, new Names((name) => Object.hasOwn(bindings, name)));
    return { value: compute(new Frame(bindings)) };
  } catch (error) {
    // Anything else is a defect of ours, not a fault that the case may expect.
    if (!(error instanceof EvaluationError) && !isFromLibrary(error)) throw error;
    return { failure: messageOf(error) };
  }
}

function isFromLibrary(error: unknown): boolean {
  return error instanceof Error && 'code' in error && 'summary' in error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function isSame(actual: unknown, expected: unknown): boolean {
  if (typeof actual === 'number' && typeof expected === 'number') return Object.is(actual, expected) || actual === expected;
  return kindOf(actual) === kindOf(expected) && isEqual(actual, expected, new Budget());
}

function show(value: unknown): string {
  return `${kindOf(value) ?? typeof value} ${JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part instanceof Map ? [...part] : part)) ?? ''}`;
}
