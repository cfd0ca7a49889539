import type { Call } from '@tendril/plugin-api';
import type { PlaceViewsRow, Settings } from '../gen/manifest.gen.ts';

/** What one person was shown: by place and candidate, in epoch milliseconds. */
export type Sights = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

/** Where nothing was looked up. */
export const NO_SIGHTS: Sights = new Map();

/** The key under which is kept what a person was shown at a place. */
export function viewsKey(person: string, place: string): string {
  return `${person}/${place}`;
}

/**
 * Reads what a person was shown; asked only for places where a candidate has a limit.
 *
 * @param ids under which the person was known when it was shown something
 */
export async function readSights(ids: readonly string[], places: readonly string[], call: Call<Settings>): Promise<Sights> {
  const keys = places.flatMap((place) => ids.map((id) => ({ place, key: viewsKey(id, place) })));
  const rows = await call.table<PlaceViewsRow>('place_views').getMany(keys.map(({ key }) => key));
  const sights = new Map<string, Map<string, number[]>>();
  for (const [index, { place }] of keys.entries()) {
    const ofPlace = sights.get(place) ?? new Map<string, number[]>();
    sights.set(place, ofPlace);
    for (const { candidate, shownAt } of rows[index]?.value.views ?? [])
      ofPlace.set(candidate, [...(ofPlace.get(candidate) ?? []), shownAt]);
  }
  return sights;
}
