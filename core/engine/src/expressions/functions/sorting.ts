import { costOf } from '../bounds.ts';
import type { Budget } from '../bounds.ts';
import { EvaluationError } from '../evaluation-error.ts';
import { kindInWords } from '../kinds.ts';
import { compare } from '../operators.ts';

/** Order of two elements of a list that is sorted. @throws EvaluationError when they have none */
export function compareForSort(left: unknown, right: unknown, budget: Budget): number {
  budget.spend(0.2 + costOf(left));
  const order = compare(left, right);
  if (order === undefined || Number.isNaN(order))
    throw new EvaluationError('type', `A ${kindInWords(left)} and a ${kindInWords(right)} have no order.`);
  return order;
}
