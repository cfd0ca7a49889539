const DAY_MS = 86_400_000;
// A day with a change of the clock has at most 25 hours; a few zones have skipped whole days.
const LONGEST_DAY_MS = 26 * 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of an instant in a time zone, `2026-01-31`. */
export function dayIn(timeZone: string, at: number): string {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timeZone, format);
  return format.format(at);
}

/** When the next day begins in a time zone, in epoch milliseconds; right on days with a change of the clock too. */
export function nextDayAt(timeZone: string, at: number): number {
  const today = dayIn(timeZone, at);
  let [low, high] = [at, at + LONGEST_DAY_MS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dayIn(timeZone, middle) === today) low = middle;
    else high = middle;
  }
  return high;
}

/** When a counter of a day may be forgotten: two days later, wherever the day ends. */
export function counterExpiryAt(at: number): number {
  return at + 2 * DAY_MS;
}
