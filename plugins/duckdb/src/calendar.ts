/** A zone's distance from UTC from an instant on. */
interface Stretch {
  readonly from: number;
  readonly offsetMs: number;
}

type Interval = 'hour' | 'day' | 'week' | 'month';

/** A stretch of time that lies in one interval of the calendar. */
export interface CellStretch {
  readonly from: number;
  readonly cell: number;
}

const SEARCH_STEP_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Before every time that a clock can tell, in whole weeks. */
const LONG_BEFORE_DAYS = 7 * 14_285_715;
const FIRST_YEAR = 1970;
const LAST_YEAR = 2100;
const MOST_KEPT = 1_000;

const formats = new Map<string, Intl.DateTimeFormat>();
const stretchesByRange = new Map<string, readonly Stretch[]>();

/** How far a zone's clock is from UTC at an instant. */
export function offsetAt(zone: string, at: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size >= MOST_KEPT) formats.clear();
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - (at - (((at % 1_000) + 1_000) % 1_000));
}

/**
 * The stretches of equal distance between two instants: one a year's half at most. Anybody may send an event of the year 9999: what lies
 * outside of the years that clocks are known for has the distance of the first or the last of these.
 */
function stretches(zone: string, from: number, to: number): readonly Stretch[] {
  const [firstYear, lastYear] = [yearOf(from), yearOf(to)];
  const key = `${zone} ${firstYear} ${lastYear}`;
  let known = stretchesByRange.get(key);
  if (known === undefined) {
    if (stretchesByRange.size >= MOST_KEPT) stretchesByRange.clear();
    known = findStretches(zone, Date.UTC(firstYear, 0, 1), Date.UTC(lastYear + 1, 0, 1));
    stretchesByRange.set(key, known);
  }
  const first = known.findLastIndex((stretch) => stretch.from <= from);
  return known.slice(Math.max(first, 0)).filter((stretch, place) => place === 0 || stretch.from <= to);
}

function yearOf(at: number): number {
  return Math.min(Math.max(new Date(at).getUTCFullYear(), FIRST_YEAR), LAST_YEAR);
}

function findStretches(zone: string, from: number, to: number): readonly Stretch[] {
  const found: Stretch[] = [{ from, offsetMs: offsetAt(zone, from) }];
  for (let at = from; at < to;) {
    const next = Math.min(at + SEARCH_STEP_MS, to);
    const before = found.at(-1)?.offsetMs ?? 0;
    const after = offsetAt(zone, next);
    if (after !== before) {
      let [low, high] = [at, next];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (offsetAt(zone, middle) === before) low = middle;
        else high = middle;
      }
      found.push({ from: high, offsetMs: offsetAt(zone, high) });
      at = high;
    } else at = next;
  }
  return found;
}

/** SQL for the distance from UTC, in milliseconds, of the instant in a column that lies between two instants. */
export function offsetSql(zone: string, column: string, from: number, to: number): string {
  const found = stretches(zone, from, to);
  const [first] = found;
  if (first === undefined || found.length === 1) return String(first?.offsetMs ?? 0);
  const cases = found
    .slice(1)
    .toReversed()
    .map((stretch) => `WHEN ${column} >= ${stretch.from} THEN ${stretch.offsetMs}`);
  return `CASE ${cases.join(' ')} ELSE ${first.offsetMs} END`;
}

/** SQL for the number of the interval that an instant lies in, of a local time in milliseconds. Numbers are consecutive. */
export function cellSql(per: Interval, local: string): string {
  // Whole numbers are divided towards zero: counted from long before 1970 all are above it.
  if (per === 'hour') return `((${local} + ${LONG_BEFORE_DAYS * DAY_MS}) // ${HOUR_MS} - ${LONG_BEFORE_DAYS * 24})`;
  if (per === 'day') return `((${local} + ${LONG_BEFORE_DAYS * DAY_MS}) // ${DAY_MS} - ${LONG_BEFORE_DAYS})`;
  // The first of January 1970 was a Thursday; weeks begin on Monday.
  if (per === 'week') return `((${local} + ${(LONG_BEFORE_DAYS + 3) * DAY_MS}) // ${7 * DAY_MS} - ${LONG_BEFORE_DAYS / 7})`;
  return `(date_part('year', epoch_ms(${local})) * 12 + date_part('month', epoch_ms(${local})) - 1)`;
}

/**
 * In which intervals of a zone's calendar the instants between two lie, in order; `undefined` when there are more stretches than `most`. An
 * interval may come twice, where clocks go back over its beginning. What lies before the first or behind the last has theirs.
 */
export function cellStretches(per: Interval, zone: string, from: number, to: number, most: number): readonly CellStretch[] | undefined {
  const found: CellStretch[] = [];
  const zoned = stretches(zone, from, to);
  for (const [i, { from: begins, offsetMs }] of zoned.entries()) {
    const end = Math.min(zoned[i + 1]?.from ?? Infinity, to + 1);
    for (let at = i === 0 ? from : Math.max(begins, from); at < end;) {
      const cell = cellOf(per, at + offsetMs);
      if (found.at(-1)?.cell !== cell) found.push({ from: at, cell });
      if (found.length > most) return undefined;
      at = cellStart(per, cell + 1) - offsetMs;
    }
  }
  return found;
}

/** The number that `cellSql` gives. */
function cellOf(per: Interval, local: number): number {
  if (per === 'hour') return Math.floor(local / HOUR_MS);
  if (per === 'day') return Math.floor(local / DAY_MS);
  if (per === 'week') return Math.floor((local / DAY_MS + 3) / 7);
  const date = new Date(local);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Where an interval begins on the local clock. */
function cellStart(per: Interval, cell: number): number {
  if (per === 'month') return Date.UTC(Math.floor(cell / 12), cell % 12, 1);
  if (per === 'hour') return cell * HOUR_MS;
  return (per === 'day' ? cell : cell * 7 - 3) * DAY_MS;
}

/** The beginning of an interval on the local clock. */
export function cellLabel(per: Interval, cell: number): string {
  return new Date(cellStart(per, cell)).toISOString().slice(0, per === 'hour' ? 16 : 10);
}

/** `+02:00`. */
export function offsetLabel(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
