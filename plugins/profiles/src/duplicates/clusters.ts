/** Two records that are one person with some probability. */
export interface Link {
  readonly left: string;
  readonly right: string;
  readonly probability: number;
}

/** When two groups of records may not become one, although a link joins them. */
export type CannotJoin = (first: readonly string[], second: readonly string[]) => boolean;

/**
 * Groups of records that are one person each, so that an original has all of its duplicates: surest links first, and two records
 * that look little alike belong together when a third is like both. Groups of at most `maxSize`; larger ones are not joined.
 * Only groups of two and more are in the answer, each sorted, the same for links in any order.
 */
export function groupLinks(links: readonly Link[], maxSize: number, cannotJoin: CannotJoin = () => false): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const { left, right } of [...links].sort(compareLinks)) {
    const [first, second] = [groups.get(left) ?? [left], groups.get(right) ?? [right]];
    if (first === second || first.length + second.length > maxSize || cannotJoin(first, second)) continue;
    const joined = [...first, ...second];
    for (const id of joined) groups.set(id, joined);
  }
  return [...new Set(groups.values())].map((group) => [...group].sort()).sort(([left = ''], [right = '']) => (left < right ? -1 : 1));
}

function compareLinks(first: Link, second: Link): number {
  if (first.probability !== second.probability) return second.probability - first.probability;
  const [left, right] = [nameOf(first), nameOf(second)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function nameOf({ left, right }: Link): string {
  return left < right ? `${left}|${right}` : `${right}|${left}`;
}
