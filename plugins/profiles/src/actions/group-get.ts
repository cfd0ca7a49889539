import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { GroupGetInput, GroupGetOutput, GroupMembersRow, GroupsRow, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { groupKey } from '../identity.ts';
import { countPeople, toGroup } from '../group-view.ts';
import { toIso } from '../profile.ts';

/** Of so many people of a group what they come to together is counted. */
const MOST_COUNTED = 1_000;

/** What is known of a group and of its people together. @throws TendrilError NOT_FOUND when nothing named such a group */
export const groupGet: ActionHandler<GroupGetInput, GroupGetOutput, Settings> = async ({ id }, call) => {
  const key = groupKey(id);
  const row = await call.table<GroupsRow>('groups').get(key);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'id', group: id });
  const [people, together] = await Promise.all([countPeople(key, call), rollUp(key, call)]);
  const sources = Object.entries(row.value.traits).map(([name, { at, source }]) => [name, { at: toIso(at), source }] as const);
  return { ...toGroup(row.value, people), sources: Object.fromEntries(sources), ...together };
};

async function rollUp(group: string, call: Call<Settings>): Promise<Pick<GroupGetOutput, 'sums' | 'counted' | 'peopleLastSeenAt'>> {
  const members = await call.table<GroupMembersRow>('group_members').query({ index: 'by_group', equals: { group }, limit: MOST_COUNTED });
  const rows = await call.table<PeopleRow>('people').getMany(members.items.map(({ value }) => value.person));
  const people = rows.flatMap((row) => (row === undefined ? [] : [row.value]));
  const sums = new Map<string, number>();
  for (const { computed } of people) {
    for (const [name, value] of Object.entries(computed ?? {}))
      if (typeof value === 'number') sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const seenAt = Math.max(...people.map(({ lastSeenAt = -Infinity }) => lastSeenAt));
  return { sums: Object.fromEntries(sums), counted: people.length, ...(seenAt > -Infinity && { peopleLastSeenAt: toIso(seenAt) }) };
}
