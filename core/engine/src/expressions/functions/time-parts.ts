import type { Duration } from '../duration-value.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';
import { zoned } from './zoned.ts';

type Read = (value: Temporal.ZonedDateTime) => number;

function accessor(name: string, summary: string, result: number, read: Read): FunctionDefinition {
  return {
    name,
    subject: 'time',
    summary,
    example: `timestamp("2026-03-01T23:30:15.250Z").${name}("Europe/Berlin")`,
    result,
    forms: [
      form(`timestamp.${name}() -> int`, ([value]: readonly [Date]) => BigInt(read(zoned(value, 'UTC')))),
      form(`timestamp.${name}(string) -> int`, ([value, zone]: readonly [Date, string]) => BigInt(read(zoned(value, zone)))),
    ],
  };
}

function part(name: string, summary: string, result: number, read: Read): FunctionDefinition {
  return {
    name,
    subject: 'time',
    summary,
    example: `${name}(timestamp("2026-03-01T23:30:00Z"), "Europe/Berlin")`,
    result,
    forms: [form(`${name}(timestamp, string) -> int`, ([value, zone]: readonly [Date, string]) => BigInt(read(zoned(value, zone))))],
  };
}

const NANOSECONDS = { hour: 3_600_000_000_000n, minute: 60_000_000_000n, second: 1_000_000_000n, millisecond: 1_000_000n } as const;

function ofDuration(name: string, read: (nanoseconds: bigint) => bigint): ReturnType<typeof form> {
  return form(`duration.${name}() -> int`, ([value]: readonly [Duration]) => read(value.nanoseconds));
}

function withDuration(definition: FunctionDefinition, read: (nanoseconds: bigint) => bigint): FunctionDefinition {
  return { ...definition, forms: [...definition.forms, ofDuration(definition.name, read)] };
}

/** The accessors that CEL has: in UTC unless a time zone is named; months, and some days, are counted from 0. */
export const CEL_ACCESSORS: readonly FunctionDefinition[] = [
  accessor('getFullYear', 'The year of a moment.', 2026, ({ year }) => year),
  accessor('getMonth', 'The month of a moment, January being 0.', 2, ({ month }) => month - 1),
  accessor('getDate', 'The day of the month, from 1.', 2, ({ day }) => day),
  accessor('getDayOfMonth', 'The day of the month, from 0.', 1, ({ day }) => day - 1),
  accessor('getDayOfWeek', 'The day of the week, Sunday being 0.', 1, ({ dayOfWeek }) => dayOfWeek % 7),
  accessor('getDayOfYear', 'The day of the year, from 0.', 60, ({ dayOfYear }) => dayOfYear - 1),
  withDuration(
    accessor('getHours', 'The hour of a moment, or the whole hours of a duration.', 0, ({ hour }) => hour),
    (length) => length / NANOSECONDS.hour,
  ),
  withDuration(
    accessor('getMinutes', 'The minute of a moment, or the whole minutes of a duration.', 30, ({ minute }) => minute),
    (length) => length / NANOSECONDS.minute,
  ),
  withDuration(
    accessor('getSeconds', 'The second of a moment, or the whole seconds of a duration.', 15, ({ second }) => second),
    (length) => length / NANOSECONDS.second,
  ),
  withDuration(
    accessor('getMilliseconds', 'The milliseconds within the second.', 250, ({ millisecond }) => millisecond),
    (length) => (length / NANOSECONDS.millisecond) % 1_000n,
  ),
];

/** Parts of a moment on people's clocks. */
export const TIME_PARTS: readonly FunctionDefinition[] = [
  part('year', 'The year of a moment in a time zone.', 2026, ({ year }) => year),
  part('month', 'The month of a moment in a time zone, January being 1.', 3, ({ month }) => month),
  part('dayOfMonth', 'The day of the month in a time zone, from 1.', 2, ({ day }) => day),
  part('weekday', 'The day of the week in a time zone, Monday being 1 and Sunday 7.', 1, ({ dayOfWeek }) => dayOfWeek),
  part('hour', 'The hour of a moment in a time zone, 0 to 23.', 0, ({ hour }) => hour),
  part('minute', 'The minute of a moment in a time zone, 0 to 59.', 30, ({ minute }) => minute),
];
