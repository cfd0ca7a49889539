/// <reference lib="esnext.temporal" preserve="true" />
import type { Weekday } from '../definition.ts';
import { parseDuration } from '../duration.ts';
import { EvaluationFault } from '../../expressions/index.ts';

const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WITH_OFFSET = /[zZ]$|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?(?:\[[^\]]*\])*$/;
// Longer than any offset change has ever taken away: of one weekday, a week or two can be missing.
const DAYS_AHEAD = 22;

/** The end of a duration, in epoch milliseconds; one below zero has ended. @throws EvaluationFault when it is none */
export function afterDuration(text: string, now: number): number {
  const isNegative = text.startsWith('-');
  const lengthMs = parseDuration(isNegative ? text.slice(1) : text);
  if (lengthMs === undefined) throw fault(text, 'This is not a duration.');
  return isNegative ? now : now + lengthMs;
}

/**
 * The moment that a text of ISO 8601 names, in epoch milliseconds. Without an offset it is meant in the time zone; a date
 * alone is the beginning of its day.
 *
 * @param timeZone asked only when it is needed
 * @throws EvaluationFault when it is none
 */
export function momentOf(text: string, timeZone: () => string): number {
  try {
    if (text.includes(':') && WITH_OFFSET.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    if (text.includes(':')) return existing(Temporal.PlainDateTime.from(text, { overflow: 'reject' }), timeZone());
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toZonedDateTime(timeZone()).epochMilliseconds;
  } catch (error) {
    if (error instanceof EvaluationFault) throw error;
    throw fault(text, 'This is not a moment.');
  }
}

/** The next moment after `now` at which clocks show the time, on one of the days, in epoch milliseconds. */
export function nextTimeOfDay(time: string, days: ReadonlySet<Weekday> | undefined, timeZone: string, now: number): number {
  const clock = Temporal.PlainTime.from(time);
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate();
  for (let ahead = 0; ahead < DAYS_AHEAD; ahead += 1) {
    const day = today.add({ days: ahead });
    if (days?.has(WEEKDAYS[day.dayOfWeek - 1] ?? 'mon') === false || !isOnCalendar(day, timeZone)) continue;
    const at = existing(day.toPlainDateTime(clock), timeZone);
    if (at > now) return at;
  }
  throw fault(time, 'There is no such time.');
}

/** Some zones have left out a day when they went over to the other side of the date line. */
function isOnCalendar(day: Temporal.PlainDate, timeZone: string): boolean {
  return day.toZonedDateTime(timeZone).toPlainDate().equals(day);
}

/** What clocks show twice is meant the first time; what they leave out, at the moment when they do. */
function existing(local: Temporal.PlainDateTime, timeZone: string): number {
  const moment = local.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
  if (moment.toPlainDateTime().equals(local)) return moment.epochMilliseconds;
  const before = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  return (before.getTimeZoneTransition('next') ?? moment).epochMilliseconds;
}

/** Whether clocks somewhere go by this zone: an IANA name, or an offset such as `+02:00`. */
export function isTimeZone(name: string): boolean {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId !== '';
  } catch {
    return false;
  }
}

/** Where a person's time zone may stand in the traits, best first. */
const ZONE_TRAITS = ['timezone', 'timeZone', 'time_zone'] as const;

/**
 * The zone that `person`, `tenant` or a name stand for. A person without one, or with one that nobody knows, has the tenant's.
 *
 * @throws EvaluationFault when it is a name that nobody knows
 */
export function zoneFor(said: string, profile: object, tenantZone: string): string {
  const usual = isTimeZone(tenantZone) ? tenantZone : 'UTC';
  if (said === 'tenant') return usual;
  if (said === 'person') return zoneOfPerson(profile) ?? usual;
  if (!isTimeZone(said)) throw fault(said, 'This is not a time zone.');
  return said;
}

function zoneOfPerson(profile: object): string | undefined {
  const { traits } = profile as { readonly traits?: unknown };
  if (typeof traits !== 'object' || traits === null) return undefined;
  const stated = ZONE_TRAITS.map((name) => (Object.hasOwn(traits, name) ? (traits as Readonly<Record<string, unknown>>)[name] : undefined));
  return stated.find((zone): zone is string => typeof zone === 'string' && isTimeZone(zone));
}

function fault(text: string, message: string): EvaluationFault {
  const shown = text.slice(0, 100);
  return new EvaluationFault(shown, { message, start: 0, end: shown.length }, false);
}
