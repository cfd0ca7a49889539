/** Calendar units over time. */
export type Interval = 'hour' | 'day' | 'week' | 'month';

/** Stretches of time to look at, each with the interval that suits it. */
export const RANGES = [
  { range: '24h', text: 'Last 24 hours', ms: 86_400_000, per: 'hour' },
  { range: '7d', text: 'Last 7 days', ms: 7 * 86_400_000, per: 'day' },
  { range: '30d', text: 'Last 30 days', ms: 30 * 86_400_000, per: 'day' },
  { range: '90d', text: 'Last 90 days', ms: 90 * 86_400_000, per: 'week' },
  { range: '365d', text: 'Last 12 months', ms: 365 * 86_400_000, per: 'month' },
  { range: 'all', text: 'Everything', ms: undefined, per: 'month' },
] as const satisfies readonly { range: string; text: string; ms: number | undefined; per: Interval }[];

/** One of `RANGES`. */
export type Range = (typeof RANGES)[number];

/** The range of a name; 30 days for an unknown one. */
export function readRange(name: string | null): Range {
  return RANGES.find(({ range }) => range === name) ?? RANGES[2];
}

/** From when on, ISO 8601 at a whole minute; nothing for everything. */
export function fromOf({ ms }: Range, nowMs: number): { readonly from?: string } {
  return ms === undefined ? {} : { from: new Date(Math.floor((nowMs - ms) / 60_000) * 60_000).toISOString() };
}

/**
 * Fills intervals in which nothing happened with zero: answers leave them out. From the first to the last that any series has.
 *
 * @param at beginnings of intervals on the clock of the time zone, as answers name them
 */
export function fillIntervals(at: readonly string[], per: Interval): readonly string[] {
  const sorted = [...new Set(at)].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const filled: string[] = [];
  // Known names are kept as they are, with their offset; between them stand those that the clock would show.
  const byClock = new Map(sorted.map((each) => [clockOf(each, per), each]));
  for (let clock = clockOf(first, per), count = 0; clock <= clockOf(last, per) && count < 2_000; clock = next(clock, per), count += 1)
    filled.push(byClock.get(clock) ?? clock);
  return filled;
}

/** A beginning of an interval in words: `29 Mar`, `14:00`, `Mar 2026`. */
export function tellInterval(at: string, per: Interval): string {
  const date = new Date(`${clockOf(at, per)}${per === 'hour' ? ':00' : 'T00:00:00'}Z`);
  if (Number.isNaN(date.getTime())) return at;
  const shape: Intl.DateTimeFormatOptions =
    per === 'hour'
      ? { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false }
      : per === 'month'
        ? { month: 'short', year: 'numeric' }
        : { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat('en-GB', { ...shape, timeZone: 'UTC' }).format(date);
}

/** What the clock shows, without an offset. */
function clockOf(at: string, per: Interval): string {
  return at.slice(0, per === 'hour' ? 16 : 10);
}

function next(clock: string, per: Interval): string {
  const date = new Date(`${clock}${per === 'hour' ? ':00' : 'T00:00:00'}Z`);
  if (Number.isNaN(date.getTime())) return '\uffff';
  if (per === 'hour') date.setUTCHours(date.getUTCHours() + 1);
  else if (per === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  else date.setUTCDate(date.getUTCDate() + (per === 'week' ? 7 : 1));
  return date.toISOString().slice(0, per === 'hour' ? 16 : 10);
}

/** Whether a period after that of `at` has begun: one that has not is empty, and not zero. */
export function hasBegun(at: string, periods: number, per: 'day' | 'week' | 'month', nowMs: number): boolean {
  const date = new Date(`${at.slice(0, 10)}T00:00:00Z`);
  if (per === 'month') date.setUTCMonth(date.getUTCMonth() + periods);
  else date.setUTCDate(date.getUTCDate() + periods * (per === 'week' ? 7 : 1));
  return !(date.getTime() > nowMs);
}
