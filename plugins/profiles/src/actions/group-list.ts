import type { ActionHandler } from '@tendril/plugin-api';
import type { GroupListInput, GroupListOutput, GroupsRow, Settings } from '../gen/manifest.gen.ts';
import { countPeople, toGroup } from '../group-view.ts';

/** Groups, last heard of first. */
export const groupList: ActionHandler<GroupListInput, GroupListOutput, Settings> = async ({ limit = 100, cursor }, call) => {
  const page = await call.table<GroupsRow>('groups').query({
    index: 'recent',
    equals: { state: 'active' },
    order: 'descending',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const items = await Promise.all(page.items.map(async ({ key, value }) => toGroup(value, await countPeople(key, call))));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
