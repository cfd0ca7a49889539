/** Why an evaluation fails: a field is missing, types do not go together, a number is out of range, a value is not usable. */
export type EvaluationProblem = 'missing' | 'type' | 'range' | 'value';

/** A failure of one operation inside an expression. Whoever knows the place adds it on the way out. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  readonly problem: EvaluationProblem;
  range: { readonly start: number; readonly end: number } | undefined;

  constructor(problem: EvaluationProblem, message: string, range?: { readonly start: number; readonly end: number }) {
    // Its place in the expression tells more than a stack, which takes longer than most evaluations.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.problem = problem;
    this.range = range;
  }
}
