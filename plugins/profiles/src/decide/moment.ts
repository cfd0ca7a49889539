/** The time of day where the person is, as rules read it by `now`. */
export interface Moment {
  /** `2026-11-22T09:30:00Z`, cut to the minute. */
  readonly iso: string;
  /** `2026-11-22`. */
  readonly date: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** From 1 for Monday to 7. */
  readonly weekday: number;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  minute: number;
  moment: Moment;
}

const MINUTE_MS = 60_000;
const MOST_ZONES = 600;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const ZONE_TRAITS = ['timezone', 'timeZone', 'time_zone'] as const;
const NEVER: Moment = { iso: '', date: '', year: 0, month: 0, day: 0, hour: 0, minute: 0, weekday: 0 };

const zones = new Map<string, Zone | undefined>();

/**
 * The time in the person's own zone, by the traits `timezone`, `timeZone` or `time_zone`, else in the tenant's.
 *
 * @param at epoch milliseconds
 */
export function momentFor(at: number, traits: Readonly<Record<string, unknown>>, tenantZone: string): Moment {
  const own = ZONE_TRAITS.map((name) => traits[name]).find((value) => typeof value === 'string');
  return momentIn(at, own) ?? momentIn(at, tenantZone) ?? momentIn(at, 'UTC') ?? NEVER;
}

/** Making a format is slow and a minute is the same for everybody in a zone: both are kept. */
function momentIn(at: number, name: string | undefined): Moment | undefined {
  if (name === undefined) return undefined;
  const zone = zones.has(name) ? zones.get(name) : openZone(name);
  if (zone === undefined) return undefined;
  const minute = Math.floor(at / MINUTE_MS);
  if (zone.minute !== minute) {
    zone.moment = read(zone.format, minute * MINUTE_MS);
    zone.minute = minute;
  }
  return zone.moment;
}

function openZone(name: string): Zone | undefined {
  if (zones.size >= MOST_ZONES) zones.clear();
  const zone = makeZone(name);
  zones.set(name, zone);
  return zone;
}

function makeZone(timeZone: string): Zone | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      weekday: 'short',
    });
    return { format, minute: Number.NaN, moment: NEVER };
  } catch {
    return undefined;
  }
}

function read(format: Intl.DateTimeFormat, at: number): Moment {
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const { year = '', month = '', day = '', hour, minute, weekday = '' } = parts;
  return {
    iso: new Date(at).toISOString().replace('.000', ''),
    date: `${year}-${month}-${day}`,
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    weekday: WEEKDAYS.indexOf(weekday) + 1,
  };
}
