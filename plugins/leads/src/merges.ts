import type { LoggedEvent } from '@tendril/plugin-api';
import type { LeadBook } from './book/lead-book.ts';
import type { ProspectsRow } from './gen/manifest.gen.ts';

/** Two people who turned out to be one, or not to be one after all. */
export interface Merge {
  readonly from: string;
  readonly into: string;
  /** Which merge: people may be merged further before it is undone. */
  readonly link: string;
  readonly isUndone: boolean;
}

/** The merge of people that an event tells; `undefined` when it tells none. */
export function mergeOf({ kind, name, properties }: LoggedEvent): Merge | undefined {
  if (kind !== 'hub' || (name !== 'tendril.profiles.merged' && name !== 'tendril.profiles.unmerged')) return undefined;
  const { from, into, link } = properties;
  if (typeof from !== 'string' || typeof into !== 'string' || from === into) return undefined;
  return { from, into, link: typeof link === 'string' ? link : `${from}>${into}`, isUndone: name === 'tendril.profiles.unmerged' };
}

/**
 * Makes one lead of the leads of people who were merged, or parts them again. Told twice, or late, it does nothing.
 *
 * @returns whether it changed anything
 */
export function applyMerge(merge: Merge, position: number, book: LeadBook): boolean {
  const { from, into, link, isUndone } = merge;
  const merged = isUndone ? mergedBy(merge, book) : book.prospect(from);
  if (merged === undefined || position <= (merged.mergePosition ?? 0) || (!isUndone && merged.mergeLink === link)) return false;
  const alone = part(merged, position, book);
  if (isUndone) return true;
  book.setProspect({ ...alone, mergedInto: into, mergeLink: link });
  const target = book.prospect(into);
  book.setProspect({ ...target, absorbed: [...(target.absorbed ?? []), from] });
  book.joinPeople(from);
  return true;
}

/** The person who was merged into another by the merge that is undone. */
function mergedBy({ from, into, link }: Merge, book: LeadBook): ProspectsRow | undefined {
  return [...book.cluster(from), ...book.cluster(into)].find(({ mergeLink }) => mergeLink === link);
}

function part(merged: ProspectsRow, position: number, book: LeadBook): ProspectsRow {
  const lead = book.leadOf(merged.person);
  const { mergedInto, mergeLink: _link, ...before } = merged;
  const alone: ProspectsRow = { ...before, mergePosition: position };
  book.setProspect(alone);
  if (mergedInto === undefined) return alone;
  const former = book.prospect(mergedInto);
  book.setProspect({ ...former, absorbed: (former.absorbed ?? []).filter((person) => person !== merged.person) });
  if (lead !== undefined) book.partPeople(merged.person, mergedInto, lead.id);
  return alone;
}
