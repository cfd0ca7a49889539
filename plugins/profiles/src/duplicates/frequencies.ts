import type { PreparedRecord } from './prepare.ts';

/** How common values are: to have one name in common that everybody has says little. Plain data, to be stored. */
export interface Frequencies {
  /** How many people were counted. */
  readonly people: number;
  /** Field by field: how many people have a value; those that are left out are rare. */
  readonly counts: readonly Readonly<Record<string, number>>[];
}

const SHRINK_PEOPLE = 100;

/** Counts values, field by field; the `keep` commonest of each that more than one person has stay. */
export function countValues(records: Iterable<PreparedRecord>, fieldCount: number, keep = 5000): Frequencies {
  const counts = Array.from({ length: fieldCount }, () => new Map<string, number>());
  let people = 0;
  for (const { values } of records) {
    people += 1;
    for (const [place, seen] of counts.entries()) {
      const value = values[place] ?? '';
      if (value !== '') seen.set(value, (seen.get(value) ?? 0) + 1);
    }
  }
  return { people, counts: counts.map((seen) => commonest(seen, keep)) };
}

/** Bits by which agreement on this value says more (or, negative, less) than agreement on any value, whose share is `usual`. */
export function rarityBits({ people, counts }: Frequencies, place: number, value: string, usual: number): number {
  if (people === 0) return 0;
  const known = counts[place];
  const count = known !== undefined && Object.hasOwn(known, value) ? (known[value] ?? 1) : 1;
  // Few people say little of how common a value is.
  const share = (count + SHRINK_PEOPLE * usual) / (people + SHRINK_PEOPLE);
  return Math.log2(usual / share);
}

function commonest(seen: ReadonlyMap<string, number>, keep: number): Readonly<Record<string, number>> {
  const shared = [...seen].filter(([, count]) => count > 1).sort((left, right) => right[1] - left[1]);
  return Object.fromEntries(shared.slice(0, keep));
}
