import type { Clock, Logger } from '@tendril/plugin-api';
import type { Random, Timers } from '../../src/environment.ts';

/** A clock, and timers on it, that stand still until told. */
export class FakeTime implements Clock, Timers {
  #nowMs = Date.UTC(2026, 0, 1);
  #nextId = 1;
  readonly #waiting = new Map<number, { readonly atMs: number; readonly callback: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#waiting.set(id, { atMs: this.#nowMs + Math.max(0, delayMs), callback });
    return () => this.#waiting.delete(id);
  }

  /** Lets the time pass without any timer going off: a frozen process. */
  freeze(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets the time pass, timers going off in their order, with everything in between done. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#waiting].filter(([, timer]) => timer.atMs <= end).toSorted((a, b) => a[1].atMs - b[1].atMs || a[0] - b[0]);
      if (next === undefined) break;
      this.#waiting.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1].atMs);
      next[1].callback();
      await settled();
    }
    this.#nowMs = end;
  }

  /** Advances in steps until the condition holds. */
  async until(condition: () => boolean | Promise<boolean>, stepMs = 10, steps = 3_000): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await settled();
      if (await condition()) return;
      await this.advance(stepMs);
    }
    throw new Error('what was waited for did not happen');
  }
}

/** Everything that was ready to run has run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Chance that is no chance: fractions are as given, bytes and ids count up. */
export function fakeRandom(fraction = 0.5): Random {
  let count = 0;
  return {
    fraction: () => fraction,
    bytes: (length) => {
      count += 1;
      return Uint8Array.from({ length }, (_, i) => (count * 31 + i * 7) % 256);
    },
    id: () => {
      count += 1;
      return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
    },
  };
}

/** Keeps what was logged. */
export function recordingLog(): Logger & {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[];
} {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
