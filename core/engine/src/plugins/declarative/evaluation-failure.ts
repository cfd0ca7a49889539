import { TendrilError } from '@tendril/plugin-api';
import { EvaluationFault } from '../../expressions/index.ts';

/**
 * Evaluates a part of a manifest.
 *
 * @param part JSON pointer below the action, such as `/http/query`
 * @throws TendrilError EXPRESSION_FAILED when what is asked with cannot be made
 */
export function forRequest<Value>(part: string, work: () => Value): Value {
  return evaluating('EXPRESSION_FAILED', part, work);
}

/** As `forRequest`, for what is made of an answer: the service gave something else than the manifest expects. @throws TendrilError ACTION_OUTPUT_INVALID */
export function forOutput<Value>(part: string, work: () => Value): Value {
  return evaluating('ACTION_OUTPUT_INVALID', part, work);
}

function evaluating<Value>(code: 'EXPRESSION_FAILED' | 'ACTION_OUTPUT_INVALID', part: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    const { message, start, end } = error.fault;
    throw new TendrilError(code, { part, expression: error.expression, problem: message, start, end });
  }
}
