import type { Budget } from '../bounds.ts';
import { EvaluationError } from '../evaluation-error.ts';
import { compareForSort } from './sorting.ts';

/** The greatest of values that have an order; of equal ones the first. @throws EvaluationError when there is none */
export function greatestOf(values: readonly unknown[], budget: Budget): unknown {
  return extremeOf(values, 1, budget);
}

/** As `greatestOf`, the least. @throws EvaluationError when there is none */
export function leastOf(values: readonly unknown[], budget: Budget): unknown {
  return extremeOf(values, -1, budget);
}

function extremeOf(values: readonly unknown[], sign: number, budget: Budget): unknown {
  const [first] = values;
  if (first === undefined) throw new EvaluationError('missing', 'The list is empty.');
  let best: unknown = first;
  for (const value of values) if (compareForSort(value, best, budget) * sign > 0) best = value;
  return best;
}
