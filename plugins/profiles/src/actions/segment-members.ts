import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { PeopleRow, SegmentMembersInput, SegmentMembersOutput, Settings } from '../gen/manifest.gen.ts';
import { toIso, toProfile } from '../profile.ts';
import { readMembers } from '../segments/read-members.ts';

/** People of a segment in the order of their ids. @throws TendrilError NOT_FOUND when there is no such segment */
export const segmentMembers: ActionHandler<SegmentMembersInput, SegmentMembersOutput, Settings> = async (input, call) => {
  const page = await readMembers(input.name, input, call);
  if (page === undefined) throw new TendrilError('NOT_FOUND', { field: 'name', segment: input.name });
  const { items, ...rest } = page;
  const rows = items.length === 0 ? [] : await call.table<PeopleRow>('people').getMany(items.map(({ person }) => person));
  return {
    ...rest,
    items: items.flatMap(({ since }, index) => {
      const row = rows[index]?.value;
      return row?.state === 'active' ? [{ id: row.id, since: toIso(since), traits: toProfile(row).traits }] : [];
    }),
  };
};
