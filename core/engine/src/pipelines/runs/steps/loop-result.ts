import type { Json } from '@tendril/plugin-api';
import type { ForEachStep } from '../../compiled.ts';
import type { ElementFailure } from '../records.ts';
import type { Frame, StepSession } from '../step-session.ts';

/** The longest list that a loop takes, and the longest that it collects. */
export const MAX_LIST_LENGTH = 10_000;
/** How many failures a loop tells. */
export const MAX_FAILURES_TOLD = 20;

/** What elements of a loop came to. */
export interface LoopResult {
  readonly count: number;
  readonly failed: number;
  readonly failures: readonly ElementFailure[];
  readonly collected: readonly Json[];
}

/** Notes the end of a loop; what it needed to go on is let go of. */
export function endLoop(session: StepSession, step: ForEachStep, frame: Frame, result: LoopResult): void {
  const { count, failed, failures, collected } = result;
  const {
    items: _items,
    collected: _collected,
    progress: _progress,
    large: _large,
    error: _error,
    ...rest
  } = session.recordOf(step, frame) ?? session.newRecord(step, frame);
  const output = {
    count,
    failed,
    ...(step.collect === undefined ? {} : { collected: [...collected] }),
    ...(failures.length === 0 ? {} : { failures: failures.map(({ index, code }) => ({ index, code })) }),
  };
  session.journal.note(session.ended(step, { ...rest, state: 'succeeded', output, endedAt: session.now() }));
}
