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
 * A scan: a command asks once, and an index would take longer to build than this takes to answer. What a scan has prepared is
 * kept as long as the rows are.
 */
export function searchPlugins(
  rows: readonly SearchRow[],
  query: string,
  { category, limit = 50 }: SearchOptions = {},
): readonly SearchResult[] {
  const prepared = prepare(rows);
  const words = wordsOf(query);
  const alternatives = words.map((word) => (isSomewhere(prepared, word) ? [word] : nearWords(word, vocabularyOf(prepared))));
  const whole = words.join('_');
  const found: SearchResult[] = [];
  for (const [index, row] of rows.entries()) {
    if (category !== undefined && !row.categories.includes(category)) continue;
    const text = prepared.texts[index] ?? '';
    if (!alternatives.every((choices) => choices.some((word) => text.includes(word)))) continue;
    const score = words.length === 0 ? 1 : scoreAll(searchableOf(prepared, index), alternatives, whole);
    if (score > 0) found.push({ ...row, score });
  }
  return found.toSorted((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1)).slice(0, limit);
}

interface Prepared {
  readonly rows: readonly SearchRow[];
  /** Everything that is searched of a row, in one text: most rows are told apart by it alone. */
  readonly texts: readonly string[];
  /** By row; made when one is looked at closely. */
  readonly searchables: (Searchable | undefined)[];
  vocabulary?: ReadonlySet<string>;
}

interface Searchable {
  readonly id: string;
  readonly idWords: readonly string[];
  readonly title: readonly string[];
  readonly publisher: readonly string[];
  readonly categories: readonly string[];
  readonly description: readonly string[];
}

const preparedByRows = new WeakMap<readonly SearchRow[], Prepared>();

function prepare(rows: readonly SearchRow[]): Prepared {
  const known = preparedByRows.get(rows);
  if (known !== undefined) return known;
  const texts = rows.map(({ id, title, publisher, categories, description }) =>
    plain(`${id} ${title} ${publisher} ${categories.join(' ')} ${description}`),
  );
  const prepared: Prepared = { rows, texts, searchables: [] };
  preparedByRows.set(rows, prepared);
  return prepared;
}

function searchableOf({ rows, searchables }: Prepared, index: number): Searchable {
  const { id, title, publisher, categories, description } = rows[index] ?? EMPTY;
  return (searchables[index] ??= {
    id,
    idWords: id.split('_'),
    title: wordsOf(title),
    publisher: wordsOf(publisher),
    categories,
    description: wordsOf(description),
  });
}

const EMPTY: SearchRow = { id: '', title: '', description: '', categories: [], publisher: '', version: '', permissions: 0 };

/** Whether some row has the word, or one that starts with it. */
function isSomewhere(prepared: Prepared, word: string): boolean {
  return prepared.texts.some((text, index) => text.includes(word) && scoreWord(searchableOf(prepared, index), word) > 0);
}

function vocabularyOf(prepared: Prepared): ReadonlySet<string> {
  return (prepared.vocabulary ??= new Set(prepared.texts.join(' ').match(WORD) ?? []));
}

const WORD = /[\p{L}\p{N}]+/gu;

/** Words in lower case and without accents. */
function wordsOf(text: string): readonly string[] {
  return plain(text).match(WORD) ?? [];
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
