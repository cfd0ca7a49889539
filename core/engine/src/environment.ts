import { randomBytes, randomUUID } from 'node:crypto';

/** Chance, handed in so that tests can replace it. */
export interface Random {
  /** At least 0, below 1; for jitter, never for secrets. */
  fraction(): number;
  /** From a cryptographic source. */
  bytes(length: number): Uint8Array;
  /** Unique for ever. */
  id(): string;
}

/** Waiting, handed in so that tests can replace it. */
export interface Timers {
  /** Milliseconds that never run backwards, from any start. */
  monotonicMs(): number;
  /** Calls once after `delayMs`; does not keep the process alive. @returns how to cancel, safe to call twice */
  after(delayMs: number, callback: () => void): () => void;
}

const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The process's own. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (length) => randomBytes(length),
  id: () => randomUUID(),
};

/** The process's own. */
export const systemTimers: Timers = {
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const handle = setTimeout(callback, Math.max(0, Math.min(delayMs, LONGEST_DELAY_MS)));
    handle.unref();
    return () => {
      clearTimeout(handle);
    };
  },
};

/** Resolves after the delay, or at once when the signal is aborted. */
export function pause(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(delayMs, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}
