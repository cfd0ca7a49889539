import type { PeopleRow } from './gen/manifest.gen.ts';

/** Parts that links lead to, from one of them. */
export function reachable(from: string, links: readonly NonNullable<PeopleRow['links']>[number][]): ReadonlySet<string> {
  const found = new Set([from]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const { left, right } of links) {
      if (found.has(left)) found.add(right);
      else if (found.has(right)) found.add(left);
    }
  }
  return found;
}
