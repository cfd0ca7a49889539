import type { DuplicatesRow, PeopleRow } from '../gen/manifest.gen.ts';

/** The one id of a pair, whoever comes first. */
export function pairIdOf(first: string, second: string): string {
  return first < second ? `${first}~${second}` : `${second}~${first}`;
}

/** The other one of a pair. */
export function otherOf({ left, right }: Pick<DuplicatesRow, 'left' | 'right'>, person: string): string {
  return left === person ? right : left;
}

/** Whether a userId of the person is known. */
export function isIdentified({ parts }: PeopleRow): boolean {
  return parts.some(({ identities }) => identities.some((identity) => identity.startsWith('userId:')));
}

/** Whether a person has said that the two are two. */
export function isKeptApart(first: PeopleRow, second: PeopleRow): boolean {
  const ids = new Set(second.parts.map(({ id }) => id));
  const others = new Set(first.parts.map(({ id }) => id));
  return (
    first.parts.some(({ apart = [] }) => apart.some((id) => ids.has(id))) ||
    second.parts.some(({ apart = [] }) => apart.some((id) => others.has(id)))
  );
}

/** Who stays when two are merged: the one with a userId, else the one that was there first. */
export function stayingOf(first: PeopleRow, second: PeopleRow): readonly [into: PeopleRow, from: PeopleRow] {
  const isFirst = isIdentified(first) === isIdentified(second) ? createdAt(first) <= createdAt(second) : isIdentified(first);
  return isFirst ? [first, second] : [second, first];
}

function createdAt({ parts }: PeopleRow): number {
  return Math.min(...parts.map(({ createdPosition }) => createdPosition));
}
