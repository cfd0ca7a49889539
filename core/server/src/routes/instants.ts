type Instant<Value> = Value extends number ? string : Value;

/** A record as it goes over HTTP: its instants, epoch milliseconds in code, as ISO 8601 UTC. */
export type OverHttp<Value, Field extends keyof Value> = {
  readonly [Name in keyof Value]: Name extends Field ? Instant<Value[Name]> : Value[Name];
};

/** Writes the named instants of a record as ISO 8601; those that are missing stay so. */
export function withInstants<Value extends object, Field extends keyof Value>(
  value: Value,
  fields: readonly Field[],
): OverHttp<Value, Field> {
  const instants = fields.flatMap((field): readonly (readonly [Field, string])[] => {
    const at = value[field];
    return typeof at === 'number' ? [[field, new Date(at).toISOString()]] : [];
  });
  return { ...value, ...Object.fromEntries(instants) } as OverHttp<Value, Field>;
}

/** The midnight before `now` in a time zone, in epoch milliseconds. */
export function startOfDay(now: number, timeZone: string): number {
  const offsetMs = zoneOffsetMs(now, timeZone);
  const local = new Date(now + offsetMs);
  const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  // The offset at midnight differs from the one now on the days when clocks change.
  return midnight - zoneOffsetMs(midnight - offsetMs, timeZone);
}

function zoneOffsetMs(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const read = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
  const local = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'));
  return local - Math.floor(at / 1_000) * 1_000;
}
