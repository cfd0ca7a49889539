import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { LeadBook } from '../book/lead-book.ts';
import type { GetInput, GetOutput, Settings } from '../gen/manifest.gen.ts';
import { toLead } from '../lead-view.ts';

/** A lead by its id, also by one that it had before it turned out to be another, or by a person. @throws TendrilError NOT_FOUND */
export const get: ActionHandler<GetInput, GetOutput, Settings> = async ({ id, person }, call) => {
  const book =
    id === undefined ? await LeadBook.load(person === undefined ? [] : [person], [], call) : await LeadBook.loadLeads([id], call);
  const lead = id === undefined ? (person === undefined ? undefined : book.leadOf(person)) : book.headOf(id);
  if (lead === undefined)
    throw new TendrilError('NOT_FOUND', id === undefined ? { field: 'person', person: person ?? '' } : { field: 'id', lead: id });
  return toLead(lead);
};
