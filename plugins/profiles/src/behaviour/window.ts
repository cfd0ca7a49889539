const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A day of 24 hours. */
export const DAY_MS = 24 * HOUR_MS;

/** The longest window: ten years. */
export const LONGEST_WINDOW_MS = 3_650 * DAY_MS;

const UNITS_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/**
 * How far back an aggregate looks. Events are told apart by buckets of `grainMs` (counted from the epoch, in UTC), and all
 * events of a bucket leave the window together, `lengthMs` after the bucket's end.
 */
export interface Window {
  readonly lengthMs: number;
  readonly grainMs: number;
}

/** Milliseconds of `90m`, `12h`, `30d`; 0 for `ever`; `undefined` for anything else. */
export function windowMsOf(text: string): number | undefined {
  if (text === '' || text === 'ever') return 0;
  const [, amount, unit = ''] = /^([0-9]{1,7})(m|h|d)$/.exec(text) ?? [];
  const lengthMs = Number(amount) * (UNITS_MS[unit] ?? NaN);
  return lengthMs > 0 && lengthMs <= LONGEST_WINDOW_MS ? lengthMs : undefined;
}

/** A window with the grain that belongs to its length: few buckets, and an edge that is late by little. */
export function windowOf(lengthMs: number): Window {
  return { lengthMs, grainMs: grainOf(lengthMs) };
}

function grainOf(lengthMs: number): number {
  if (lengthMs <= 6 * HOUR_MS) return MINUTE_MS;
  if (lengthMs < 2 * DAY_MS) return 5 * MINUTE_MS;
  return lengthMs <= 60 * DAY_MS ? HOUR_MS : DAY_MS;
}

/** Number of the bucket that a moment falls into. */
export function bucketOf(at: number, { grainMs }: Window): number {
  return Math.floor(at / grainMs);
}

/** When what happened in a bucket stops to count, in epoch milliseconds: at this moment it no longer does. */
export function expiryOf(bucket: number, { grainMs, lengthMs }: Window): number {
  return (bucket + 1) * grainMs + lengthMs;
}
