import type { Instant } from '../api/types.ts';

/** Epoch milliseconds of a moment as the API gives it; NaN when it is none. */
export function toMs(instant: Instant): number {
  return typeof instant === 'number' ? instant : Date.parse(instant);
}

const STEPS = [
  { unit: 'second', ms: 1_000, below: 60_000 },
  { unit: 'minute', ms: 60_000, below: 3_600_000 },
  { unit: 'hour', ms: 3_600_000, below: 86_400_000 },
  { unit: 'day', ms: 86_400_000, below: 30 * 86_400_000 },
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** A moment in words seen from `now`: `just now`, `12 sec. ago`, `3 hr. ago`, a date when it is long ago. */
export function tellRelative(atMs: number, nowMs: number): string {
  const distanceMs = atMs - nowMs;
  const size = Math.abs(distanceMs);
  if (size < 2_000) return 'just now';
  const step = STEPS.find(({ below }) => size < below);
  return step === undefined ? day.format(atMs) : relative.format(Math.trunc(distanceMs / step.ms), step.unit);
}

/** A moment in full, in the reader's time zone. */
export function tellAbsolute(atMs: number): string {
  return absolute.format(atMs);
}

/** A length of time in two significant units: `18 ms`, `4.2 s`, `1 min 3 s`. */
export function tellDuration(ms: number): string {
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${String(Math.floor(ms / 60_000))} min ${String(Math.floor((ms % 60_000) / 1_000))} s`;
  return `${String(Math.floor(ms / 3_600_000))} h ${String(Math.floor((ms % 3_600_000) / 60_000))} min`;
}
