import type { Json } from '@tendril/plugin-api';
import { LIMITS } from './bounds.ts';
import { createEnvironment } from './environment.ts';
import { toFault } from './expression.ts';
import type { ExpressionFault } from './expression.ts';
import { EvaluationError, StacklessError } from './evaluation-error.ts';
import { compileNode } from './evaluator.ts';
import { Frame, Names } from './frame.ts';
import { comparisonsOf } from './comparisons.ts';
import type { Comparison } from './comparisons.ts';
import { BARE_NAMES } from './functions/registry.ts';
import { lacksAny, neededToBeTrue } from './needed-fields.ts';
import { parseExpression } from './parse.ts';
import { readingOf } from './references.ts';
import { createRootSet } from './root-set.ts';
import { visitWritten } from './syntax.ts';
import type { SyntaxNode } from './syntax.ts';
import { toJson } from './values.ts';

/** What a literal or a result may be. */
export type OwnType = 'boolean' | 'integer' | 'number' | 'text' | 'any';

/** A function that whoever compiles brings along; its arguments are literals. */
export interface OwnFunction {
  readonly parameters: readonly Exclude<OwnType, 'any'>[];
  readonly optional?: number;
  readonly returns: OwnType;
}

/** What an expression with functions of one's own reads and calls. */
export interface OwnEnvironment {
  readonly roots: readonly string[];
  readonly functions: Readonly<Record<string, OwnFunction>>;
  readonly returns: OwnType;
}

/** A call of such a function, as it is written. */
export interface OwnCall {
  readonly name: string;
  readonly arguments: readonly (string | number | boolean)[];
  /** With which numbers it is compared, where nothing else is done with its value. */
  readonly comparisons?: readonly Comparison[];
}

/** An expression with functions of one's own that compiled. */
export interface OwnExpression {
  readonly calls: readonly OwnCall[];
  readonly reads: readonly (readonly string[])[];
  /** @param call gives the value of the call at that place in `calls` @throws OwnFault */
  evaluate(roots: Readonly<Record<string, unknown>>, call: (index: number) => Json): Json;
  /** Whether it comes to true; what cannot be evaluated does not. Makes no fault, and no error for fields that it cannot do without. */
  isTrue(roots: Readonly<Record<string, unknown>>, call: (index: number) => Json): boolean;
}

/** Thrown when such an expression cannot be evaluated. */
export class OwnFault extends StacklessError {
  override readonly name = 'OwnFault';
  readonly fault: ExpressionFault;
  readonly isMissing: boolean;

  constructor(fault: ExpressionFault, isMissing: boolean) {
    super(fault.message);
    this.fault = fault;
    this.isMissing = isMissing;
  }
}

const LIBRARY_TYPES: Readonly<Record<OwnType, readonly string[]>> = {
  boolean: ['bool'],
  integer: ['int'],
  number: ['double', 'int'],
  text: ['string'],
  any: ['dyn'],
};
const IN_WORDS: Readonly<Record<OwnType, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  text: 'a text',
  any: 'anything',
};

/** Whether a function or a root may be called so: not as CEL's own. */
export function isFreeName(name: string): boolean {
  return /^[a-z][a-zA-Z0-9_]{0,63}$/.test(name) && !BARE_NAMES.has(name) && !RESERVED.has(name);
}

const RESERVED = new Set(
  'has all exists exists_one map filter true false null in as break const continue else for function if import let loop package namespace return var void while cel math lists regex base64 google'.split(
    ' ',
  ),
);

