const DIMENSIONS = 256;
const PIECE = 3;

/**
 * Bags of words and of their three-letter pieces, hashed into 256 dimensions with a sign (the hashing trick). Texts that
 * share words are near each other; synonyms are not.
 *
 * @returns [texts][256], each of length 1
 * @see Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009, section 2
 */
export async function embed(texts: readonly string[]): Promise<readonly (readonly number[])[]> {
  return texts.map(embedText);
}

function embedText(text: string): readonly number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const feature of featuresOf(text)) {
    const hash = hashOf(feature);
    const place = hash % DIMENSIONS;
    vector[place] = (vector[place] ?? 0) + (hash & 0x80000000 ? -1 : 1);
  }
  const length = Math.hypot(...vector);
  // A text without a word is near nothing in particular.
  if (length === 0) return vector.map((_, index) => (index === 0 ? 1 : 0));
  return vector.map((value) => value / length);
}

function featuresOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.flatMap((word) => [
    word,
    ...Array.from({ length: Math.max(0, word.length - PIECE + 1) }, (_, at) => word.slice(at, at + PIECE)),
  ]);
}

/** FNV-1a, 32 bits. @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
