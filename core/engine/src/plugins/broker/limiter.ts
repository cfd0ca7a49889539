import { TendrilError } from '@tendril/plugin-api';
import type { Clock } from '@tendril/plugin-api';
import type { Timers } from '../../environment.ts';
import { pause } from '../../environment.ts';

/** How many calls something takes. */
export interface Rate {
  /** Calls within `perMs`, at least 1. */
  readonly limit: number;
  readonly perMs: number;
  /** Calls at the same time. */
  readonly concurrency?: number;
}

/** Counts calls per key. This one counts in this process; one over all workers has the same shape. */
export interface Limiter {
  /**
   * Takes a place; waits for it for at most `patienceMs`.
   *
   * @returns how to give the concurrency back, safe to call twice
   * @throws TendrilError UPSTREAM_THROTTLED with `retryAfterMs` when it would take longer, ACTION_ABORTED
   */
  acquire(key: string, rate: Rate | undefined, options: { readonly patienceMs: number; readonly signal: AbortSignal }): Promise<() => void>;
  /** The service asked to be left alone: nothing of this key starts before. */
  holdUntil(key: string, at: number): void;
}

// A window of more starts than this is cut into smaller windows of the same rate, which keeps below it all the more.
const MOST_STARTS = 1_000;
const BUSY_POLL_MS = 50;

interface Gate {
  readonly starts: number[];
  active: number;
  heldUntil: number;
}

/** @param options.timers also for the wait of a call that has patience */
export function createLimiter({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }): Limiter {
  const gates = new Map<string, Gate>();

  function gateOf(key: string): Gate {
    const gate = gates.get(key) ?? { starts: [], active: 0, heldUntil: 0 };
    gates.set(key, gate);
    return gate;
  }

  /** 0 when a call may start now. */
  function waitMs(gate: Gate, rate: Rate | undefined): number {
    const now = clock.now();
    const heldMs = Math.max(0, gate.heldUntil - now);
    if (rate === undefined) return heldMs;
    const { limit, perMs } = shortened(rate);
    while (gate.starts.length > 0 && (gate.starts[0] ?? 0) <= now - perMs) gate.starts.shift();
    const oldest = gate.starts.length >= limit ? (gate.starts[0] ?? now) : undefined;
    const rateMs = oldest === undefined ? 0 : oldest + perMs - now;
    const busyMs = gate.active >= (rate.concurrency ?? Infinity) ? BUSY_POLL_MS : 0;
    return Math.max(heldMs, rateMs, busyMs);
  }

  return {
    acquire: async (key, rate, { patienceMs, signal }) => {
      const gate = gateOf(key);
      const deadline = clock.now() + patienceMs;
      for (let wait = waitMs(gate, rate); wait > 0; wait = waitMs(gate, rate)) {
        if (clock.now() + wait > deadline) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: wait, by: 'hub' });
        await pause(timers, wait, signal);
        if (signal.aborted) throw new TendrilError('ACTION_ABORTED', {});
      }
      gate.active += 1;
      if (rate !== undefined) gate.starts.push(clock.now());
      let isOpen = true;
      return () => {
        if (isOpen) gate.active -= 1;
        isOpen = false;
      };
    },
    holdUntil: (key, at) => {
      const gate = gateOf(key);
      gate.heldUntil = Math.max(gate.heldUntil, at);
    },
  };
}

function shortened({ limit, perMs }: Rate): { readonly limit: number; readonly perMs: number } {
  const parts = Math.ceil(limit / MOST_STARTS);
  return { limit: Math.floor(limit / parts), perMs: perMs / parts };
}
