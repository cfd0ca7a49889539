import { pause } from '../../environment.ts';
import type { CompiledStep } from '../compiled.ts';
import { sleepingUntil } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { isPage } from './records.ts';
import type { KeptError, StepRecord } from './records.ts';
import { retryDelayMs, SHORT_DELAY_MS } from './retry.ts';
import type { Frame, StepSession } from './step-session.ts';

/**
 * After a step other than an action has failed: takes back what failed inside of it, so that it is done again. What has
 * succeeded is kept.
 *
 * @returns `undefined` when it is to be tried again at once, else what the step comes to for now
 */
export async function retryBlock(session: StepSession, step: CompiledStep, frame: Frame, error: KeptError): Promise<Outcome | undefined> {
  const failed: Outcome = { kind: 'failed', error };
  if (step.retry === undefined || step.kind === 'action' || frame.isCut()) return failed;
  const record = session.recordOf(step, frame) ?? session.newRecord(step, frame);
  // A call has counted the runs that it started.
  const attempts = step.kind === 'call' ? Math.max(1, record.attempts) : record.attempts + 1;
  const now = session.now();
  const delayMs = retryDelayMs(step.retry, attempts, error, { random: session.random, now });
  if (delayMs === undefined) {
    session.journal.note({ ...record, attempts });
    return failed;
  }
  takeBack(session, `${record.path}.`);
  const { until: _until, error: _error, childId: _childId, ...rest } = record;
  const until = now + delayMs;
  if (delayMs <= SHORT_DELAY_MS && until < frame.deadlineAt) {
    session.journal.note({ ...rest, attempts, state: 'running' });
    await pause(session.timers, delayMs, session.signal);
    return undefined;
  }
  session.journal.note({ ...rest, attempts, state: 'sleeping', error, until });
  return sleepingUntil(Math.min(until, frame.deadlineAt));
}

function takeBack(session: StepSession, prefix: string): void {
  for (const record of [...session.journal.records()]) {
    if (record.state !== 'failed' || !record.path.startsWith(prefix)) continue;
    // Elements and pages have no handlers of their own.
    const isBare = record.kind === 'element' || isPage(record);
    if (!isBare && !session.isUnhandled(record.path)) continue;
    const again = begunAgain(record, session.now());
    if (again === undefined) session.journal.forget(record.path);
    else session.journal.note(again);
  }
}

/** What is kept of a failed step: an action's input, which goes with its key; the way that a block has taken. */
function begunAgain(record: StepRecord, startedAt: number): StepRecord | undefined {
  const { error: _error, endedAt: _endedAt, until: _until, intent: _intent, childId: _childId, ...rest } = record;
  switch (record.kind) {
    case 'action':
      return { ...rest, state: 'running', attempts: 0, startedAt };
    case 'call':
      return { ...rest, state: 'running', startedAt };
    case 'if':
    case 'switch':
    case 'parallel':
    case 'forEach':
      return { ...rest, state: 'running', attempts: 0, startedAt };
    default:
      return undefined;
  }
}
