import { isClosed } from '../book/standing.ts';
import type { LeadsRow, Settings } from '../gen/manifest.gen.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** After so many half-lives a thousandth is left: nothing more to look at. */
const HALF_LIVES = 10;

/**
 * When a lead is looked at again although nothing happens: when it comes back into the queue, and, while what its people
 * did still fades or leaves its window, four times a half-life, once a day at least and once an hour at most.
 */
export function nextLookAt(
  { status, snoozedUntil, activityAt, capturedAt }: LeadsRow,
  moment: number,
  { behaviours = [], behaviourHalfLifeDays }: Settings,
): number | undefined {
  if (isClosed(status)) return undefined;
  const windowMs = Math.max(0, ...behaviours.map(({ withinDays }) => (withinDays + 1) * DAY_MS));
  const fadesUntil = (activityAt ?? capturedAt) + Math.max(windowMs, (behaviourHalfLifeDays ?? 0) * HALF_LIVES * DAY_MS);
  const quarter = behaviourHalfLifeDays === undefined ? DAY_MS : (behaviourHalfLifeDays * DAY_MS) / 4;
  const fadesNext = fadesUntil > moment ? [moment + Math.max(HOUR_MS, Math.min(DAY_MS, quarter))] : [];
  const moments = [...fadesNext, ...(snoozedUntil === undefined ? [] : [snoozedUntil])];
  return moments.length === 0 ? undefined : Math.round(Math.min(...moments));
}
