import { nearWords } from './near-words.ts';
import type { SearchRow } from './search-rows.ts';

/** What narrows a search. */
export interface SearchOptions {
  readonly category?: string | undefined;
  /** How many at most; 50 without it. */
  readonly limit?: number;
}

/** A plugin that was found. */
export interface SearchResult extends SearchRow {
  /** How well it fits; comparable within one search only. */
  readonly score: number;
}

const WEIGHT = {
  id: 1000,
  idStart: 400,
  idWord: 120,
  title: 100,
  titleStart: 60,
  publisher: 40,
  category: 40,
  description: 20,
  descriptionStart: 10,
} as const;

/**
 * Finds plugins of which every word of the query is a word, or the start of one, in id, title, publisher, categories or
 * description, best first. A word that is nowhere is taken for the nearest ones that are somewhere. No words find all.
 *
 * A scan of all rows: as they are needed for one query of a command, it is quicker than to build an index first.
 */
export function searchPlugins(
  rows: readonly SearchRow[],
  query: string,
  { category, limit = 50 }: SearchOptions = {},
): readonly SearchResult[] {
  const words = wordsOf(query);
  const candidates = category === undefined ? rows : rows.filter(({ categories }) => categories.includes(category));
  const texts = candidates.map(searchableOf);
  const alternatives = words.map((word) => (texts.some((text) => scoreWord(text, word) > 0) ? [word] : nearWords(word, vocabulary(texts))));
  const whole = words.join('_');
  return candidates
    .flatMap((row, index) => {
      const text = texts[index];
      const score = text === undefined ? 0 : scoreAll(text, alternatives, whole);
      return score > 0 ? [{ ...row, score }] : [];
    })
    .toSorted((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1))
    .slice(0, limit);
}

interface Searchable {
  readonly id: string;
  readonly idWords: readonly string[];
  readonly title: readonly string[];
  readonly publisher: readonly string[];
  readonly categories: readonly string[];
  readonly description: readonly string[];
}

function searchableOf({ id, title, publisher, categories, description }: SearchRow): Searchable {
  return {
    id,
    idWords: id.split('_'),
    title: wordsOf(title),
    publisher: wordsOf(publisher),
    categories,
    description: wordsOf(description),
  };
}

/** Words in lower case and without accents. */
function wordsOf(text: string): readonly string[] {
  return plain(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

const ASCII = /^\p{ASCII}*$/u;

function plain(text: string): string {
  const lower = text.toLowerCase();
  // Most texts are plain already, and `normalize` costs more than everything else here.
  return ASCII.test(lower) ? lower : lower.normalize('NFKD').replace(/\p{M}/gu, '');
}

/** 0 unless every word is found. */
function scoreAll(text: Searchable, alternatives: readonly (readonly string[])[], whole: string): number {
  let sum = 1;
  for (const words of alternatives) {
    let best = 0;
    for (const word of words) best = Math.max(best, scoreWord(text, word));
    if (best === 0) return 0;
    sum += best;
  }
  if (whole === '') return sum;
  if (text.id === whole) return sum + WEIGHT.id;
  return text.id.startsWith(whole) ? sum + WEIGHT.idStart : sum;
}

function scoreWord(text: Searchable, word: string): number {
  if (text.id === word) return WEIGHT.id;
  if (text.id.startsWith(word)) return WEIGHT.idStart;
  if (text.idWords.includes(word)) return WEIGHT.idWord;
  if (text.title.includes(word)) return WEIGHT.title;
  if (text.title.some((other) => other.startsWith(word))) return WEIGHT.titleStart;
  if (text.publisher.includes(word)) return WEIGHT.publisher;
  if (text.categories.includes(word)) return WEIGHT.category;
  if (text.description.includes(word)) return WEIGHT.description;
  return text.description.some((other) => other.startsWith(word)) ? WEIGHT.descriptionStart : 0;
}

function vocabulary(texts: readonly Searchable[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const { idWords, title, publisher, categories, description } of texts)
    for (const part of [idWords, title, publisher, categories, description]) for (const word of part) words.add(word);
  return words;
}
