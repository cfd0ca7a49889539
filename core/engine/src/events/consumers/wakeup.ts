import { pause } from '../../environment.ts';
import type { Timers } from '../../environment.ts';

/** Something to wait for that is remembered when it comes while nobody waits. */
export class Wakeup {
  #isSet = false;
  #waiting: AbortController | undefined;

  set(): void {
    this.#isSet = true;
    this.#waiting?.abort();
  }

  /** Resolves at the next `set`, at once when there was one since the last wait, or after the time. @returns whether it was set */
  async wait(timers: Timers, withinMs: number): Promise<boolean> {
    if (!this.#isSet) {
      const waiting = (this.#waiting = new AbortController());
      await pause(timers, withinMs, waiting.signal);
      this.#waiting = undefined;
    }
    const wasSet = this.#isSet;
    this.#isSet = false;
    return wasSet;
  }
}
