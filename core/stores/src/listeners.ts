/** Who wants to hear of something that happened in this process. */
export class Listeners<Arguments extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: Arguments) => void>();

  /** @returns what ends it */
  add(listener: (...args: Arguments) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  notify(...args: Arguments): void {
    for (const listener of this.#listeners) listener(...args);
  }
}
