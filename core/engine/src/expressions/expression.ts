import type { JsonObject } from '@tendril/plugin-api';
import { BoundExceeded, LIMITS } from './bounds.ts';
import { EvaluationError, StacklessError } from './evaluation-error.ts';
import { compileNode } from './evaluator.ts';
import { Frame, Names } from './frame.ts';
import type { Compute } from './frame.ts';
import { parseExpression } from './parse.ts';
import { readingOf } from './references.ts';
import type { Reading } from './references.ts';
import { PIPELINE_ROOTS } from './root-set.ts';
import type { RootSet } from './root-set.ts';

/** What an expression reads when it is evaluated. */
export interface Scope {
  readonly event: object;
  /** The events that a pipeline's `batch` has gathered; without one, none. */
  readonly events: readonly object[];
  readonly profile: object;
  readonly steps: object;
  readonly settings: JsonObject;
  readonly run: object;
  /** What a manual start, a call of the API, a webhook, a plugin's trigger or a calling pipeline handed over. */
  readonly input: object;
  /** Inside `forEach`: the element and its index, under the loop's names (`item` and `itemIndex` unless it says others). */
  readonly each: object;
  /** In the condition of a wait for an event: the event that came. */
  readonly arrived: object;
}

const NOTHING = Object.freeze({});

/** A scope in which nothing can be read: a start for those that have only some of the roots. */
export const EMPTY_SCOPE: Scope = Object.freeze({
  event: NOTHING,
  events: Object.freeze([]),
  profile: NOTHING,
  steps: NOTHING,
  settings: NOTHING,
  run: NOTHING,
  input: NOTHING,
  each: NOTHING,
  arrived: NOTHING,
});

/** A fault of an expression; offsets count characters of its source from 0. */
export interface ExpressionFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

/** Thrown when evaluating fails: a missing field, a wrong type, a bound. */
export class EvaluationFault extends StacklessError {
  override readonly name = 'EvaluationFault';
  readonly expression: string;
  readonly fault: ExpressionFault;
  /** A field on the way does not exist: what conditions on optional data run into. */
  readonly isMissing: boolean;

  constructor(expression: string, fault: ExpressionFault, isMissing: boolean) {
    super(fault.message);
    this.expression = expression;
    this.fault = fault;
    this.isMissing = isMissing;
  }
}

/** What an expression over a set of roots reads: each root's value. */
export type ScopeOf<Name extends string> = Readonly<Record<Name, unknown>>;

/** An expression that compiled. */
export interface Expression<Reads extends object = Scope> {
  readonly source: string;
  readonly reading: Reading;
  /** @returns a value of CEL: integers are BigInt, moments are Date. @throws EvaluationFault */
  evaluate(scope: Reads): unknown;
}

/** What came of compiling. */
export type Compiled<Reads extends object = Scope> = { readonly expression: Expression<Reads> } | { readonly fault: ExpressionFault };

/**
 * Compiles an expression, or says what is wrong with it. Never throws.
 *
 * @param roots those of pipelines unless told
 */
export function compileExpression(source: string): Compiled;
export function compileExpression<Name extends string>(source: string, roots: RootSet<Name>): Compiled<ScopeOf<Name>>;
export function compileExpression(source: string, roots: RootSet = PIPELINE_ROOTS): Compiled<object> {
  return compileOver(source, roots);
}

/** As `compileExpression`, for whoever knows its scope to have the roots. */
export function compileOver(source: string, roots: RootSet): Compiled<object> {
  const tooLong = source.length > LIMITS.sourceLength;
  if (tooLong)
    return { fault: { message: `The expression is longer than ${String(LIMITS.sourceLength)} characters.`, start: 0, end: source.length } };
  try {
    const { root, check } = parseExpression(roots.environment(), source);
    const reading = readingOf(root);
    if (reading.loopDepth > LIMITS.loopDepth) {
      return { fault: { message: 'Macros such as `map` and `exists` may be nested two deep at most.', start: 0, end: source.length } };
    }
    const checked = check();
    if (!checked.valid) return { fault: toFault(source, checked.error, roots) };
    const compute = compileNode(root, new Names((name) => roots.has(name)));
    return { expression: { source, reading, evaluate: (scope) => evaluate(compute, source, scope) } };
  } catch (error) {
    return { fault: toFault(source, error, roots) };
  }
}

function evaluate(compute: Compute, source: string, scope: object): unknown {
  try {
    return compute(new Frame(scope));
  } catch (error) {
    throw new EvaluationFault(source, toFault(source, error), error instanceof EvaluationError && error.problem === 'missing');
  }
}

/** What the library or a bound said, in a sentence, with its place. */
export function toFault(source: string, error: unknown, roots: RootSet = PIPELINE_ROOTS): ExpressionFault {
  const whole = { start: 0, end: source.length };
  if (error instanceof BoundExceeded) return { message: `The expression was stopped: ${error.message}.`, ...whole };
  if (error instanceof EvaluationError) return { message: error.message, ...(error.range ?? whole) };
  if (error instanceof RangeError) return { message: 'The expression is nested too deeply, or a value in it is out of range.', ...whole };
  if (!(error instanceof Error)) return { message: 'The expression is not valid.', ...whole };
  const { summary, range } = error as Error & {
    readonly summary?: string;
    readonly range?: { readonly start: number; readonly end: number };
  };
  const place = range ?? whole;
  return { message: inWords(summary ?? error.message.split('\n')[0] ?? '', source.slice(place.start, place.end), roots), ...place };
}

/** What other languages write, and what CEL writes for it. */
const OTHERWISE: Readonly<Record<string, string>> = { and: '&&', or: '||', '=': '==' };

function inWords(summary: string, place: string, roots: RootSet): string {
  const meant = summary.startsWith('Unexpected character') ? OTHERWISE[place.toLowerCase()] : undefined;
  if (meant !== undefined) return `There is no operator \`${place}\`; write \`${meant}\`.`;
  const said = summary
    .replace(/^No such key: (.*)$/, 'There is no field `$1` here')
    .replace(/^Unknown variable: (.*)$/, `There is no \`$1\`; expressions read ${roots.inWords}`)
    .replace(/^no such overload: (.*)$/, 'These types do not go together: $1')
    .replace(/^found no matching overload for '(.*)'$/, 'There is no function `$1`')
    .replace(/\b([A-Z][a-z0-9]+)Namespace\./g, (_matched, name: string) => `${name.toLowerCase()}.`)
    .replace(/dyn<(\w+)>/g, '$1');
  return /[.!?]$/.test(said) ? said : `${said}.`;
}
