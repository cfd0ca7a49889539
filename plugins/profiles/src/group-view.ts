import type { Call } from '@tendril/plugin-api';
import type { GroupListOutput, GroupMembersRow, GroupsRow, Settings } from './gen/manifest.gen.ts';
import { toIso } from './profile.ts';

/** How many people belong to a group. */
export async function countPeople(group: string, call: Call<Settings>): Promise<number> {
  const [all] = await call.table<GroupMembersRow>('group_members').aggregate({ index: 'by_group', equals: { group } });
  return all?.count ?? 0;
}

/** A group as actions give it. */
export function toGroup({ id, traits, firstSeenAt, lastSeenAt }: GroupsRow, people: number): GroupListOutput['items'][number] {
  return {
    id,
    traits: Object.fromEntries(Object.entries(traits).map(([name, { value }]) => [name, value])),
    firstSeenAt: toIso(firstSeenAt),
    lastSeenAt: toIso(lastSeenAt),
    people,
  };
}
