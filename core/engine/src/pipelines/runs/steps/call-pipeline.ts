import { TendrilError } from '@tendril/plugin-api';
import type { CallStep } from '../../compiled.ts';
import { oversize } from '../blobs.ts';
import { keepError } from '../kept-error.ts';
import { DONE, QUIET } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import type { StepRecord } from '../records.ts';
import type { Frame, StepSession } from '../step-session.ts';

const TOO_LARGE = 'The input is too large.';

/** Runs another pipeline and waits for its end; a detached one is only started. */
export async function runCall(session: StepSession, step: CallStep, frame: Frame): Promise<Outcome> {
  const record = session.recordOf(step, frame) ?? session.newRecord(step, frame);
  if (record.childId !== undefined) return lookAt(session, step, frame, record, record.childId);
  const input = step.input(frame.scope);
  const attempts = record.attempts + 1;
  session.fault('step.before-child');
  const sizeBytes = oversize(input);
  if (sizeBytes !== undefined)
    return { kind: 'failed', error: keepError(new TendrilError('EXPRESSION_FAILED', { problem: TOO_LARGE, sizeBytes })) };
  try {
    const child = await session.children.prepare(session.tenant, session.run, {
      pipeline: step.pipeline,
      input,
      isDetached: step.detached,
      path: record.path,
      attempt: attempts,
    });
    const { until: _until, error: _error, ...rest } = record;
    const begun: StepRecord = { ...rest, input, attempts, childId: child.runId };
    if (step.detached) {
      const ended: StepRecord = { ...begun, state: 'succeeded', output: { runId: child.runId }, endedAt: session.now() };
      session.journal.note(session.ended(step, ended), child.changes);
      return DONE;
    }
    session.journal.note({ ...begun, state: 'sleeping' }, child.changes);
    return sleeping(frame);
  } catch (failure) {
    session.rethrowEnd(failure);
    if (!TendrilError.is(failure)) throw failure;
    session.journal.note({ ...record, input, attempts });
    return { kind: 'failed', error: keepError(failure) };
  }
}

/** The child's end wakes the run. */
function sleeping(frame: Frame): Outcome {
  return { kind: 'waiting', waiting: { ...QUIET, dueAt: frame.deadlineAt } };
}

async function lookAt(session: StepSession, step: CallStep, frame: Frame, record: StepRecord, childId: string): Promise<Outcome> {
  const child = await session.children.stateOf(session.tenant, childId);
  if (child.kind === 'open') return sleeping(frame);
  if (child.kind === 'failed') return child;
  session.journal.note(session.ended(step, { ...record, state: 'succeeded', output: child.output, endedAt: session.now() }));
  return DONE;
}
