import type { CronTimes } from '../../cron.ts';

/** What becomes of times that passed while nothing ran. */
export type CatchUp = 'latest' | 'all' | 'none';

/** A time that is handled within this was not missed: a scheduler that died has been replaced by then. In milliseconds. */
export const ON_TIME_MS = 60_000;
const MOST_CAUGHT_UP = 100;

/**
 * The times for which a schedule has to start something, in their order.
 *
 * @param after the last time that was handled, in epoch milliseconds
 */
export function dueTimes(times: CronTimes, after: number, now: number, catchUp: CatchUp): readonly number[] {
  const passed = lastTimes(times, after, now);
  const isInTime = (at: number | undefined): boolean => at !== undefined && at >= now - ON_TIME_MS;
  const first = times.next(after);
  if (isInTime(first) || catchUp === 'all') return passed;
  const latest = passed.slice(-1);
  return catchUp === 'latest' || isInTime(latest[0]) ? latest : [];
}

/** The last hundred times behind `after` up to `now`. It looks back ever further, so that a second's schedule after a year costs no more. */
function lastTimes(times: CronTimes, after: number, now: number): readonly number[] {
  for (let windowMs = ON_TIME_MS; ; windowMs *= 2) {
    const begin = Math.max(after, now - windowMs);
    const found: number[] = [];
    for (let at = times.next(begin); at !== undefined && at <= now; at = times.next(at)) found.push(at);
    if (found.length >= MOST_CAUGHT_UP || begin === after) return found.slice(-MOST_CAUGHT_UP);
  }
}
