/**
 * Runs work one time after another. Asked while it runs, it runs once more afterwards, however often it was asked.
 *
 * @returns resolves when nothing is left to do; rejects with the first failure
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let isAskedAgain = false;
  async function runAll(): Promise<void> {
    do {
      isAskedAgain = false;
      await work();
    } while (wasAsked());
  }
  // A function, so that the compiler does not take what was just assigned for what is there after waiting.
  const wasAsked = (): boolean => isAskedAgain;
  return () => {
    if (running !== undefined) {
      isAskedAgain = true;
      return running;
    }
    running = runAll().finally(() => {
      running = undefined;
    });
    return running;
  };
}
