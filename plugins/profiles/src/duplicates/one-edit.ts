/**
 * Whether two different strings become equal by one slip of the hand: a character too many, one missing, one wrong, or two
 * neighbours swapped (Damerau–Levenshtein distance 1). In time linear in their length.
 *
 * @see F. J. Damerau, A technique for computer detection and correction of spelling errors, CACM 7 (1964)
 */
export function isOneEdit(first: string, second: string): boolean {
  if (first === second || Math.abs(first.length - second.length) > 1) return false;
  let at = 0;
  while (at < first.length && at < second.length && first.charCodeAt(at) === second.charCodeAt(at)) at += 1;
  if (first.length > second.length) return first.slice(at + 1) === second.slice(at);
  if (first.length < second.length) return first.slice(at) === second.slice(at + 1);
  if (first.slice(at + 1) === second.slice(at + 1)) return true;
  return first[at] === second[at + 1] && first[at + 1] === second[at] && first.slice(at + 2) === second.slice(at + 2);
}
