import type { CompiledWait, WaitStep } from '../../compiled.ts';
import { toText } from '../../../expressions/index.ts';
import { afterDuration, momentOf, nextTimeOfDay, zoneFor } from '../../waits/wake-time.ts';
import { DONE, sleepingUntil } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import type { Frame, StepSession } from '../step-session.ts';
import { runEventWait } from './wait-event.ts';

/** What is waited for by the clock alone. */
type TimeWait = Exclude<CompiledWait, { readonly kind: 'event' }>;

/** Waits for a time or an event. */
export function runWait(session: StepSession, step: WaitStep, frame: Frame): Outcome | Promise<Outcome> {
  const { wait } = step;
  if (wait.kind === 'event') return runEventWait(session, step, wait, frame);
  return waitForTime(session, step, wait, frame);
}

/** When that is, is decided once. */
function waitForTime(session: StepSession, step: WaitStep, wait: TimeWait, frame: Frame): Outcome {
  const known = session.recordOf(step, frame);
  const until = known?.until ?? wakeTime(session, wait, frame);
  if (until <= session.now()) {
    session.succeed(step, frame);
    return DONE;
  }
  if (known?.until === undefined) session.journal.note({ ...(known ?? session.newRecord(step, frame)), state: 'sleeping', until });
  return sleepingUntil(Math.min(until, frame.deadlineAt));
}

function wakeTime(session: StepSession, wait: TimeWait, { scope }: Frame): number {
  const now = session.now();
  if (wait.kind === 'duration') return afterDuration(toText(wait.value(scope)), now);
  const zone = (): string => zoneFor(toText(wait.timeZone(scope)), scope.profile, session.tenant.tenant.timeZone);
  return wait.kind === 'until' ? momentOf(toText(wait.value(scope)), zone) : nextTimeOfDay(wait.time, wait.days, zone(), now);
}
