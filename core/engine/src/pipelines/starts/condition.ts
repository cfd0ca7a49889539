import type { JsonObject } from '@tendril/plugin-api';
import { compileExpression, EvaluationFault } from '../../expressions/index.ts';
import type { Expression, Scope } from '../../expressions/index.ts';
import { splitConjunction } from './split-conjunction.ts';

/** What a condition came to; a fault counts as not met. */
export type Verdict = boolean | EvaluationFault;

/** `root.path == "text"`: told without evaluating. */
export interface Equality {
  readonly root: 'event' | 'profile';
  readonly path: readonly string[];
  readonly text: string;
}

/** One part of the condition of a trigger; the same object for all pipelines that ask the same. */
export interface Condition {
  readonly source: string;
  readonly readsProfile: boolean;
  readonly readsSettings: boolean;
  readonly equality: Equality | undefined;
  verdict(scope: Scope): Verdict;
}

/** Settings that a condition reads are part of it: pipelines with the same text may differ in them. */
export class Conditions {
  readonly #known = new Map<string, Condition>();

  /**
   * The parts of a condition. `a && b` is false as soon as one part is, and a fault when one is a fault and none false,
   * as CEL has it.
   */
  partsOf(where: Expression, settings: JsonObject): readonly Condition[] {
    const parts = splitConjunction(where.source);
    const compiled = parts.map((part) => compileExpression(part));
    const expressions = compiled.flatMap((each) => ('expression' in each ? [each.expression] : []));
    // A part that does not compile by itself: then it was none.
    const whole = expressions.length === parts.length && parts.length > 1 ? expressions : [where];
    return whole.map((expression) => this.#known.get(keyOf(expression, settings)) ?? this.#make(expression, settings));
  }

  #make(expression: Expression, settings: JsonObject): Condition {
    const condition = createCondition(expression);
    this.#known.set(keyOf(expression, settings), condition);
    return condition;
  }
}

function keyOf(expression: Expression, settings: JsonObject): string {
  return reads(expression, 'settings') ? `${expression.source}\0${JSON.stringify(settings)}` : expression.source;
}

function reads({ reading }: Expression, name: string): boolean {
  return reading.references.some(({ root }) => root === name);
}

function createCondition(expression: Expression): Condition {
  const equality = equalityOf(expression.source);
  const about = {
    source: expression.source,
    readsProfile: reads(expression, 'profile'),
    readsSettings: reads(expression, 'settings'),
    equality,
  };
  if (equality === undefined) return { ...about, verdict: (scope) => evaluate(expression, scope) };
  // Making an error is slow, and this one is always the same.
  const missing = new Map<number, EvaluationFault>();
  const verdict = (scope: Scope): Verdict => {
    let value: unknown = scope[equality.root];
    for (const [depth, field] of equality.path.entries()) {
      if (!isPlain(value)) return evaluate(expression, scope);
      if (!Object.hasOwn(value, field)) {
        const known = missing.get(depth);
        if (known !== undefined) return known;
        const found = evaluate(expression, scope);
        if (typeof found !== 'boolean') missing.set(depth, found);
        return found;
      }
      value = value[field];
    }
    return typeof value === 'string' ? value === equality.text : evaluate(expression, scope);
  };
  return { ...about, verdict };
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Evaluates a condition; a value that is neither true nor false is a fault. */
export function evaluate(expression: Expression, scope: Scope): Verdict {
  try {
    const value = expression.evaluate(scope);
    if (typeof value === 'boolean') return value;
    const whole = { start: 0, end: expression.source.length };
    return new EvaluationFault(expression.source, { message: 'The condition is neither true nor false.', ...whole }, false);
  } catch (error) {
    if (error instanceof EvaluationFault) return error;
    throw error;
  }
}

const FIELDS = String.raw`(event|profile)((?:\.[A-Za-z_][A-Za-z0-9_]*)+)`;
const TEXT = String.raw`"([^"'\\\n]*)"|'([^"'\\\n]*)'`;
const EQUALITY = new RegExp(String.raw`^${FIELDS}\s*==\s*(?:${TEXT})$`);

/** A comparison of a field with a plain text, where the condition is one. */
function equalityOf(source: string): Equality | undefined {
  const match = EQUALITY.exec(source);
  if (match === null) return undefined;
  const [, root, path = '', double, single] = match;
  return { root: root === 'event' ? 'event' : 'profile', path: path.slice(1).split('.'), text: double ?? single ?? '' };
}
