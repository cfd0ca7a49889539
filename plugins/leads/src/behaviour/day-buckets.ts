import { hash } from 'node:crypto';
import type { LoggedEvent } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';

/** Something that people do, as the settings declare it. */
export type Behaviour = NonNullable<Settings['behaviours']>[number];

/** A day of UTC (days since 1970), how often and how much, the last moment, and marks of the different values. */
export type DayBucket = readonly [day: number, count: number, sum: number, lastAt: number, ...marks: readonly string[]];

/** By behaviour: its days, ascending. */
export type DayBuckets = Readonly<Record<string, readonly DayBucket[]>>;

const DAY_MS = 86_400_000;
/** A contact that comes so much later than what followed it still finds all of its window. */
const LATE_DAYS = 30;
const MOST_MARKS_A_DAY = 100;

/** Whether an event is one of the behaviour. */
export function isOf({ event, where }: Behaviour, { name, properties }: LoggedEvent): boolean {
  if (name !== event) return false;
  return where === undefined || (Object.hasOwn(properties, where.property) && properties[where.property] === where.equals);
}

/** Counts an event into its day; days that no window can reach are dropped. The same object when nothing changed. */
export function countEvent(buckets: DayBuckets, behaviours: readonly Behaviour[], event: LoggedEvent): DayBuckets {
  const changed = behaviours.filter((behaviour) => isOf(behaviour, event));
  if (changed.length === 0) return buckets;
  return {
    ...buckets,
    ...Object.fromEntries(changed.map((behaviour) => [behaviour.key, countInto(daysOf(buckets, behaviour.key), behaviour, event)])),
  };
}

/**
 * The value of a behaviour at a moment, from the days of one or several people that are one.
 *
 * A day counts as a whole when its last event happened at or before the moment. Only the moment's own day can hold later
 * ones: when a contact arrives after what followed it on its day. That day is left out then, so that nothing leaks.
 */
export function measureAt(behaviour: Behaviour, people: readonly DayBuckets[], moment: number): number | undefined {
  const today = dayOf(moment);
  const days = people
    .flatMap((buckets) => daysOf(buckets, behaviour.key))
    .filter(([day, , , lastAt]) => day > today - behaviour.withinDays && day <= today && lastAt <= moment);
  if (behaviour.measure === 'count') return days.reduce((total, [, count]) => total + count, 0);
  if (behaviour.measure === 'sum') return days.reduce((total, [, , sum]) => total + sum, 0);
  if (behaviour.measure === 'unique_count') return new Set(days.flatMap(([, , , , ...marks]) => marks)).size;
  if (days.length === 0) return undefined;
  return Math.floor((moment - Math.max(...days.map(([, , , lastAt]) => lastAt))) / DAY_MS);
}

/** The day of UTC of a moment. */
export function dayOf(moment: number): number {
  return Math.floor(moment / DAY_MS);
}

function daysOf(buckets: DayBuckets, key: string): readonly DayBucket[] {
  return Object.hasOwn(buckets, key) ? (buckets[key] ?? []) : [];
}

function countInto(days: readonly DayBucket[], behaviour: Behaviour, { occurredAt, properties }: LoggedEvent): readonly DayBucket[] {
  const day = dayOf(occurredAt);
  const [, count, sum, lastAt, ...marks] = days.find(([each]) => each === day) ?? ([day, 0, 0, 0] as const);
  const value =
    behaviour.property !== undefined && Object.hasOwn(properties, behaviour.property) ? properties[behaviour.property] : undefined;
  const mark = behaviour.measure === 'unique_count' && value !== undefined && value !== null ? markOf(value) : undefined;
  const counted: DayBucket = [
    day,
    count + 1,
    behaviour.measure === 'sum' && typeof value === 'number' ? sum + value : sum,
    Math.max(lastAt, occurredAt),
    ...marks,
    ...(mark === undefined || marks.includes(mark) || marks.length >= MOST_MARKS_A_DAY ? [] : [mark]),
  ];
  const all = [...days.filter(([each]) => each !== day), counted].toSorted(([a], [b]) => a - b);
  const newest = all.at(-1)?.[0] ?? day;
  return all.filter(([each]) => each > newest - behaviour.withinDays - LATE_DAYS);
}

function markOf(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'base64url').slice(0, 8);
}
