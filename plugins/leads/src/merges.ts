import type { LoggedEvent } from '@tendril/plugin-api';
import type { LeadBook } from './book/lead-book.ts';

/** Two people who turned out to be one, or not to be one after all. */
export interface Merge {
  readonly from: string;
  readonly into: string;
  readonly isUndone: boolean;
}

/** The merge of people that an event tells; `undefined` when it tells none. */
export function mergeOf({ kind, name, properties }: LoggedEvent): Merge | undefined {
  if (kind !== 'hub' || (name !== 'tendril.profiles.merged' && name !== 'tendril.profiles.unmerged')) return undefined;
  const { from, into } = properties;
  if (typeof from !== 'string' || typeof into !== 'string' || from === into) return undefined;
  return { from, into, isUndone: name === 'tendril.profiles.unmerged' };
}

/**
 * Makes one lead of the leads of people who were merged, or parts them again. Told twice, or late, it does nothing.
 *
 * @returns whether it changed anything
 */
export function applyMerge({ from, into, isUndone }: Merge, position: number, book: LeadBook): boolean {
  const { mergedInto, ...before } = book.prospect(from);
  if (position <= (before.mergePosition ?? 0) || (isUndone ? mergedInto !== into : mergedInto === into)) return false;
  const lead = book.leadOf(from);
  const after = { ...before, mergePosition: position };
  if (mergedInto !== undefined) {
    const former = book.prospect(mergedInto);
    book.setProspect({ ...former, absorbed: (former.absorbed ?? []).filter((person) => person !== from) });
    if (lead !== undefined) book.partPeople(from, mergedInto, lead.id);
  }
  if (isUndone) {
    book.setProspect(after);
    return true;
  }
  book.setProspect({ ...after, mergedInto: into });
  const target = book.prospect(into);
  book.setProspect({ ...target, absorbed: [...(target.absorbed ?? []), from] });
  book.joinPeople(from);
  return true;
}
