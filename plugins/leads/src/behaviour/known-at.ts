import type { ProspectsRow, Settings } from '../gen/manifest.gen.ts';
import { featureName } from '../observation.ts';
import type { Values } from '../observation.ts';
import { measureAt } from './day-buckets.ts';
import type { DayBuckets } from './day-buckets.ts';

/**
 * What was known, at a moment, of people that are one: the value stated last of each trait, unless it was stated of a later
 * time, and what they did until then.
 */
export function knownAt(people: readonly ProspectsRow[], moment: number, settings: Settings): Values {
  return { ...traitsAt(people, moment), ...behaviourAt(people, moment, settings) };
}

/** Behaviour features of people that are one. */
export function behaviourAt(people: readonly ProspectsRow[], moment: number, { behaviours = [] }: Settings): Values {
  const buckets = people.flatMap(({ behaviour }) => (behaviour === undefined ? [] : [behaviour as DayBuckets]));
  return Object.fromEntries(
    behaviours.flatMap((each) => {
      const value = measureAt(each, buckets, moment);
      return value === undefined ? [] : [[featureName('behaviour', each.key), value]];
    }),
  );
}

/** The latest contact of people that are one. */
export function contactOf(people: readonly ProspectsRow[]): ProspectsRow['contact'] {
  return people
    .flatMap(({ contact }) => contact ?? [])
    .reduce<ProspectsRow['contact']>((latest, contact) => (latest === undefined || contact.at > latest.at ? contact : latest), undefined);
}

/** Traits of people that are one: of each the value stated last, if that was not later than the moment. */
export function traitsAt(people: readonly ProspectsRow[], moment: number): Values {
  const [only] = people;
  if (people.length === 1 && only !== undefined) return ownTraitsAt(only, moment);
  const latest = new Map<string, { readonly value: unknown; readonly at: number }>();
  for (const { values, times = {} } of people.toSorted((a, b) => (a.person < b.person ? -1 : 1))) {
    for (const [name, value] of Object.entries(values)) {
      const at = Object.hasOwn(times, name) ? Number(times[name]) : 0;
      if (at > (latest.get(name)?.at ?? -Infinity)) latest.set(name, { value, at });
    }
  }
  return Object.fromEntries([...latest].flatMap(([name, { value, at }]) => (at <= moment ? [[name, value]] : [])));
}

function ownTraitsAt({ values, times = {} }: ProspectsRow, moment: number): Values {
  const known: Values = {};
  for (const name of Object.keys(values)) if (!Object.hasOwn(times, name) || Number(times[name]) <= moment) known[name] = values[name];
  return known;
}
