import type { Json } from './json.ts';

/** What a value of an expression may be, as far as it is checked before anything is evaluated. */
export type ExpressionType = 'boolean' | 'integer' | 'number' | 'text' | 'any';

/** A function that the compiling plugin brings along. Its arguments have to be literals, so that `calls` tells all of them beforehand. */
export interface ExpressionFunction {
  /** Types of the arguments, in order. */
  readonly parameters: readonly Exclude<ExpressionType, 'any'>[];
  /** So many of the last may be missing; none unless told. */
  readonly optional?: number;
  readonly returns: ExpressionType;
}

/** What an expression may read and call. */
export interface ExpressionEnvironment {
  /** Names of the roots; each holds an object or a list at run time. */
  readonly roots: readonly string[];
  /** By name; beside those of CEL. */
  readonly functions?: Readonly<Record<string, ExpressionFunction>>;
  /** What the whole has to be; anything unless told. A type that is only known at run time is checked then. */
  readonly returns?: ExpressionType;
}

/** One call of a function of the environment, as it is written. */
export interface ExpressionCall {
  readonly name: string;
  readonly arguments: readonly (string | number | boolean)[];
  /**
   * Given where the expression does nothing else with the call's value than to compare it with numbers that are written out: a
   * value that compares in the same way gives the same result.
   */
  readonly comparisons?: readonly ExpressionComparison[];
}

/** A value on the left, a number as it is written on the right. */
export interface ExpressionComparison {
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  readonly number: number;
}

/** An expression that compiled. Evaluating is synchronous, bounded and without side effects. */
export interface Expression {
  readonly source: string;
  /** Each call of a function of the environment, once. */
  readonly calls: readonly ExpressionCall[];
  /** What is read: root and fields as far as they are literal, `['profile', 'traits', 'plan']`. */
  readonly reads: readonly (readonly string[])[];
  /**
   * @param roots a value for each root that the expression reads
   * @param functions an implementation of each function of the environment that it calls
   * @returns JSON: moments are ISO 8601, integers numbers
   * @throws TendrilError EXPRESSION_FAILED when a field is missing (`details.isMissing`), types do not go together or a bound is reached
   */
  evaluate(
    roots: Readonly<Record<string, unknown>>,
    functions?: Readonly<Record<string, (...values: readonly (string | number | boolean)[]) => Json>>,
  ): Json;
  /**
   * Whether it comes to true; what cannot be evaluated does not. Of little cost where a field is missing: to be preferred for rules
   * that are asked of many.
   */
  isTrue(
    roots: Readonly<Record<string, unknown>>,
    functions?: Readonly<Record<string, (...values: readonly (string | number | boolean)[]) => Json>>,
  ): boolean;
}

/** CEL (Common Expression Language): no loops but bounded ones, no side effects, bounded cost. */
export interface Expressions {
  /**
   * Compiles an expression; the same text and environment are compiled once.
   *
   * @throws TendrilError EXPRESSION_INVALID with `problem`, `start` and `end` in characters of the source
   */
  compile(source: string, environment: ExpressionEnvironment): Expression;
}
