import type { ActionHandler } from '@tendril/plugin-api';
import type { ListInput, ListOutput, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { toProfile } from '../profile.ts';

/** People, last seen first. */
export const list: ActionHandler<ListInput, ListOutput, Settings> = async ({ limit = 100, cursor }, call) => {
  const page = await call.table<PeopleRow>('people').query({
    index: 'recent',
    equals: { state: 'active' },
    order: 'descending',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const items = page.items.map(({ value }) => toProfile(value));
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
