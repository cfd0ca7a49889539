import type { Scalar } from '@tendril/plugin-api';

/** One way through the steps: when each was taken, and what the first one's event said. */
interface Attempt {
  /** Grows with every first step. */
  readonly number: number;
  readonly times: readonly number[];
  readonly group: Scalar | null;
}

/** Told once for a person who took the first step: how many steps, and when. */
export type Report = (reached: number, times: readonly number[], group: Scalar | null) => void;

/**
 * Follows people through the steps of a funnel. Of the attempts that have come as far as a step the one that began last is kept: whatever an
 * earlier one can still reach within its window, that one can reach too.
 */
export class Attempts {
  readonly #steps: number;
  readonly #windowMs: number;
  readonly #report: Report;
  #who = NaN;
  #number = 0;
  #open: (Attempt | undefined)[] = [];
  #best: Attempt | undefined;

  constructor(steps: number, windowMs: number, report: Report) {
    this.#steps = steps;
    this.#windowMs = windowMs;
    this.#report = report;
  }

  /** @param bits which steps the event can be; all of a person's are added one after another, in the order in which they happened */
  add(who: number, at: number, bits: number, group: Scalar | null): void {
    if (who !== this.#who) this.#begin(who);
    // Backwards, so that one event is one step of an attempt.
    for (let step = this.#steps - 1; step > 0; step -= 1) {
      const before = this.#open[step - 1];
      if ((bits & (1 << step)) === 0 || before === undefined || at - (before.times[0] ?? 0) > this.#windowMs) continue;
      this.#reach(step, { ...before, times: [...before.times, at] });
    }
    if ((bits & 1) !== 0) this.#reach(0, { number: (this.#number += 1), times: [at], group });
  }

  end(): void {
    if (this.#best !== undefined) this.#report(this.#best.times.length, this.#best.times, this.#best.group);
    this.#best = undefined;
    this.#open = [];
  }

  #begin(who: number): void {
    this.end();
    this.#who = who;
  }

  #reach(step: number, attempt: Attempt): void {
    const open = this.#open[step];
    // The same attempt has taken this step before: the first time counts.
    if (open !== undefined && open.number >= attempt.number) return;
    this.#open[step] = attempt;
    if (this.#best === undefined || attempt.times.length > this.#best.times.length) this.#best = attempt;
  }
}
