import type { Frame } from '../frame.ts';

/** What functions are grouped by. */
export type FunctionSubject = 'values' | 'text' | 'numbers' | 'time' | 'lists' | 'json' | 'hash';

/** One form of a function: the types it takes and what it does. */
export interface FunctionForm {
  /**
   * `startOfDay(timestamp, string) -> timestamp`; a method starts with the type of its receiver: `string.trim() -> string`.
   * `number` takes whole and other numbers, `whole` only those without a fraction; both arrive as numbers of JavaScript.
   */
  readonly signature: string;
  /** Gets the values in order, of a method the receiver first. @throws EvaluationError or BoundExceeded */
  readonly evaluate: (values: never, frame: Frame) => unknown;
}

/** A function of expressions, with its documentation. */
export interface FunctionDefinition {
  readonly name: string;
  readonly subject: FunctionSubject;
  /** One sentence. */
  readonly summary: string;
  /** An expression that needs no data. */
  readonly example: string;
  /** What the example gives, as JSON. */
  readonly result: unknown;
  readonly forms: readonly FunctionForm[];
}

/** A form of a function. */
export function form(signature: string, evaluate: FunctionForm['evaluate']): FunctionForm {
  return { signature, evaluate };
}
