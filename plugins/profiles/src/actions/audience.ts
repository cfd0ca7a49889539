import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { AudienceInput, AudienceOutput, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { readMembers } from '../segments/read-members.ts';

/**
 * Ids of people in the order of the ids: nobody moves while the pages are read, whatever happens meanwhile.
 *
 * @throws TendrilError NOT_FOUND when there is no such segment, or none that serves yet
 */
export const audience: ActionHandler<AudienceInput, AudienceOutput, Settings> = async ({ segment, cursor, limit = 200 }, call) => {
  if (segment !== undefined) return audienceOfSegment(segment, cursor, limit, call);
  const table = call.table<PeopleRow>('people');
  const page = await table.query({ limit, ...(cursor === undefined ? {} : { cursor }) });
  const people = page.items.filter(({ value }) => value.state === 'active').map(({ value }) => value.id);
  const next = page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor };
  if (cursor !== undefined) return { people, ...next };
  const [active] = await table.aggregate({ index: 'recent', equals: { state: 'active' } });
  return { people, ...next, total: active?.count ?? 0 };
};

async function audienceOfSegment(
  segment: string,
  cursor: string | undefined,
  limit: number,
  call: Call<Settings>,
): Promise<AudienceOutput> {
  const page = await readMembers(segment, { limit, ...(cursor !== undefined && { cursor }) }, call);
  if (page === undefined) throw new TendrilError('NOT_FOUND', { segment });
  const { items, ...rest } = page;
  return { people: items.map(({ person }) => person), ...rest };
}
