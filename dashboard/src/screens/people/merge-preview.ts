import type { FormerValue, Profile } from '../../api/customers/people.ts';
import type { Json } from '../../api/types.ts';

/** What would be in force of one trait after a merge, and of whom it comes. */
export interface MergedTrait {
  readonly name: string;
  readonly value: Json;
  readonly from: 'into' | 'from' | 'both';
  /** What the other says, where it says something else. */
  readonly other: Json | undefined;
}

type History = Readonly<Record<string, readonly FormerValue[]>>;

/** The traits of two people as they would be of one: the statement that is newer wins. */
export function mergeTraits(
  into: Profile,
  from: Profile,
  histories: { readonly into: History; readonly from: History },
): readonly MergedTrait[] {
  const names = [...new Set([...Object.keys(into.traits), ...Object.keys(from.traits)])];
  return names
    .map((name): MergedTrait => {
      const [left, right] = [into.traits[name], from.traits[name]];
      if (right === undefined) return { name, value: left ?? null, from: 'into', other: undefined };
      if (left === undefined) return { name, value: right, from: 'from', other: undefined };
      if (JSON.stringify(left) === JSON.stringify(right)) return { name, value: left, from: 'both', other: undefined };
      return statedAt(histories.from, name) > statedAt(histories.into, name)
        ? { name, value: right, from: 'from', other: left }
        : { name, value: left, from: 'into', other: right };
    })
    .toSorted((left, right) => Number(left.other === undefined) - Number(right.other === undefined));
}

/** What both agreed to as one: who refused is never written to again by way of a merge. */
export function mergeConsent(into: Profile, from: Profile): Profile['consent'] {
  const merged: Record<string, 'granted' | 'denied'> = { ...into.consent };
  for (const [category, said] of Object.entries(from.consent)) if (merged[category] !== 'denied') merged[category] = said;
  return merged;
}

/** What speaks against a merge; it is said, not forbidden. */
export function findDoubts(into: Profile, from: Profile): readonly string[] {
  const doubts: string[] = [];
  const idsOf = (person: Profile): readonly string[] => person.identities.filter((identity) => identity.startsWith('userId:'));
  if (idsOf(into).length > 0 && idsOf(from).length > 0)
    doubts.push('Both have a user id of their own: your application knows them as two. Join them only if it is wrong.');
  return doubts;
}

function statedAt(history: History, name: string): number {
  const last = history[name]?.at(-1);
  return last === undefined ? 0 : new Date(last.until).getTime();
}
