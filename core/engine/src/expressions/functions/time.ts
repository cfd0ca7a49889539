import { BoundExceeded } from '../bounds.ts';
import { Duration } from '../duration-value.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';
import { formatDate, parseDate } from './date-format.ts';
import { momentOf, within, zoned } from './zoned.ts';

type Zoned = Temporal.ZonedDateTime;

function startOf(name: string, unit: string, result: string, start: (value: Zoned) => Zoned): FunctionDefinition {
  return {
    name,
    subject: 'time',
    summary: `The moment at which the ${unit} of a moment began in a time zone.`,
    example: `${name}(timestamp("2026-03-29T12:00:00Z"), "Europe/Berlin")`,
    result,
    forms: [
      form(`${name}(timestamp, string) -> timestamp`, ([value, zone]: readonly [Date, string]) =>
        within(() => momentOf(start(zoned(value, zone)))),
      ),
    ],
  };
}

type CalendarUnit = 'days' | 'weeks' | 'months' | 'years';

function add(name: string, unit: CalendarUnit, example: string, result: string): FunctionDefinition {
  return {
    name,
    subject: 'time',
    summary: `The same time of day so many ${unit} later, or earlier for a negative count, in a time zone.`,
    example,
    result,
    forms: [
      form(`${name}(timestamp, whole, string) -> timestamp`, ([value, count, zone]: readonly [Date, number, string]) =>
        within(() => momentOf(zoned(value, zone).add({ [unit]: count }))),
      ),
    ],
  };
}

function between(name: string, unit: CalendarUnit, example: string, result: number): FunctionDefinition {
  const count = (from: Zoned, to: Zoned): number => {
    // Days are those of the calendar: from late evening to early morning is one.
    const [first, last] = unit === 'days' ? [from.toPlainDate(), to.toPlainDate()] : [from.toPlainDateTime(), to.toPlainDateTime()];
    return first.until(last, { largestUnit: unit })[unit];
  };
  return {
    name,
    subject: 'time',
    summary: `How many ${unit === 'days' ? 'midnights' : `full ${unit}`} lie between two moments in a time zone; negative when the second is earlier.`,
    example,
    result,
    forms: [
      form(`${name}(timestamp, timestamp, string) -> int`, ([from, to, zone]: readonly [Date, Date, string]) =>
        BigInt(count(zoned(from, zone), zoned(to, zone))),
      ),
    ],
  };
}

const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;

function timeOfDay(text: string): Temporal.PlainTime {
  if (!TIME_OF_DAY.test(text)) throw new EvaluationError('value', 'The text is no time of day such as `09:30`.');
  return Temporal.PlainTime.from(text);
}

function atTime(value: Zoned, time: string): Zoned {
  return value.withPlainTime(timeOfDay(time));
}

function nextTime(value: Zoned, time: string): Zoned {
  const today = atTime(value, time);
  return Temporal.ZonedDateTime.compare(today, value) >= 0 ? today : atTime(value.add({ days: 1 }), time);
}

/** From the first time on, before the second; over midnight when the second is the earlier one. */
function isBetweenTimes(value: Zoned, from: string, to: string): boolean {
  const [now, start, end] = [value.toPlainTime(), timeOfDay(from), timeOfDay(to)];
  const isAfterStart = Temporal.PlainTime.compare(now, start) >= 0;
  const isBeforeEnd = Temporal.PlainTime.compare(now, end) < 0;
  return Temporal.PlainTime.compare(start, end) <= 0 ? isAfterStart && isBeforeEnd : isAfterStart || isBeforeEnd;
}

const FRIDAY = 5;
const MAX_BUSINESS_DAYS = 10_000;

function isBusinessDay(value: Zoned): boolean {
  return value.dayOfWeek <= FRIDAY;
}

function addBusinessDays(value: Zoned, count: number): Zoned {
  if (Math.abs(count) > MAX_BUSINESS_DAYS) throw new BoundExceeded('it counts too many business days');
  const direction = count < 0 ? -1 : 1;
  // Whole weeks at once, so that at most six days are left to be walked.
  const weeks = Math.trunc(count / FRIDAY);
  let left = Math.abs(count % FRIDAY);
  let day = value;
  if (left === 0 && weeks !== 0 && !isBusinessDay(day)) while (!isBusinessDay(day)) day = day.subtract({ days: direction });
  day = day.add({ weeks });
  while (left > 0) {
    day = day.add({ days: direction });
    if (isBusinessDay(day)) left -= 1;
  }
  return day;
}

