/** Told once for a person who took the first step: how many steps, when, and the group of the first one's event. */
export type Report = (reached: number, times: Float64Array, group: number) => void;

/**
 * Follows people through the steps of a funnel. Of the attempts that have come as far as a step the one that began last is kept: whatever an
 * earlier one can still reach within its window, that one can reach too.
 *
 * What is kept are numbers in flat arrays: objects for three million events take 200 ms more, and are collected again.
 */
export class Attempts {
  readonly #steps: number;
  readonly #windowMs: number;
  readonly #report: Report;
  #who = NaN;
  #made = 0;
  #reached = 0;
  /** By step: which attempt was there last, growing with every first step, 0 for none; its group; when it took this step and those before. */
  readonly #open: Float64Array;
  readonly #groups: Float64Array;
  readonly #times: Float64Array;
  readonly #best: Float64Array;
  #bestGroup = 0;

  constructor(steps: number, windowMs: number, report: Report) {
    this.#steps = steps;
    this.#windowMs = windowMs;
    this.#report = report;
    this.#open = new Float64Array(steps);
    this.#groups = new Float64Array(steps);
    this.#times = new Float64Array(steps * steps);
    this.#best = new Float64Array(steps);
  }

  /** @param bits which steps the event can be; all of a person's are added one after another, in the order in which they happened */
  add(who: number, at: number, bits: number, group: number): void {
    if (who !== this.#who) this.#begin(who);
    // Nothing is better than the first that took all steps.
    if (this.#reached === this.#steps) return;
    const [open, times] = [this.#open, this.#times];
    // Backwards, so that one event is one step of an attempt.
    for (let step = this.#steps - 1; step > 0; step -= 1) {
      if ((bits & (1 << step)) === 0) continue;
      const attempt = open[step - 1] ?? 0;
      const before = (step - 1) * this.#steps;
      if (attempt === 0 || at - (times[before] ?? 0) > this.#windowMs) continue;
      // The same attempt has taken this step before: the first time counts.
      if ((open[step] ?? 0) >= attempt) continue;
      for (let i = 0; i < step; i += 1) times[step * this.#steps + i] = times[before + i] ?? 0;
      this.#reach(step, attempt, at, this.#groups[step - 1] ?? 0);
    }
    if ((bits & 1) !== 0) this.#reach(0, (this.#made += 1), at, group);
  }

  /** Tells of the last person. */
  end(): void {
    if (this.#reached > 0) this.#report(this.#reached, this.#best.subarray(0, this.#reached), this.#bestGroup);
    this.#reached = 0;
    this.#open.fill(0);
  }

  #begin(who: number): void {
    this.end();
    this.#who = who;
  }

  /** The times of the steps before are there already. */
  #reach(step: number, attempt: number, at: number, group: number): void {
    const from = step * this.#steps;
    this.#open[step] = attempt;
    this.#groups[step] = group;
    this.#times[from + step] = at;
    if (step < this.#reached) return;
    this.#reached = step + 1;
    for (let i = 0; i <= step; i += 1) this.#best[i] = this.#times[from + i] ?? 0;
    this.#bestGroup = group;
  }
}
