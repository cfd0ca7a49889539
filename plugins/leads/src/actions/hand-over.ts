import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler, Call } from '@tendril/plugin-api';
import { LeadBook } from '../book/lead-book.ts';
import { loadAround } from '../book/load-around.ts';
import type { HandOverInput, HandOverOutput, LeadsRow, Settings } from '../gen/manifest.gen.ts';
import { Assigner } from '../owners/assigner.ts';
import { identitiesOf, readProfiles } from '../scoring/settle-leads.ts';
import { rootsOf } from '../stages/lead-roots.ts';

/**
 * Gives the open leads of an owner, who need not be in the settings any more, to others. Those that nobody has room for are
 * nobody's then. Asked again it goes on.
 *
 * @throws TendrilError NOT_FOUND when there is no such owner to give them to
 */
export const handOver: ActionHandler<HandOverInput, HandOverOutput, Settings> = async ({ from, to, limit = 200 }, call) => {
  const assigner = await Assigner.load(call);
  const target = to === undefined ? undefined : assigner.ownerOf(to);
  if (to !== undefined && (target === undefined || to === from)) throw new TendrilError('NOT_FOUND', { field: 'to', owner: to });
  const { ids, hasMore } = await leadsOf(from, limit, call);
  const book = await LeadBook.load([], [], call);
  await loadAround(book, { people: [], contactKeys: [], leads: ids }, call);
  const people = ids.flatMap((id) => book.headOf(id)?.person ?? []);
  const profiles = target === undefined && assigner.needsProfile ? await readProfiles(people, call) : undefined;
  let [moved, freed] = [0, 0];
  for (const id of ids) {
    const lead = book.headOf(id);
    if (lead?.owner !== from) continue;
    const prospects = book.peopleOf(lead.person);
    const owner = target ?? assigner.choose(rootsOf(lead, prospects, profiles?.get(lead.person), call.clock.now()), from);
    if (owner === undefined) assigner.free(book, lead);
    else assigner.give(book, lead, owner, target === undefined ? 'rule' : 'person', identitiesOf(prospects), call);
    if (owner === undefined) freed += 1;
    else moved += 1;
  }
  assigner.write(call);
  book.write(call);
  return { moved, freed, hasMore };
};

async function leadsOf(
  owner: string,
  limit: number,
  call: Call<Settings>,
): Promise<{ readonly ids: readonly string[]; readonly hasMore: boolean }> {
  const ids: string[] = [];
  for (const queue of ['open', 'snoozed']) {
    if (ids.length >= limit) return { ids, hasMore: true };
    const page = await call
      .table<LeadsRow>('leads')
      .query({ index: 'by_owner_probability', equals: { queue, owner }, order: 'descending', limit: limit - ids.length });
    ids.push(...page.items.map(({ key }) => key));
    if (page.nextCursor !== undefined) return { ids, hasMore: true };
  }
  return { ids, hasMore: false };
}
