import type { Clock } from '@tendril/plugin-api';
import type { Timers } from '../../environment.ts';

interface Waiting {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is moved, with its timers: what takes days takes no time. */
export class VirtualTime implements Clock, Timers {
  #now: number;
  #last = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** @param now where it begins, in epoch milliseconds */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const id = (this.#last += 1);
    this.#waiting.set(id, { at: this.#now + Math.max(0, delayMs), callback });
    return () => this.#waiting.delete(id);
  }

  /** Moves the clock on; never back. Timers are not fired by it. */
  moveTo(at: number): void {
    this.#now = Math.max(this.#now, at);
  }

  /** Fires the timer that is due first, moving the clock to it. @returns false when there is none */
  fireNext(): boolean {
    let first: readonly [number, Waiting] | undefined;
    for (const entry of this.#waiting) if (first === undefined || entry[1].at < first[1].at) first = entry;
    if (first === undefined) return false;
    this.#waiting.delete(first[0]);
    this.moveTo(first[1].at);
    first[1].callback();
    return true;
  }
}
