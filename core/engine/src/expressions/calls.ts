import { assertSize, costOf } from './bounds.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Compute, Frame, Names } from './frame.ts';
import { overloadsOf } from './functions/registry.ts';
import type { Overload } from './functions/registry.ts';
import { kindInWords } from './kinds.ts';
import { namespaceOf } from './syntax.ts';
import type { SyntaxNode } from './syntax.ts';

/** Compiles a call of a function. Which of its forms is meant is decided by the values. */
export function compileCall(node: SyntaxNode, names: Names, compile: (node: SyntaxNode, names: Names) => Compute): Compute {
  const { name, isMethod, parameters } = calleeOf(node, names);
  const overloads = overloadsOf(name, isMethod, parameters.length);
  const computes = parameters.map((parameter) => compile(parameter, names));
  const shownName = isMethod ? `.${name}` : name;
  if (overloads.length === 0) {
    return () => {
      throw new EvaluationError('value', `There is no function \`${shownName}\` with ${String(parameters.length)} values.`);
    };
  }
  return (frame) => {
    const values = computes.map((compute) => compute(frame));
    for (const overload of overloads) if (isFor(overload, values)) return run(overload, values, frame);
    throw new EvaluationError('type', `\`${shownName}\` does not take these types: ${values.map(kindInWords).join(', ')}.`);
  };
}

/** The function that a node calls; the receiver of a method is its first value. */
function calleeOf(
  node: SyntaxNode,
  names: Names,
): { readonly name: string; readonly isMethod: boolean; readonly parameters: readonly SyntaxNode[] } {
  if (node.op === 'call') {
    const [name, parameters] = node.args as readonly [string, readonly SyntaxNode[]];
    return { name, isMethod: false, parameters };
  }
  const [name, receiver, parameters] = node.args as readonly [string, SyntaxNode, readonly SyntaxNode[]];
  const namespace = namespaceOf(receiver);
  if (namespace !== undefined && names.slotOf(namespace) === undefined)
    return { name: `${namespace}.${name}`, isMethod: false, parameters };
  return { name, isMethod: true, parameters: [receiver, ...parameters] };
}

function isFor({ parameters }: Overload, values: readonly unknown[]): boolean {
  for (let index = 0; index < values.length; index += 1) if (!parameters[index]?.takes(values[index])) return false;
  return true;
}

function run({ parameters, evaluate }: Overload, values: unknown[], frame: Frame): unknown {
  frame.spend(1);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (typeof value === 'object' || typeof value === 'string') {
      frame.spend(costOf(value));
      assertSize(value);
    }
    const convert = parameters[index]?.convert;
    if (convert !== undefined) values[index] = convert(value);
  }
  const result = evaluate(values, frame);
  if (typeof result === 'object' || typeof result === 'string') {
    assertSize(result);
    frame.spend(costOf(result));
  }
  return result;
}
