/** A name taken apart. */
export interface NameParts {
  readonly prefix?: string;
  readonly first?: string;
  readonly last?: string;
  readonly suffix?: string;
  /** Only inferred. */
  readonly isGuess: boolean;
  readonly confidence: number;
}

const PREFIXES = new Set(
  'mr mrs ms miss mx dr prof professor sir dame lord lady herr frau hr fr mme mlle monsieur madame m sr sra srta don doña ing dipl-ing mag rev fr capt'.split(
    ' ',
  ),
);
const SUFFIXES = new Set('jr sr ii iii iv phd md msc bsc mba ba ma esq dds cpa rn llm pe'.split(' '));
const PARTICLES = new Set('von van der den de da di del della la le du dos das do zu zur zum ter ten af bin ibn al el st'.split(' '));
const LOCAL = /^([\p{L}]{2,20})[._-]([\p{L}]{1,20})[._-]?([\p{L}'-]{2,30})?$/u;
/** Words that stand in addresses where names could. */
const NO_NAMES = new Set(
  'info mail email office contact sales team hello admin support news web shop the my its me mr mrs dr best real official test demo'.split(
    ' ',
  ),
);

/**
 * Takes a whole name apart: titles before, particles to the last name, degrees behind. `King, Ada` is read the other way round.
 * One word is a first name; so it may be wrong where family names come first.
 */
export function splitName(name: string): NameParts | undefined {
  const words = name.normalize('NFC').trim().replaceAll(/\s+/g, ' ');
  if (words === '' || words.length > 200 || /[@\d<>]/.test(words)) return undefined;
  const [before = '', after, ...more] = words.split(',').map((part) => part.trim());
  const turned = after !== undefined && more.length === 0 && !SUFFIXES.has(fold(after)) && after !== '' ? `${after} ${before}` : undefined;
  const list = (turned ?? [before, after, ...more].filter((part) => part !== undefined).join(' ')).split(' ').filter((word) => word !== '');
  const prefix: string[] = [];
  while (list.length > 1 && PREFIXES.has(fold(list[0] ?? ''))) prefix.push(list.shift() ?? '');
  const suffix: string[] = [];
  while (list.length > 1 && SUFFIXES.has(fold(list.at(-1) ?? ''))) suffix.unshift(list.pop() ?? '');
  const parts = turned === undefined ? divide(list) : divideTurned(list, before.split(' ').length);
  return {
    ...(prefix.length === 0 ? {} : { prefix: prefix.join(' ') }),
    ...parts,
    ...(suffix.length === 0 ? {} : { suffix: suffix.join(' ') }),
    isGuess: false,
    confidence: turned !== undefined ? 0.95 : list.length === 2 ? 0.9 : list.length === 1 ? 0.6 : 0.8,
  };
}

/** What an address tells of a name: `ada.king@…`. Always a guess. */
export function guessName(local: string): NameParts | undefined {
  const [, first = '', middle = '', last] = LOCAL.exec(local.split('+')[0] ?? '') ?? [];
  const surname = last ?? middle;
  if (first === '' || surname.length < 2 || NO_NAMES.has(first) || NO_NAMES.has(surname)) return undefined;
  return { first: capitalise(first), last: capitalise(surname), isGuess: true, confidence: 0.6 };
}

function divide(words: readonly string[]): { readonly first?: string; readonly last?: string } {
  if (words.length === 0) return {};
  if (words.length === 1) return { first: words[0] ?? '' };
  const particle = words.findIndex((word, place) => place > 0 && PARTICLES.has(word.toLowerCase()) && place < words.length - 1);
  const border = particle > 0 ? particle : words.length - 1;
  return { first: words.slice(0, border).join(' '), last: words.slice(border).join(' ') };
}

function divideTurned(words: readonly string[], lastWords: number): { readonly first?: string; readonly last?: string } {
  const border = Math.max(1, words.length - lastWords);
  return { first: words.slice(0, border).join(' '), last: words.slice(border).join(' ') };
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll('.', '');
}

function capitalise(word: string): string {
  return word.replaceAll(/(^|[-'])(\p{L})/gu, (_, before: string, letter: string) => `${before}${letter.toUpperCase()}`);
}
