import { TendrilError } from '@tendril/plugin-api';
import type { Call, Row } from '@tendril/plugin-api';
import type { GetOutput, PeopleRow, Settings } from './gen/manifest.gen.ts';
import { consentInForce, groupsOf, identitiesOf, traitsInForce } from './in-force.ts';

/** A tombstone leads to the person at once; one that was read while people were merged may lead to another tombstone. */
export const MOST_HOPS = 10;

/**
 * Reads a person, through tombstones.
 *
 * @throws TendrilError NOT_FOUND when there is nobody of this id
 */
export async function readPerson(id: string, call: Call<Settings>): Promise<Row<PeopleRow>> {
  const people = call.table<PeopleRow>('people');
  let row = await people.get(id);
  for (let hops = 0; row?.value.mergedInto !== undefined && hops < MOST_HOPS; hops += 1) row = await people.get(row.value.mergedInto);
  if (row === undefined || row.value.state === 'merged') throw new TendrilError('NOT_FOUND', { field: 'id', person: id });
  return row;
}

/** A person as actions give it: what is in force over all parts. */
export function toProfile(row: PeopleRow): GetOutput {
  const identities = identitiesOf(row);
  const stated = [...traitsInForce(row.parts)].map(([name, { value }]) => [name, value] as const);
  return {
    id: row.id,
    traits: Object.fromEntries([...stated, ...Object.entries(row.computed ?? {})]),
    identities: [...identities],
    groups: [...groupsOf(row)],
    segments: row.segments ?? [],
    consent: consentInForce(row.parts),
    aliases: row.parts.map(({ id }) => id),
    isIdentified: identities.some((identity) => identity.startsWith('userId:')),
    firstSeenAt: toIso(Math.min(...row.parts.map(({ firstSeenAt }) => firstSeenAt))),
    lastSeenAt: toIso(Math.max(...row.parts.map(({ lastSeenAt }) => lastSeenAt))),
  };
}

/** Epoch milliseconds as ISO 8601 in UTC. */
export function toIso(at: number): string {
  return new Date(at).toISOString();
}
