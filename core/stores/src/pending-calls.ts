/** Calls that have not come to their end, so that closing can wait for them. */
export class PendingCalls {
  readonly #pending = new Set<Promise<unknown>>();

  /** Runs a call and remembers it until it ends. */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    const running = call();
    this.#pending.add(running);
    try {
      return await running;
    } finally {
      this.#pending.delete(running);
    }
  }

  get count(): number {
    return this.#pending.size;
  }

  /** Resolves when all have ended, well or badly. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }
}
