import { hash } from 'node:crypto';

const HEX_DIGITS = 12;
const STEPS = 2 ** (HEX_DIGITS * 4);

/**
 * Where a person stands from 0 to 1, by nothing but the parts: the first 48 bits of the SHA-256 of the parts joined with
 * NUL, in [0, 1). The same everywhere and for ever, without anything being kept.
 */
export function shareOf(...parts: readonly string[]): number {
  return Number.parseInt(hash('sha256', parts.join('\0'), 'hex').slice(0, HEX_DIGITS), 16) / STEPS;
}

/**
 * One of several by weight: that with the smallest `-ln(1 - share) / weight`, which each has by itself. When a candidate comes or
 * goes, only those who get it or had it see something else.
 *
 * @see Efraimidis, Spirakis: Weighted random sampling with a reservoir (2006)
 */
export function pickByWeight<Item extends { readonly weight: number }>(
  items: readonly Item[],
  partsOf: (item: Item) => readonly string[],
): Item | undefined {
  let best: Item | undefined;
  let bestScore = Infinity;
  for (const item of items) {
    const score = item.weight > 0 ? -Math.log1p(-shareOf(...partsOf(item))) / item.weight : Infinity;
    if (score >= bestScore) continue;
    best = item;
    bestScore = score;
  }
  return best;
}
