import type { WaitStep } from '../../compiled.ts';
import { parseDuration } from '../../duration.ts';
import { EvaluationFault } from '../../expressions/expression.ts';
import { toText } from '../../expressions/values.ts';
import { DONE, sleepingUntil } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import type { Frame, StepSession } from '../step-session.ts';

/** Waits for a time. */
export function runWait(session: StepSession, step: WaitStep, frame: Frame): Outcome {
  const known = session.recordOf(step, frame);
  const until = known?.until ?? wakeTime(session, step, frame);
  if (until <= session.now()) {
    session.succeed(step, frame);
    return DONE;
  }
  if (known?.until === undefined) session.journal.note({ ...(known ?? session.newRecord(step, frame)), state: 'sleeping', until });
  return sleepingUntil(Math.min(until, frame.deadlineAt));
}

function wakeTime(session: StepSession, { wait }: WaitStep, { scope }: Frame): number {
  if (wait.kind === 'at' || wait.kind === 'event') throw new TypeError('not yet');
  const text = toText(wait.value(scope));
  const at = wait.kind === 'until' ? Date.parse(text) : session.now() + (parseDuration(text) ?? Number.NaN);
  if (!Number.isNaN(at)) return at;
  const message = wait.kind === 'until' ? 'This is not a moment.' : 'This is not a duration.';
  throw new EvaluationFault(text.slice(0, 100), { message, start: 0, end: text.length }, false);
}
