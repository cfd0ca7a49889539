import type { CompiledStep, ParallelStep } from '../../compiled.ts';
import { DONE, joined } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import type { Frame, StepSession } from '../step-session.ts';

/** Goes several ways at once. */
export async function runParallel(session: StepSession, step: ParallelStep, frame: Frame): Promise<Outcome> {
  if (winnerOf(session, step, frame) !== undefined) return won(session, step, frame);
  let hasEnded = false;
  const inner: Frame = { ...frame, isCut: () => hasEnded || frame.isCut() };
  const isAny = step.join === 'any';
  const run = async (name: string, steps: readonly CompiledStep[]): Promise<Outcome> => {
    const outcome = await session.runSteps(steps, inner);
    if (outcome.kind === 'stopped' || (outcome.kind === 'failed' && !isAny)) hasEnded = true;
    if (outcome.kind === 'done' && isAny && !hasEnded) {
      hasEnded = true;
      // Kept at once, so that a death while the others come to their ends does not let another one win.
      session.journal.note({ ...(session.recordOf(step, frame) ?? session.newRecord(step, frame)), output: { branch: name } });
    }
    return outcome;
  };
  const outcomes = await allOf(
    session,
    [...step.branches].map(
      ([name, steps]) =>
        () =>
          run(name, steps),
    ),
    () => {
      hasEnded = true;
    },
  );
  if (isAny) return anyOf(session, step, frame, outcomes);
  const outcome = joined(outcomes);
  if (outcome.kind === 'done') session.succeed(step, frame);
  return outcome;
}

/**
 * Does several things at once until each has come to something.
 *
 * @param onThrow called as soon as one throws, which ends the session
 */
export async function allOf(
  session: StepSession,
  tasks: readonly (() => Promise<Outcome>)[],
  onThrow: () => void,
): Promise<readonly Outcome[]> {
  const settled = await Promise.allSettled(
    tasks.map(async (task) => {
      try {
        const outcome = await task();
        // One that is done must not wait for the others to be on disk.
        await session.journal.flush();
        return outcome;
      } catch (error) {
        onThrow();
        throw error;
      }
    }),
  );
  const thrown = settled.find((result) => result.status === 'rejected');
  if (thrown !== undefined) throw thrown.reason;
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function winnerOf(session: StepSession, step: ParallelStep, frame: Frame): string | undefined {
  return (session.recordOf(step, frame)?.output as { readonly branch?: string } | undefined)?.branch;
}

/** The others are over, whatever they were doing. */
function won(session: StepSession, step: ParallelStep, frame: Frame): Outcome {
  session.closeOpen(`${session.pathOf(step, frame)}.`);
  session.succeed(step, frame);
  return DONE;
}

function anyOf(session: StepSession, step: ParallelStep, frame: Frame, outcomes: readonly Outcome[]): Outcome {
  const stopped = outcomes.find(({ kind }) => kind === 'stopped');
  if (stopped !== undefined) return stopped;
  if (winnerOf(session, step, frame) !== undefined) return won(session, step, frame);
  // One that has failed loses; the step fails when nobody is left.
  const left = outcomes.filter(({ kind }) => kind !== 'failed');
  return joined(left.length > 0 ? left : outcomes);
}
