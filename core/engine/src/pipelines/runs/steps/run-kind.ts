import { TendrilError } from '@tendril/plugin-api';
import type { Json } from '@tendril/plugin-api';
import type { CompiledStep, EndStep, SetStep } from '../../compiled.ts';
import { toText } from '../../../expressions/index.ts';
import { oversize } from '../blobs.ts';
import { keepError } from '../kept-error.ts';
import { DONE } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import type { Frame, StepSession } from '../step-session.ts';
import { runAction } from './action-step.ts';
import { runApprove } from './approve.ts';
import { runBranch } from './branch.ts';
import { runCall } from './call-pipeline.ts';
import { runEmit } from './emit.ts';
import { runForEach } from './for-each.ts';
import { runParallel } from './parallel.ts';
import { runWait } from './wait.ts';

/** Does one step, once. @throws EvaluationFault */
export function runKind(session: StepSession, step: CompiledStep, frame: Frame): Promise<Outcome> | Outcome {
  switch (step.kind) {
    case 'action':
      return runAction(session, step, frame);
    case 'if':
    case 'switch':
      return runBranch(session, step, frame);
    case 'parallel':
      return runParallel(session, step, frame);
    case 'forEach':
      return runForEach(session, step, frame);
    case 'wait':
      return runWait(session, step, frame);
    case 'approve':
      return runApprove(session, step, frame);
    case 'call':
      return runCall(session, step, frame);
    case 'emit':
      return runEmit(session, step, frame);
    case 'set':
      return runSet(session, step, frame);
    case 'stop':
      return runStop(session, step, frame);
    case 'fail':
      return { kind: 'failed', error: keepError(new TendrilError('RUN_FAILED', reasonOf(step.reason?.(frame.scope)))) };
  }
}

function runSet(session: StepSession, step: SetStep, frame: Frame): Outcome {
  const values = step.values(frame.scope);
  const sizeBytes = oversize(values);
  if (sizeBytes !== undefined) {
    const problem = 'The values are too large.';
    return { kind: 'failed', error: keepError(new TendrilError('EXPRESSION_FAILED', { problem, sizeBytes })) };
  }
  session.succeed(step, frame, values);
  return DONE;
}

function runStop(session: StepSession, step: EndStep, frame: Frame): Outcome {
  const reason = reasonOf(step.reason?.(frame.scope));
  session.succeed(step, frame, reason);
  return { kind: 'stopped', ...reason };
}

/** What a step says about why it ends the run. */
export function reasonOf(reason: Json | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason: toText(reason) };
}
