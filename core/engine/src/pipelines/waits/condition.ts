import { EvaluationFault } from '../../expressions/index.ts';
import type { Expression, Scope } from '../../expressions/index.ts';
import type { PinnedEvent } from '../runs/records.ts';
import { eventView } from '../runs/run-scope.ts';

/**
 * Whether an event is one that a condition wants; one that cannot be evaluated for it does not want it.
 *
 * @param find gives the condition; `undefined` when any event is wanted
 * @param scopeOf what the condition reads when `arrived` is the event
 * @param onFault hears why it could not be evaluated
 */
export function isWanted(
  find: () => Expression | undefined,
  event: PinnedEvent,
  scopeOf: (arrived: object) => Scope,
  onFault: (fault: EvaluationFault) => void,
): boolean {
  try {
    const where = find();
    if (where === undefined) return true;
    const value = where.evaluate(scopeOf(eventView(event)));
    if (typeof value === 'boolean') return value;
    const { source } = where;
    onFault(new EvaluationFault(source, { message: 'The condition is neither true nor false.', start: 0, end: source.length }, false));
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    onFault(error);
  }
  return false;
}
