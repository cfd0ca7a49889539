/// <reference lib="esnext.temporal" preserve="true" />
import { EvaluationError } from '../evaluation-error.ts';
import { moment } from '../operators.ts';

/** A moment on the clocks and calendars of a time zone. @throws EvaluationError for a zone that does not exist */
export function zoned(value: Date, zone: string): Temporal.ZonedDateTime {
  // CEL writes fixed offsets without a sign, too.
  const name = /^\d\d:\d\d$/.test(zone) ? `+${zone}` : zone;
  try {
    return Temporal.Instant.fromEpochMilliseconds(value.getTime()).toZonedDateTimeISO(name);
  } catch {
    throw new EvaluationError('value', 'There is no such time zone.');
  }
}

/** Back from the calendar to the moment. @throws EvaluationError beyond the years 1 to 9999 */
export function momentOf(value: Temporal.ZonedDateTime): Date {
  return moment(value.epochMilliseconds);
}

/** Runs a calculation of calendars; what leaves their range is a fault of the expression. */
export function within<Value>(calculate: () => Value): Value {
  try {
    return calculate();
  } catch (error) {
    if (error instanceof RangeError) throw new EvaluationError('range', 'A moment is not between the years 1 and 9999.');
    throw error;
  }
}
