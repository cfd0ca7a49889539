import type { Budget } from '../bounds.ts';
import { EvaluationError } from '../evaluation-error.ts';
import { moment } from '../operators.ts';
import { momentOf, zoned } from './zoned.ts';

const STYLES: ReadonlySet<string> = new Set(['short', 'medium', 'long', 'full']);
const TOKEN = /'([^']*)'|y{4}|yy|M{1,4}|d{1,2}|E{3,4}|H{1,2}|h{1,2}|mm|ss|a|[A-Za-z]+|[^A-Za-z']+/g;
const MAX_PATTERN_LENGTH = 100;

type Write = (value: Temporal.ZonedDateTime, locale: string) => string;

function padded(read: (value: Temporal.ZonedDateTime) => number, length: number): Write {
  return (value) => String(read(value)).padStart(length, '0');
}

function named(options: Intl.DateTimeFormatOptions): Write {
  // Without a calendar: the names of days and months do not depend on the time zone once the date is known.
  return (value, locale) => {
    const noon = new Date(Date.UTC(value.year, value.month - 1, value.day, 12));
    return formatter(locale, { ...options, timeZone: 'UTC' }).format(noon);
  };
}

const TWELVE = 12;
const hourOfTwelve = ({ hour }: Temporal.ZonedDateTime): number => (hour % TWELVE === 0 ? TWELVE : hour % TWELVE);

/** Tokens as Unicode's patterns for dates have them. */
const WRITERS: Readonly<Record<string, Write>> = {
  yyyy: padded(({ year }) => year, 4),
  yy: padded(({ year }) => year % 100, 2),
  MMMM: named({ month: 'long' }),
  MMM: named({ month: 'short' }),
  MM: padded(({ month }) => month, 2),
  M: padded(({ month }) => month, 1),
  dd: padded(({ day }) => day, 2),
  d: padded(({ day }) => day, 1),
  EEEE: named({ weekday: 'long' }),
  EEE: named({ weekday: 'short' }),
  HH: padded(({ hour }) => hour, 2),
  H: padded(({ hour }) => hour, 1),
  hh: padded(hourOfTwelve, 2),
  h: padded(hourOfTwelve, 1),
  mm: padded(({ minute }) => minute, 2),
  ss: padded(({ second }) => second, 2),
  a: ({ hour }) => (hour < TWELVE ? 'AM' : 'PM'),
};

const FORMATTERS_KEPT = 200;
const formatters = new Map<string, Intl.DateTimeFormat>();

// Making one takes longer than a thousand uses of it.
function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = madeFormatter(locale, options);
  const oldest = formatters.keys().next();
  if (formatters.size >= FORMATTERS_KEPT && oldest.done !== true) formatters.delete(oldest.value);
  formatters.set(key, made);
  return made;
}

function madeFormatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, options);
  } catch {
    throw new EvaluationError('value', 'There is no such language.');
  }
}

function partsOf(pattern: string): readonly RegExpExecArray[] {
  if (pattern.length > MAX_PATTERN_LENGTH) throw new EvaluationError('value', 'The pattern of a date is too long.');
  return [...pattern.matchAll(TOKEN)];
}

function unknownToken(): EvaluationError {
  return new EvaluationError('value', "A letter in it is no part of a date's pattern.");
}

/** Writes a moment by a style of the language, or by a pattern. @throws EvaluationError */
export function formatDate(value: Temporal.ZonedDateTime, style: string, locale: string): string {
  if (STYLES.has(style)) {
    const dateStyle = style as 'short' | 'medium' | 'long' | 'full';
    return formatter(locale, { dateStyle, timeZone: value.timeZoneId }).format(value.epochMilliseconds);
  }
  return partsOf(style)
    .map(([token, literal]) => {
      if (literal !== undefined) return literal === '' ? "'" : literal;
      const write = WRITERS[token];
      if (write === undefined && /^[A-Za-z]/.test(token)) throw unknownToken();
      return write === undefined ? token : write(value, locale);
    })
    .join('');
}

const READERS: Readonly<Record<string, readonly [keyof DateFields, string]>> = {
  yyyy: ['year', String.raw`(\d{4})`],
  MM: ['month', String.raw`(\d{2})`],
  M: ['month', String.raw`(\d{1,2})`],
  dd: ['day', String.raw`(\d{2})`],
  d: ['day', String.raw`(\d{1,2})`],
  HH: ['hour', String.raw`(\d{2})`],
  H: ['hour', String.raw`(\d{1,2})`],
  mm: ['minute', String.raw`(\d{2})`],
  ss: ['second', String.raw`(\d{2})`],
};

interface DateFields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const WITH_OFFSET = /(?:[Zz]|[+-]\d{2}:\d{2})$/;
const PARSE_COST = 20;
const MAX_DATE_LENGTH = 40;

/** Reads a date as of a time zone. @throws EvaluationError */
export function parseDate(text: string, pattern: string | undefined, zone: string, budget: Budget): Date {
  budget.spend(PARSE_COST);
  const parsed =
    text.length > MAX_DATE_LENGTH ? undefined : pattern === undefined ? parseIso(text, zone) : parseByPattern(text, pattern, zone);
  if (parsed === undefined)
    throw new EvaluationError('value', `The text is no date ${pattern === undefined ? 'such as `2026-01-31`' : 'of the pattern'}.`);
  return parsed;
}

function parseIso(text: string, zone: string): Date | undefined {
  const origin = zoned(new Date(0), zone);
  if (!/^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}|$)/.test(text)) return undefined;
  try {
    if (text.includes(':') && WITH_OFFSET.test(text)) return moment(Temporal.Instant.from(text).epochMilliseconds);
    return momentOf(Temporal.PlainDateTime.from(text, { overflow: 'reject' }).toZonedDateTime(origin.timeZoneId));
  } catch {
    return undefined;
  }
}

function parseByPattern(text: string, pattern: string, zone: string): Date | undefined {
  const origin = zoned(new Date(0), zone);
  const names: (keyof DateFields)[] = [];
  // Digits and literals only: nothing in it can be matched in two ways.
  const expression = partsOf(pattern)
    .map(([token, literal]) => {
      const reader = READERS[token];
      if (reader === undefined) {
        if (literal === undefined && /^[A-Za-z]/.test(token)) throw unknownToken();
        return (literal ?? token).replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
      }
      names.push(reader[0]);
      return reader[1];
    })
    .join('');
  const match = new RegExp(`^${expression}$`).exec(text);
  if (match === null) return undefined;
  const fields: DateFields = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const [index, name] of names.entries()) fields[name] = Number(match[index + 1]);
  try {
    return momentOf(Temporal.PlainDateTime.from(fields, { overflow: 'reject' }).toZonedDateTime(origin.timeZoneId));
  } catch {
    return undefined;
  }
}
