import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { loadLead } from '../book/load-lead.ts';
import type { AssignInput, AssignOutput, Settings } from '../gen/manifest.gen.ts';
import { Assigner } from '../owners/assigner.ts';
import { identitiesOf, readProfiles } from '../scoring/settle-leads.ts';
import { rootsOf } from '../stages/lead-roots.ts';

/**
 * Gives a lead to an owner: the one named, whatever room they have, or the one whose turn it is. With `ifFree` a lead that
 * somebody has stays with them. Without a name a lead that somebody has stays, too.
 *
 * @throws TendrilError NOT_FOUND when there is no such lead or owner
 */
export const assign: ActionHandler<AssignInput, AssignOutput, Settings> = async ({ id, owner: wanted, ifFree = false }, call) => {
  const { book, lead } = await loadLead(id, call);
  const previousOwner = lead.owner ?? null;
  const unchanged = { id: lead.id, owner: previousOwner, previousOwner, isChanged: false };
  if (previousOwner !== null && (ifFree || wanted === undefined || wanted === previousOwner)) return unchanged;
  const assigner = await Assigner.load(call);
  const prospects = book.peopleOf(lead.person);
  const profiles = wanted === undefined && assigner.needsProfile ? await readProfiles([lead.person], call) : undefined;
  const roots = rootsOf(lead, prospects, profiles?.get(lead.person), call.clock.now());
  const owner = wanted === undefined ? assigner.choose(roots) : assigner.ownerOf(wanted);
  if (owner === undefined && wanted !== undefined) throw new TendrilError('NOT_FOUND', { field: 'owner', owner: wanted });
  if (owner === undefined) return unchanged;
  assigner.give(book, lead, owner, wanted === undefined ? 'rule' : 'person', identitiesOf(prospects), call);
  assigner.write(call);
  book.write(call);
  return { id: lead.id, owner: owner.id, previousOwner, isChanged: true };
};