function ageInYears(birthday: string, at: Zoned): bigint {
  const match = /^\d{4}-\d{2}-\d{2}/.exec(birthday);
  try {
    const born = Temporal.PlainDate.from(match?.[0] ?? '', { overflow: 'reject' });
    return BigInt(born.until(at.toPlainDate(), { largestUnit: 'years' }).years);
  } catch {
    throw new EvaluationError('value', 'The text is no date such as `1990-02-28`.');
  }
}

function lengthOf(name: string, milliseconds: number, example: string, result: string): FunctionDefinition {
  return {
    name,
    subject: 'time',
    summary: `A duration of so many ${name}${name === 'days' ? ' of 24 hours' : ''}.`,
    example,
    result,
    forms: [
      form(`${name}(number) -> duration`, ([count]: readonly [number]) => {
        const length = Math.round(count * milliseconds);
        if (!Number.isSafeInteger(length)) throw new EvaluationError('range', 'A duration is out of range.');
        return Duration.ofMilliseconds(length);
      }),
    ],
  };
}

/** Calculating with moments, on the calendar of a time zone. */
export const TIME_FUNCTIONS: readonly FunctionDefinition[] = [
  startOf('startOfDay', 'day', '2026-03-28T23:00:00.000Z', (value) => value.startOfDay()),
  startOf('startOfWeek', 'week (from Monday)', '2026-03-22T23:00:00.000Z', (value) =>
    value.subtract({ days: value.dayOfWeek - 1 }).startOfDay(),
  ),
  startOf('startOfMonth', 'month', '2026-02-28T23:00:00.000Z', (value) => value.with({ day: 1 }).startOfDay()),
  startOf('startOfQuarter', 'quarter', '2025-12-31T23:00:00.000Z', (value) =>
    value.with({ day: 1, month: value.month - ((value.month - 1) % 3) }).startOfDay(),
  ),
  startOf('startOfYear', 'year', '2025-12-31T23:00:00.000Z', (value) => value.with({ day: 1, month: 1 }).startOfDay()),
  add('addDays', 'days', 'addDays(timestamp("2026-03-28T08:00:00Z"), 1, "Europe/Berlin")', '2026-03-29T07:00:00.000Z'),
  add('addWeeks', 'weeks', 'addWeeks(timestamp("2026-10-20T08:00:00Z"), 1, "Europe/Berlin")', '2026-10-27T09:00:00.000Z'),
  add('addMonths', 'months', 'addMonths(timestamp("2026-01-31T09:00:00Z"), 1, "UTC")', '2026-02-28T09:00:00.000Z'),
  add('addYears', 'years', 'addYears(timestamp("2028-02-29T09:00:00Z"), 1, "UTC")', '2029-02-28T09:00:00.000Z'),
  {
    name: 'addBusinessDays',
    subject: 'time',
    summary: 'The same time of day so many days from Monday to Friday later, or earlier, in a time zone.',
    example: 'addBusinessDays(timestamp("2026-01-30T09:00:00Z"), 2, "UTC")',
    result: '2026-02-03T09:00:00.000Z',
    forms: [
      form('addBusinessDays(timestamp, whole, string) -> timestamp', ([value, count, zone]: readonly [Date, number, string]) =>
        within(() => momentOf(addBusinessDays(zoned(value, zone), count))),
      ),
    ],
  },
  between('daysBetween', 'days', 'daysBetween(timestamp("2026-01-31T22:59:00Z"), timestamp("2026-01-31T23:01:00Z"), "Europe/Berlin")', 1),
  between('monthsBetween', 'months', 'monthsBetween(timestamp("2026-01-31T00:00:00Z"), timestamp("2026-03-30T00:00:00Z"), "UTC")', 1),
  between('yearsBetween', 'years', 'yearsBetween(timestamp("2020-02-29T00:00:00Z"), timestamp("2026-02-28T00:00:00Z"), "UTC")', 5),
  {
    name: 'ageInYears',
    subject: 'time',
    summary: 'How old somebody born on a date is at a moment in a time zone.',
    example: 'ageInYears("1990-06-15", timestamp("2026-06-14T23:00:00Z"), "Europe/Berlin")',
    result: 36,
    forms: [
      form('ageInYears(string, timestamp, string) -> int', ([birthday, at, zone]: readonly [string, Date, string]) =>
        ageInYears(birthday, zoned(at, zone)),
      ),
    ],
  },
  {
    name: 'atTime',
    subject: 'time',
    summary: 'The moment of the same day at a time of day in a time zone; a time that a clock change skips is moved on by it.',
    example: 'atTime(timestamp("2026-07-01T12:00:00Z"), "09:30", "America/New_York")',
    result: '2026-07-01T13:30:00.000Z',
    forms: [
      form('atTime(timestamp, string, string) -> timestamp', ([value, time, zone]: readonly [Date, string, string]) =>
        within(() => momentOf(atTime(zoned(value, zone), time))),
      ),
    ],
  },
  {
    name: 'nextTime',
    subject: 'time',
    summary: 'The next moment, from the given one on, at which it is a time of day in a time zone.',
    example: 'nextTime(timestamp("2026-07-01T20:00:00Z"), "09:00", "Europe/Berlin")',
    result: '2026-07-02T07:00:00.000Z',
    forms: [
      form('nextTime(timestamp, string, string) -> timestamp', ([value, time, zone]: readonly [Date, string, string]) =>
        within(() => momentOf(nextTime(zoned(value, zone), time))),
      ),
    ],
  },
  {
    name: 'isBetweenTimes',
    subject: 'time',
    summary: 'Whether a moment is from one time of day on and before another in a time zone; `"22:00", "08:00"` goes over midnight.',
    example: 'isBetweenTimes(timestamp("2026-07-01T21:30:00Z"), "22:00", "08:00", "Europe/Berlin")',
    result: true,
    forms: [
      form(
        'isBetweenTimes(timestamp, string, string, string) -> bool',
        ([value, from, to, zone]: readonly [Date, string, string, string]) => isBetweenTimes(zoned(value, zone), from, to),
      ),
    ],
  },
  {
    name: 'isBusinessDay',
    subject: 'time',
    summary: 'Whether a moment is on a day from Monday to Friday in a time zone; holidays are not known.',
    example: 'isBusinessDay(timestamp("2026-02-01T23:30:00Z"), "Europe/Berlin")',
    result: true,
    forms: [
      form('isBusinessDay(timestamp, string) -> bool', ([value, zone]: readonly [Date, string]) => isBusinessDay(zoned(value, zone))),
    ],
  },
  lengthOf('days', 86_400_000, 'days(2)', '172800s'),
  lengthOf('hours', 3_600_000, 'hours(1.5)', '5400s'),
  lengthOf('minutes', 60_000, 'minutes(10)', '600s'),
  {
    name: 'formatDate',
    subject: 'time',
    summary:
      'Writes a moment in a time zone: by a style (`short`, `medium`, `long`, `full`) in a language, or by a pattern of `yyyy MM dd HH mm ss`, `MMM`, `EEE`, `a` and others.',
    example: 'formatDate(timestamp("2026-01-31T09:05:00Z"), "EEEE, d MMMM yyyy", "Europe/Berlin", "de")',
    result: 'Samstag, 31 Januar 2026',
    forms: [
      form('formatDate(timestamp, string, string) -> string', ([value, style, zone]: readonly [Date, string, string]) =>
        formatDate(zoned(value, zone), style, 'en'),
      ),
      form(
        'formatDate(timestamp, string, string, string) -> string',
        ([value, style, zone, locale]: readonly [Date, string, string, string]) => formatDate(zoned(value, zone), style, locale),
      ),
    ],
  },
  {
    name: 'parseDate',
    subject: 'time',
    summary: 'Reads a date, with or without a time, as of a time zone; as ISO 8601, or by a pattern of `yyyy MM dd HH mm ss`.',
    example: 'parseDate("31.12.2026 18:00", "dd.MM.yyyy HH:mm", "Europe/Berlin")',
    result: '2026-12-31T17:00:00.000Z',
    forms: [
      form('parseDate(string, string) -> timestamp', ([text, zone]: readonly [string, string], frame: Frame) =>
        parseDate(text, undefined, zone, frame),
      ),
      form('parseDate(string, string, string) -> timestamp', ([text, pattern, zone]: readonly [string, string, string], frame: Frame) =>
        parseDate(text, pattern, zone, frame),
      ),
    ],
  },
];
