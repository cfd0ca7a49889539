import { setImmediate } from 'node:timers/promises';
import { cellLabel, cellSql, offsetLabel, offsetSql } from './calendar.ts';
import type { Query } from './query.ts';

type Interval = 'hour' | 'day' | 'week' | 'month';

/** How a question counts time: SQL for the interval of a row, and its name. */
export interface LocalTime {
  /** An integer; hours hold their distance from UTC too, so that the two hours of an autumn night are two. */
  readonly cell: string;
  label(cell: number): string;
  /** What puts cells in order. */
  order(cell: number): number;
}

const QUARTERS_A_DAY = 96;
const QUARTER_MS = 900_000;

/** @param timeZone an IANA name, or `person` for that of each event, with `fallback` where it has none */
export async function localTime(query: Query, per: Interval, timeZone: string, fallback: string): Promise<LocalTime> {
  const [row] = await query.bare('SELECT min(occurred_at), max(occurred_at) FROM events');
  const [from, to] = [Number(row?.[0] ?? 0), Number(row?.[1] ?? 0)];
  const isPerson = timeZone === 'person';
  const offset = isPerson ? await offsetsOfZones(query, fallback, from, to) : offsetSql(timeZone, 'occurred_at', from, to);
  const cell = cellSql(per, `occurred_at + (${offset})`);
  if (per !== 'hour' || isPerson) return { cell, label: (value) => cellLabel(per, value), order: (value) => value };
  const [width, shift] = [2 * QUARTERS_A_DAY, QUARTERS_A_DAY];
  const split = (value: number): readonly [number, number] => [Math.floor(value / width), ((value % width) - shift) * QUARTER_MS];
  return {
    cell: `(${cell}) * ${width} + (${offset}) // ${QUARTER_MS} + ${shift}`,
    label: (value) => {
      const [hour, offsetMs] = split(value);
      return `${cellLabel('hour', hour)}${offsetLabel(offsetMs)}`;
    },
    order: (value) => {
      const [hour, offsetMs] = split(value);
      return hour * 3_600_000 - offsetMs;
    },
  };
}

async function offsetsOfZones(query: Query, fallback: string, from: number, to: number): Promise<string> {
  const rows = await query.bare('SELECT DISTINCT zone FROM events WHERE zone IS NOT NULL ORDER BY zone');
  const zonesByOffset = new Map<string, string[]>();
  for (const [zone] of rows) {
    const offset = offsetSql(String(zone), 'occurred_at', from, to);
    const text = `'${String(zone).replaceAll("'", "''")}'`;
    zonesByOffset.set(offset, [...(zonesByOffset.get(offset) ?? []), text]);
    // Many zones over many years take seconds: others have their turn in between.
    await setImmediate();
  }
  const cases = [...zonesByOffset].map(([offset, zones]) => `WHEN zone IN (${zones.join(', ')}) THEN ${offset}`);
  const rest = offsetSql(fallback, 'occurred_at', from, to);
  return cases.length === 0 ? rest : `CASE ${cases.join(' ')} ELSE ${rest} END`;
}
