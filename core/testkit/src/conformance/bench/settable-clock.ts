/** A clock that stands still until it is set or moved. */
export class SettableClock {
  #now = Date.UTC(2026, 0, 15, 12);

  now(): number {
    return this.#now;
  }

  /** @param at epoch milliseconds */
  set(at: number): void {
    this.#now = at;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
