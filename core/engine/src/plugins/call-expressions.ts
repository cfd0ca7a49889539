import { TendrilError } from '@tendril/plugin-api';
import type { ErrorDetails, Expression, ExpressionEnvironment, Expressions, Json } from '@tendril/plugin-api';
import { compileOwn, isFreeName, OwnFault } from '../expressions/index.ts';
import type { OwnExpression } from '../expressions/index.ts';
import { nearestName } from '../nearest-name.ts';

/** Texts and environments that were compiled, the least lately used forgotten first. */
const MOST_COMPILED = 5_000;
/** Of all of these together: what is compiled takes a multiple of its text, and a foreign plugin may send long ones. */
const MOST_CHARACTERS = 2_000_000;
const MOST_FUNCTIONS = 50;
const MOST_ROOTS = 20;
/** Ways in which the functions may be called: each is made known to the parser. */
const MOST_SIGNATURES = 1_000;

const compiled = new Map<string, Expression>();
let characters = 0;

/** `call.expressions`: the same for all calls, since an expression holds nothing of anybody. */
export const CALL_EXPRESSIONS: Expressions = {
  compile: (source, environment) => {
    const key = JSON.stringify([source, environment.roots, environment.functions ?? {}, environment.returns ?? 'any']);
    const known = compiled.get(key);
    const expression = known ?? toExpression(source, checked(environment));
    compiled.delete(key);
    compiled.set(key, expression);
    if (known === undefined) characters += source.length;
    for (const [oldest, { source: text }] of compiled) {
      if (compiled.size <= MOST_COMPILED && characters <= MOST_CHARACTERS) break;
      compiled.delete(oldest);
      characters -= text.length;
    }
    return expression;
  },
};

function checked({ roots, functions = {}, returns = 'any' }: ExpressionEnvironment): Required<ExpressionEnvironment> {
  const names = [...roots, ...Object.keys(functions)];
  const wrong = names.find((name, index) => !isFreeName(name) || names.indexOf(name) !== index);
  if (wrong !== undefined) throw new TendrilError('INPUT_INVALID', { field: 'environment', name: wrong, reason: 'is no free name' });
  if (roots.length > MOST_ROOTS || names.length - roots.length > MOST_FUNCTIONS)
    throw new TendrilError('INPUT_INVALID', { field: 'environment', mostRoots: MOST_ROOTS, mostFunctions: MOST_FUNCTIONS });
  const signatures = Object.values(functions).reduce((sum, one) => sum + signaturesOf(one), 0);
  if (!(signatures <= MOST_SIGNATURES)) throw new TendrilError('INPUT_INVALID', { field: 'environment', mostSignatures: MOST_SIGNATURES });
  return { roots, functions, returns };
}

/** NaN where there is no number of them. A parameter that is a number is an integer, too. */
function signaturesOf({ parameters, optional = 0 }: NonNullable<ExpressionEnvironment['functions']>[string]): number {
  if (!Number.isInteger(optional) || optional < 0 || optional > parameters.length) return NaN;
  let sum = 0;
  for (let count = parameters.length - optional; count <= parameters.length; count += 1)
    sum += 2 ** parameters.slice(0, count).filter((type) => type === 'number').length;
  return sum;
}

function toExpression(source: string, environment: Required<ExpressionEnvironment>): Expression {
  const result = compileOwn(source, environment);
  if ('fault' in result) {
    const { message, start, end } = result.fault;
    const [, unknown] = /^There is no (?:function )?`(\w+)/.exec(message) ?? [];
    const suggestion =
      unknown === undefined ? undefined : nearestName(unknown, [...environment.roots, ...Object.keys(environment.functions)]);
    throw new TendrilError('EXPRESSION_INVALID', {
      expression: source,
      problem: message,
      start,
      end,
      ...(suggestion !== undefined && { suggestion }),
    });
  }
  return {
    source,
    calls: result.calls,
    reads: result.reads,
    evaluate: (roots, functions) => evaluate(source, result, roots, functions),
    isTrue: (roots, functions) => result.isTrue(roots, answers(result, functions)),
  };
}

type Functions = Parameters<Expression['evaluate']>[1];

function answers(expression: OwnExpression, functions: Functions = {}): (index: number) => Json {
  return (index) => {
    const { name, arguments: values } = expression.calls[index] ?? { name: '', arguments: [] };
    const implementation = functions[name];
    if (implementation === undefined) throw new TendrilError('INPUT_INVALID', { field: 'functions', name, reason: 'is missing' });
    return implementation(...values);
  };
}

function evaluate(source: string, expression: OwnExpression, ...[roots, functions]: Parameters<Expression['evaluate']>): Json {
  try {
    return expression.evaluate(roots, answers(expression, functions));
  } catch (error) {
    if (!(error instanceof OwnFault)) throw error;
    const { fault, isMissing } = error;
    throw failed({ expression: source, problem: fault.message, start: fault.start, end: fault.end, isMissing });
  }
}

/** Without a stack: rules fail on most people, and a stack takes longer than the rule. */
function failed(details: ErrorDetails): TendrilError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new TendrilError('EXPRESSION_FAILED', details);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
