import type { ParallelStep } from '../../compiled.ts';
import { joined } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import type { Frame, StepSession } from '../step-session.ts';

/** Goes several ways at once. */
export async function runParallel(session: StepSession, step: ParallelStep, frame: Frame): Promise<Outcome> {
  let hasEnded = false;
  const inner: Frame = { ...frame, isCut: () => hasEnded || frame.isCut() };
  const branches = [...step.branches.values()].map(async (steps) => {
    try {
      const outcome = await session.runSteps(steps, inner);
      if (outcome.kind === 'failed' || outcome.kind === 'stopped') hasEnded = true;
      // A branch that is done must not wait for the others to be on disk.
      await session.journal.flush();
      return outcome;
    } catch (error) {
      hasEnded = true;
      throw error;
    }
  });
  const settled = await Promise.allSettled(branches);
  const thrown = settled.find((result) => result.status === 'rejected');
  if (thrown !== undefined) throw thrown.reason;
  const outcome = joined(settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
  if (outcome.kind === 'done') session.succeed(step, frame);
  return outcome;
}
