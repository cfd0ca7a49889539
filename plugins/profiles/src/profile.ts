import { TendrilError } from '@tendril/plugin-api';
import type { Call, Row } from '@tendril/plugin-api';
import type { GetOutput, PeopleRow, Settings } from './gen/manifest.gen.ts';

/** Each merge can lead to one more; a chain longer than this is a fault of the data. */
export const MAX_MERGES = 100;

/**
 * Reads a person, through tombstones.
 *
 * @throws TendrilError NOT_FOUND when there is nobody of this id
 */
export async function readPerson(id: string, call: Call<Settings>): Promise<Row<PeopleRow>> {
  const people = call.table<PeopleRow>('people');
  let row = await people.get(id);
  for (let hops = 0; row?.value.mergedInto !== undefined && hops < MAX_MERGES; hops += 1) row = await people.get(row.value.mergedInto);
  if (row === undefined || row.value.state === 'merged') throw new TendrilError('NOT_FOUND', { field: 'id' });
  return row;
}

/** A person as actions give it. */
export function toProfile(row: PeopleRow): GetOutput {
  return {
    id: row.id,
    traits: Object.fromEntries(Object.entries(row.traits).map(([name, { value }]) => [name, value])),
    identities: row.identities,
    groups: row.groups,
    isIdentified: row.isIdentified,
    firstSeenAt: toIso(row.firstSeenAt),
    lastSeenAt: toIso(row.lastSeenAt),
  };
}

/** Epoch milliseconds as ISO 8601 in UTC. */
export function toIso(at: number): string {
  return new Date(at).toISOString();
}
