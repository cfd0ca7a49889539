import { TendrilError } from '@tendril/plugin-api';
import type { Call } from '@tendril/plugin-api';
import type { LeadsRow, Settings } from '../gen/manifest.gen.ts';
import { LeadBook } from './lead-book.ts';

/** The lead of an id, as an action is asked for it, with the book to change it in. @throws TendrilError NOT_FOUND */
export async function loadLead(id: string, call: Call<Settings>): Promise<{ readonly book: LeadBook; readonly lead: LeadsRow }> {
  const book = await LeadBook.loadLeads([id], call);
  const lead = book.headOf(id);
  if (lead === undefined) throw new TendrilError('NOT_FOUND', { field: 'id', lead: id });
  return { book, lead };
}
