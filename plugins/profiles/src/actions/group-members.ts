import type { ActionHandler } from '@tendril/plugin-api';
import type { GroupMembersInput, GroupMembersOutput, GroupMembersRow, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { groupKey } from '../identity.ts';
import { toProfile } from '../profile.ts';

/** People of a group in the order of their ids, page by page; none for a group that nothing named. */
export const groupMembers: ActionHandler<GroupMembersInput, GroupMembersOutput, Settings> = async ({ id, limit = 100, cursor }, call) => {
  const page = await call.table<GroupMembersRow>('group_members').query({
    index: 'by_group',
    equals: { group: groupKey(id) },
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const rows = await call.table<PeopleRow>('people').getMany(page.items.map(({ value }) => value.person));
  const items = rows.flatMap((row) => (row?.value.state === 'active' ? [toProfile(row.value)] : []));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
