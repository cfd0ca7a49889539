import type { AnalyticsInterval, Scalar } from '@tendril/plugin-api';

const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The beginning of the interval that an instant lies in, as the contract writes it: from what the zone's clock shows, with no arithmetic of offsets. */
export function labelOf(per: AnalyticsInterval, timeZone: string, at: number, hasOffset: boolean): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'longOffset',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
  if (per === 'day') return day;
  if (per === 'month') return `${day.slice(0, 8)}01`;
  if (per === 'week') {
    const noon = Date.parse(`${day}T12:00:00Z`);
    return new Date(noon - ((new Date(noon).getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
  }
  const offset = (parts.get('timeZoneName') ?? '').replace('GMT', '') || '+00:00';
  return `${day}T${parts.get('hour') ?? ''}:00${hasOffset ? offset : ''}`;
}

/** How many intervals a label lies behind another. */
export function periodsBetween(per: 'day' | 'week' | 'month', from: string, to: string): number {
  if (per === 'month') {
    const month = (label: string): number => Number(label.slice(0, 4)) * 12 + Number(label.slice(5, 7));
    return month(to) - month(from);
  }
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
  return per === 'day' ? days : days / 7;
}

/** The middle value, or the mean of the middle two; nothing of nothing. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}

/** Numbers by size, then texts, then booleans, then none. */
export function compareScalars(a: Scalar | null, b: Scalar | null): number {
  const kind = (value: Scalar | null): number => (value === null ? 3 : ['number', 'string', 'boolean'].indexOf(typeof value));
  if (kind(a) !== kind(b)) return kind(a) - kind(b);
  if (a === b || a === null || b === null) return 0;
  return a < b ? -1 : 1;
}
