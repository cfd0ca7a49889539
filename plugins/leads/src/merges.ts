import type { LoggedEvent } from '@tendril/plugin-api';
import type { LeadBook } from './book/lead-book.ts';

/** Two people who turned out to be one, or not to be one after all. */
export interface Merge {
  readonly from: string;
  readonly into: string;
  /** Which merge: people may be merged further before it is undone. */
  readonly link: string;
  readonly isUndone: boolean;
}

/**
 * The merge of people that an event tells; `undefined` when it tells none. People that are several already are joined by two
 * of these, where the event names them: so they come apart where they were joined.
 */
export function mergeOf({ kind, name, properties }: LoggedEvent): Merge | undefined {
  if (kind !== 'hub' || (name !== 'tendril.profiles.merged' && name !== 'tendril.profiles.unmerged')) return undefined;
  const { fromPart, intoPart, link } = properties;
  const from = typeof fromPart === 'string' ? fromPart : properties['from'];
  const into = typeof intoPart === 'string' ? intoPart : properties['into'];
  if (typeof from !== 'string' || typeof into !== 'string' || from === into) return undefined;
  return { from, into, link: typeof link === 'string' ? link : `${from}>${into}`, isUndone: name === 'tendril.profiles.unmerged' };
}

/**
 * Makes one lead of the leads of people who were merged, or parts them again. Told twice, or late, it does nothing.
 *
 * @returns whether it changed anything
 */
export function applyMerge(merge: Merge, position: number, book: LeadBook): boolean {
  return merge.isUndone ? undoMerge(merge, position, book) : join(merge, position, book);
}

function join({ from, into, link }: Merge, position: number, book: LeadBook): boolean {
  const isTied = book.prospect(from).ties?.some((tie) => tie.link === link) === true;
  const isOld = [from, into].every((person) => position <= (book.prospect(person).tiePosition ?? 0));
  if (isTied || isOld) return false;
  for (const [person, other] of [
    [from, into],
    [into, from],
  ] as const) {
    const prospect = book.prospect(person);
    book.setProspect({ ...prospect, ties: [...(prospect.ties ?? []), { link, person: other }], tiePosition: position });
  }
  book.joinPeople(from);
  return true;
}

function undoMerge({ from, into, link }: Merge, position: number, book: LeadBook): boolean {
  const cluster = [...book.cluster(from), ...book.cluster(into)];
  const tied = new Set(cluster.filter(({ ties }) => ties?.some((tie) => tie.link === link) === true).map(({ person }) => person));
  if (tied.size === 0 || cluster.every(({ tiePosition = 0 }) => position <= tiePosition)) return false;
  const leads = new Set(cluster.flatMap(({ person }) => book.leadOf(person)?.id ?? []));
  for (const person of tied) {
    const { ties = [], ...prospect } = book.prospect(person);
    book.setProspect({ ...prospect, ties: ties.filter((tie) => tie.link !== link), tiePosition: position });
  }
  for (const lead of leads) book.partPeople(link, lead);
  return true;
}