/** Compiles an expression over roots and functions of one's own, or says what is wrong with it. Never throws. */
export function compileOwn(source: string, environment: OwnEnvironment): OwnExpression | { readonly fault: ExpressionFault } {
  const whole = { start: 0, end: source.length };
  if (source.length > LIMITS.sourceLength)
    return { fault: { message: `The expression is longer than ${String(LIMITS.sourceLength)} characters.`, ...whole } };
  const roots = createRootSet(environment.roots);
  try {
    const { root, check } = parseExpression(libraryOf(environment), source);
    const { references, loopDepth } = readingOf(root);
    if (loopDepth > LIMITS.loopDepth)
      return { fault: { message: 'Macros such as `map` and `exists` may be nested two deep at most.', ...whole } };
    const checked = check();
    if (!checked.valid) return { fault: tellParameters(toFault(source, checked.error, roots), environment.functions) };
    const known = LIBRARY_TYPES[environment.returns];
    if (environment.returns !== 'any' && checked.type !== undefined && checked.type !== 'dyn' && !known.includes(checked.type))
      return { fault: { message: `The expression has to be ${IN_WORDS[environment.returns]}.`, ...whole } };
    const taken = takeCalls(root, environment.functions);
    const comparisons = comparisonsOf(root, taken.length);
    const calls = taken.map((call, index): OwnCall => {
      const compared = comparisons[index];
      return compared === undefined ? call : { ...call, comparisons: compared };
    });
    const compute = compileNode(root, new Names((name) => roots.has(name)));
    const needed = neededToBeTrue(root, new Set(environment.roots));
    const types = calls.map(({ name }) => environment.functions[name]?.returns ?? 'any');
    const frameOver = (values: Readonly<Record<string, unknown>>, call: (index: number) => Json): Frame => {
      const frame = new Frame(values);
      frame.own = (index) => toCel(call(index), types[index] ?? 'any');
      return frame;
    };
    return {
      calls,
      reads: references.map(({ root: name, path }) => [name, ...path]),
      evaluate: (values, call) => {
        try {
          const frame = frameOver(values, call);
          return checkedResult(toJson(compute(frame), frame), environment.returns);
        } catch (error) {
          throw new OwnFault(toFault(source, error, roots), error instanceof EvaluationError && error.problem === 'missing');
        }
      },
      isTrue: (values, call) => {
        if (lacksAny(values, needed)) return false;
        try {
          return compute(frameOver(values, call)) === true;
        } catch {
          return false;
        }
      },
    };
  } catch (error) {
    return { fault: toFault(source, error, roots) };
  }
}

/** Says how a function is called that was called with something else. */
function tellParameters(fault: ExpressionFault, functions: OwnEnvironment['functions']): ExpressionFault {
  const [, called = '', name = ''] = /^There is no function `((\w+)\(.*)`\.$/.exec(fault.message) ?? [];
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (known === undefined) return fault;
  const needed = known.parameters.length - (known.optional ?? 0);
  const parameters = known.parameters.map((type, index) => (index < needed ? type : `${type}?`));
  return { ...fault, message: `\`${name}\` is written \`${name}(${parameters.join(', ')})\`, not \`${called}\`.` };
}

function libraryOf({ roots, functions }: OwnEnvironment): ReturnType<typeof createEnvironment> {
  const made = createEnvironment();
  for (const name of roots) made.registerVariable(name, 'dyn');
  for (const [name, { parameters, optional = 0, returns }] of Object.entries(functions)) {
    for (let count = parameters.length - optional; count <= parameters.length; count += 1) {
      for (const types of combinationsOf(parameters.slice(0, count)))
        made.registerFunction(`${name}(${types.join(', ')}): ${LIBRARY_TYPES[returns][0] ?? 'dyn'}`, () => {
          throw new TypeError('expressions are not evaluated by the library');
        });
    }
  }
  return made;
}

function combinationsOf(parameters: readonly OwnType[]): readonly (readonly string[])[] {
  return parameters.reduce<readonly (readonly string[])[]>(
    (rows, type) => rows.flatMap((row) => LIBRARY_TYPES[type].map((name) => [...row, name])),
    [[]],
  );
}

/** Puts a reading by number in place of each call of an own function. @throws EvaluationError when an argument is no literal */
function takeCalls(root: SyntaxNode, functions: OwnEnvironment['functions']): readonly OwnCall[] {
  const calls: OwnCall[] = [];
  const indexes = new Map<string, number>();
  visitWritten(root, (node) => {
    if (node.op !== 'call') return;
    const [name, parameters] = node.args as readonly [string, readonly SyntaxNode[]];
    if (!Object.hasOwn(functions, name)) return;
    const call: OwnCall = { name, arguments: parameters.map((parameter) => literalOf(name, parameter)) };
    const mark = JSON.stringify(call);
    const index = indexes.get(mark) ?? calls.push(call) - 1;
    indexes.set(mark, index);
    Object.assign(node, { op: 'own', args: index });
  });
  return calls;
}

function literalOf(name: string, node: SyntaxNode): string | number | boolean {
  if (node.op === '-_') {
    const value = literalOf(name, node.args as SyntaxNode);
    if (typeof value === 'number') return -value;
  }
  const value = node.op === 'value' ? node.args : undefined;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw new EvaluationError('value', `\`${name}\` takes values as they are written only: texts and numbers.`, {
    start: node.start,
    end: node.end,
  });
}

function toCel(value: Json, type: OwnType): unknown {
  if (type === 'integer' && typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return value;
}

function checkedResult(value: Json, type: OwnType): Json {
  const isRight =
    type === 'any' ||
    (type === 'boolean' && typeof value === 'boolean') ||
    (type === 'text' && typeof value === 'string') ||
    (type === 'number' && typeof value === 'number') ||
    (type === 'integer' && Number.isSafeInteger(value));
  if (!isRight) throw new EvaluationError('type', `The expression has to be ${IN_WORDS[type]}.`);
  return value;
}
