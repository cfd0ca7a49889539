/** An error without a stack: its place in the expression tells more, and a stack takes longer than most evaluations. */
export class StacklessError extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Why an evaluation fails: a field is missing, types do not go together, a number is out of range, a value is not usable. */
export type EvaluationProblem = 'missing' | 'type' | 'range' | 'value';

/**
 * A failure of one operation inside an expression. Whoever knows the place adds it on the way out. The message names what
 * stands in the expression, never a value: it goes into logs.
 */
export class EvaluationError extends StacklessError {
  override readonly name = 'EvaluationError';
  readonly problem: EvaluationProblem;
  range: { readonly start: number; readonly end: number } | undefined;

  constructor(problem: EvaluationProblem, message: string, range?: { readonly start: number; readonly end: number }) {
    super(message);
    this.problem = problem;
    this.range = range;
  }
}
