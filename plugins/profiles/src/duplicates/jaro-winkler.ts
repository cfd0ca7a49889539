const PREFIX_SHARE = 0.1;
const PREFIX_LENGTH = 4;
/** Below it two strings are too different for a common beginning to mean anything. */
const BOOST_FROM = 0.7;

/**
 * How alike two strings are, from 0 to 1, by characters in common near the same place and how many of them changed order.
 *
 * The same both ways round. Counts UTF-16 units; the time is at most the product of both lengths, so cut what may be huge.
 *
 * @see M. A. Jaro, Advances in Record-Linkage Methodology, JASA 84 (1989); half transpositions are cut as in Winkler's strcmp95
 */
export function jaro(first: string, second: string): number {
  if (first === second) return first === '' ? 0 : 1;
  if (first === '' || second === '') return 0;
  // The greedy search for common characters may find others from the other side: one order for both.
  const isOrdered = first.length < second.length || (first.length === second.length && first < second);
  return isOrdered ? jaroOrdered(first, second) : jaroOrdered(second, first);
}

/**
 * Jaro's likeness, raised for strings that begin alike, from 0 to 1.
 *
 * @see W. E. Winkler, String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of Record Linkage, 1990
 */
export function jaroWinkler(first: string, second: string): number {
  const likeness = jaro(first, second);
  if (likeness <= BOOST_FROM) return likeness;
  const most = Math.min(PREFIX_LENGTH, first.length, second.length);
  let prefix = 0;
  while (prefix < most && first.charCodeAt(prefix) === second.charCodeAt(prefix)) prefix += 1;
  return likeness + prefix * PREFIX_SHARE * (1 - likeness);
}

function jaroOrdered(short: string, long: string): number {
  const reach = Math.max(0, Math.floor(long.length / 2) - 1);
  const isTaken = new Uint8Array(long.length);
  const matched: number[] = [];
  for (let at = 0; at < short.length; at += 1) {
    const code = short.charCodeAt(at);
    const to = Math.min(long.length - 1, at + reach);
    for (let other = Math.max(0, at - reach); other <= to; other += 1) {
      if (isTaken[other] === 1 || long.charCodeAt(other) !== code) continue;
      isTaken[other] = 1;
      matched.push(code);
      break;
    }
  }
  const common = matched.length;
  if (common === 0) return 0;
  const transpositions = Math.floor(countMoved(matched, long, isTaken) / 2);
  return (common / short.length + common / long.length + (common - transpositions) / common) / 3;
}

function countMoved(matched: readonly number[], long: string, isTaken: Uint8Array): number {
  let moved = 0;
  let place = 0;
  for (let other = 0; other < long.length; other += 1) {
    if (isTaken[other] !== 1) continue;
    if (long.charCodeAt(other) !== matched[place]) moved += 1;
    place += 1;
  }
  return moved;
}
