/// <reference lib="esnext.temporal" preserve="true" />
import { Cron } from 'croner';
import { TendrilError } from '@tendril/plugin-api';

/** The times of a cron expression on the clocks of a time zone. */
export interface CronTimes {
  /** The first time behind `after`, both in epoch milliseconds; `undefined` when there is none any more. */
  next(after: number): number | undefined;
}

const HOURS_A_DAY = 24;

/**
 * Reads a cron expression. A time of day that a clock change skips comes at the next minute that exists, one that it
 * repeats comes once; what comes every hour keeps its distance instead, and so has 23 or 25 hours on such days.
 *
 * croner does this for expressions with one hour and one minute only (11.0.1): it drops the skipped times of lists and
 * steps, and repeats them in autumn. So it is asked for times on a clock without changes, which are then looked up in the zone.
 *
 * @throws TendrilError INPUT_INVALID when the expression or the zone is not one
 */
export function compileCron(cron: string, timeZone: string): CronTimes {
  const onAnyClock = parse(cron, 'UTC');
  const inZone = parse(cron, timeZone);
  if (comesEveryHour(onAnyClock)) return { next: (after) => inZone.nextRun(new Date(after))?.getTime() };
  return { next: (after) => nextOnClock(onAnyClock, timeZone, after) };
}

/** What is wrong with a cron expression or its time zone, as a part of a sentence; `undefined` when nothing is. */
export function cronProblem(cron: string, timeZone = 'UTC'): string | undefined {
  try {
    compileCron(cron, timeZone);
    return undefined;
  } catch (error) {
    const problem = TendrilError.is(error) ? error.details['problem'] : undefined;
    return typeof problem === 'string' ? problem : 'it cannot be read';
  }
}

function parse(cron: string, timezone: string): Cron {
  if (!isTimeZone(timezone))
    throw new TendrilError('INPUT_INVALID', { cron, timeZone: timezone, problem: `there is no time zone \`${timezone}\`` });
  try {
    return new Cron(cron, { timezone, paused: true, mode: '5-or-6-parts' });
  } catch (cause) {
    // croner's sentences name the part that is wrong.
    const problem = cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : 'it cannot be read';
    throw new TendrilError('INPUT_INVALID', { cron, timeZone: timezone, problem }, { cause });
  }
}

/** Whether there is a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The hour is no condition, so it is a distance and not a time of day. */
function comesEveryHour(cron: Cron): boolean {
  const fields = (cron.getPattern() ?? '').trim().split(/\s+/);
  const hours = fields.at(fields.length - 4) ?? '*';
  return hours === '*' || hours === '?' || hours === '*/1' || hours === `0-${String(HOURS_A_DAY - 1)}`;
}

function nextOnClock(cron: Cron, timeZone: string, after: number): number | undefined {
  // The clock as it stood then, written as if it were UTC.
  const clock = Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(timeZone).toPlainDateTime();
  let wall = cron.nextRun(new Date(clock.toZonedDateTime('UTC').epochMilliseconds));
  while (wall !== null) {
    const at = momentOf(wall, timeZone);
    // In a repeated hour the clock may show what has been for the first time already.
    if (at > after) return at;
    wall = cron.nextRun(wall);
  }
  return undefined;
}

function momentOf(wall: Date, timeZone: string): number {
  const shown = Temporal.Instant.fromEpochMilliseconds(wall.getTime()).toZonedDateTimeISO('UTC').toPlainDateTime();
  const found = shown.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (found.toPlainDateTime().equals(shown)) return found.epochMilliseconds;
  return found.getTimeZoneTransition('next')?.epochMilliseconds ?? found.epochMilliseconds;
}
