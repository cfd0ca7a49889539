import { setImmediate } from 'node:timers/promises';

/** Long work that stops after every few milliseconds, so that whoever runs it can let others have the processor. */
export type InPieces<Result> = Generator<undefined, Result>;

/** Runs the work from beginning to end. */
export function finish<Result>(work: InPieces<Result>): Result {
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

/** Runs the work with a pause between its pieces, until the signal says that it is of no use any more. */
export async function finishPolitely<Result>(work: InPieces<Result>, signal: AbortSignal): Promise<Result> {
  let step = work.next();
  while (step.done !== true) {
    signal.throwIfAborted();
    await setImmediate();
    step = work.next();
  }
  return step.value;
}
