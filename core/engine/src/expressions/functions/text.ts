import { linearPattern, assertListLength, assertTextLength } from '../bounds.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import { codePoints } from './code-points.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';

type Texts = readonly [string, string];

function method(
  name: string,
  summary: string,
  example: string,
  result: unknown,
  evaluate: (text: string, frame: Frame) => unknown,
): FunctionDefinition {
  return {
    name,
    subject: 'text',
    summary,
    example,
    result,
    forms: [form(`string.${name}() -> string`, ([text]: readonly [string], frame: Frame) => evaluate(text, frame))],
  };
}

function test(name: string, summary: string, example: string, evaluate: (text: string, other: string) => boolean): FunctionDefinition {
  return {
    name,
    subject: 'text',
    summary,
    example,
    result: true,
    forms: [form(`string.${name}(string) -> bool`, ([text, other]: Texts) => evaluate(text, other))],
  };
}

function matches([text, pattern]: Texts, frame: Frame): boolean {
  return linearPattern(pattern, text, frame).matcher(text).find();
}

/** Characters are code points here, as CEL counts them. */
function characters(text: string, frame: Frame): readonly string[] {
  frame.spend(text.length / CHARACTERS_PER_COST);
  return Array.from(text);
}

function inRange(position: number, length: number, what: string): number {
  if (position < 0 || position > length) throw new EvaluationError('range', `${what} is outside the text.`);
  return position;
}

function substring(text: string, start: number, end: number | undefined, frame: Frame): string {
  const all = characters(text, frame);
  const from = inRange(start, all.length, 'The start');
  const to = inRange(end ?? all.length, all.length, 'The end');
  if (to < from) throw new EvaluationError('range', 'The end is before the start.');
  return all.slice(from, to).join('');
}

function charAt(text: string, position: number, frame: Frame): string {
  const all = characters(text, frame);
  return all[inRange(position, all.length, 'The position')] ?? '';
}

/** Position in code points of one in UTF-16. */
function pointsBefore(text: string, position: number, frame: Frame): bigint {
  return BigInt(position === -1 ? -1 : codePoints(text.slice(0, position), frame));
}

function indexOf(text: string, wanted: string, from: number, frame: Frame): bigint {
  const all = characters(text, frame);
  const start = all.slice(0, inRange(from, all.length, 'The start')).join('').length;
  frame.spend(text.length / 64);
  return pointsBefore(text, text.indexOf(wanted, start), frame);
}

function lastIndexOf(text: string, wanted: string, from: number | undefined, frame: Frame): bigint {
  const all = characters(text, frame);
  const start = from === undefined ? text.length : all.slice(0, inRange(from, all.length, 'The start')).join('').length;
  return pointsBefore(text, text.lastIndexOf(wanted, start), frame);
}

function split(text: string, separator: string, limit: number, frame: Frame): readonly string[] {
  if (limit === 0) return [];
  const parts = separator === '' ? characters(text, frame) : text.split(separator);
  assertListLength(parts.length);
  frame.spend(parts.length);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function replace(text: string, wanted: string, replacement: string, limit: number, frame: Frame): string {
  if (limit === 0) return text;
  const parts = split(text, wanted, limit < 0 ? -1 : limit + 1, frame);
  assertTextLength(text.length + parts.length * replacement.length);
  return parts.join(replacement);
}

function join(list: readonly unknown[], separator: string): string {
  let length = list.length * separator.length;
  for (const part of list) {
    if (typeof part !== 'string') throw new EvaluationError('type', 'Only texts can be joined; `string(x)` makes one.');
    length += part.length;
  }
  assertTextLength(length);
  return list.join(separator);
}

function pad(text: string, length: number, filler: string, frame: Frame): string {
  const missing = length - codePoints(text, frame);
  if (missing <= 0 || filler === '') return '';
  assertTextLength(length);
  return Array.from(filler.repeat(Math.ceil(missing / codePoints(filler, frame))))
    .slice(0, missing)
    .join('');
}

function truncate(text: string, length: number, frame: Frame): string {
  const all = characters(text, frame);
  if (all.length <= length) return text;
  return length < 1
    ? ''
    : `${all
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}

/** Of functions that look at each character. */
const CHARACTERS_PER_COST = 16;

function slowly(evaluate: (text: string) => string): (text: string, frame: Frame) => string {
  return (text, frame) => {
    frame.spend(text.length / CHARACTERS_PER_COST);
    return evaluate(text);
  };
}

const SPACE = /^\p{White_Space}$/u;

// By Unicode's white space, which is not that of JavaScript; without a pattern, which would take n² steps for n spaces inside.
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start += 1;
  while (end > start && SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const WORD = /[\p{L}\p{M}\p{N}'’]+/gu;

function capitalised(word: string): string {
  const [first = ''] = word;
  return first.toUpperCase() + word.slice(first.length);
}

const MARKS = /\p{M}/gu;
/** Letters that do not fall apart into a plain one and a mark. */
const PLAIN: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ı: 'i' };

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[ßæœøđðþłı]/g, (letter) => PLAIN[letter] ?? letter)
    .normalize('NFKD')
    .replace(MARKS, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

function initials(text: string): string {
  const words = text.match(WORD) ?? [];
  const chosen = words.length > 2 ? [words[0] ?? '', words.at(-1) ?? ''] : words;
  return chosen.map((word) => Array.from(word)[0]?.toUpperCase() ?? '').join('');
}

const MAX_GROUPS = 100;

function extract([text, pattern]: Texts, frame: Frame): string {
  const matcher = linearPattern(pattern, text, frame).matcher(text);
  if (!matcher.find()) throw new EvaluationError('missing', 'The pattern is not in the text.');
  return (matcher.groupCount() > 0 ? matcher.group(1) : matcher.group()) ?? '';
}

function replacePattern([text, pattern, replacement]: readonly [string, string, string], frame: Frame): string {
  const compiled = linearPattern(pattern, text, frame);
  const matcher = compiled.matcher(text);
  const parts: string[] = [];
  let end = 0;
  let length = text.length;
  while (matcher.find()) {
    frame.spend(1 + compiled.programSize() / MAX_GROUPS);
    length += replacement.length;
    assertTextLength(length);
    parts.push(text.slice(end, matcher.start()), replacement);
    end = matcher.end();
  }
  return parts.join('') + text.slice(end);
}

/** Working on texts. Names of CEL's own extension where it has the function. */
export const TEXT_FUNCTIONS: readonly FunctionDefinition[] = [
  test('startsWith', 'Whether a text begins with another.', '"newsletter".startsWith("news")', (text, other) => text.startsWith(other)),
  test('endsWith', 'Whether a text ends with another.', '"a@example.com".endsWith(".com")', (text, other) => text.endsWith(other)),
  test('contains', 'Whether a text holds another.', '"hello".contains("ell")', (text, other) => text.includes(other)),
  {
    name: 'matches',
    subject: 'text',
    summary: 'Whether a regular expression (RE2) is somewhere in a text.',
    example: '"AB-1234".matches("^[A-Z]{2}-[0-9]+$")',
    result: true,
    forms: [form('string.matches(string) -> bool', matches), form('matches(string, string) -> bool', matches)],
  },
  method('lower', 'The text in small letters, of any script.', '"ÄPFEL".lower()', 'äpfel', (text) => text.toLowerCase()),
  method('upper', 'The text in capital letters, of any script.', '"straße".upper()', 'STRASSE', (text) => text.toUpperCase()),
  method('lowerAscii', 'The letters A to Z of a text in small; others stay.', '"ÄB".lowerAscii()', 'Äb', (text) =>
    text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  ),
  method('upperAscii', 'The letters a to z of a text in capitals; others stay.', '"äb".upperAscii()', 'äB', (text) =>
    text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  ),
  method(
    'titleCase',
    'Each word with a capital first letter and small others.',
    '"o\'neil-SMITH maría".titleCase()',
    "O'neil-Smith María",
    slowly((text) => text.toLowerCase().replace(WORD, capitalised)),
  ),
  method('capitalize', 'The text with a capital first letter.', '"élan vital".capitalize()', 'Élan vital', capitalised),
  method('trim', 'The text without white space around it.', '"  hi ".trim()', 'hi', slowly(trim)),
  method('reverse', 'The text backwards.', '"abc".reverse()', 'cba', (text, frame) => characters(text, frame).toReversed().join('')),
  method(
    'slug',
    'The text as it goes into an address: small letters and digits, joined by `-`.',
    '"Crème Brûlée & Co.".slug()',
    'creme-brulee-co',
    slowly(slug),
  ),
  method('initials', 'The first letters of the first and last word.', '"Ada King Lovelace".initials()', 'AL', slowly(initials)),
  {
    name: 'charAt',
    subject: 'text',
    summary: 'The character at a position, from 0.',
    example: '"hello".charAt(4)',
    result: 'o',
    forms: [form('string.charAt(whole) -> string', ([text, at]: readonly [string, number], frame: Frame) => charAt(text, at, frame))],
  },
  {
    name: 'substring',
    subject: 'text',
    summary: 'The characters from a position on, or up to before another.',
    example: '"tacocat".substring(0, 4)',
    result: 'taco',
    forms: [
      form('string.substring(whole) -> string', ([text, start]: readonly [string, number], frame: Frame) =>
        substring(text, start, undefined, frame),
      ),
      form('string.substring(whole, whole) -> string', ([text, start, end]: readonly [string, number, number], frame: Frame) =>
        substring(text, start, end, frame),
      ),
    ],
  },
  {
    name: 'indexOf',
    subject: 'text',
    summary: 'Where a text is first found, from a position on if one is given; -1 when nowhere.',
    example: '"hello mellow".indexOf("ello", 2)',
    result: 7,
    forms: [
      form('string.indexOf(string) -> int', ([text, wanted]: Texts, frame: Frame) => indexOf(text, wanted, 0, frame)),
      form('string.indexOf(string, whole) -> int', ([text, wanted, from]: readonly [string, string, number], frame: Frame) =>
        indexOf(text, wanted, from, frame),
      ),
    ],
  },
  {
    name: 'lastIndexOf',
    subject: 'text',
    summary: 'Where a text is last found; -1 when nowhere.',
    example: '"hello mellow".lastIndexOf("ello")',
    result: 7,
    forms: [
      form('string.lastIndexOf(string) -> int', ([text, wanted]: Texts, frame: Frame) => lastIndexOf(text, wanted, undefined, frame)),
      form('string.lastIndexOf(string, whole) -> int', ([text, wanted, from]: readonly [string, string, number], frame: Frame) =>
        lastIndexOf(text, wanted, from, frame),
      ),
    ],
  },
  {
    name: 'split',
    subject: 'text',
    summary: 'The parts between separators, at most so many if a count is given.',
    example: '"a, b, c".split(", ", 2)',
    result: ['a', 'b, c'],
    forms: [
      form('string.split(string) -> list<string>', ([text, separator]: Texts, frame: Frame) => split(text, separator, -1, frame)),
      form('string.split(string, whole) -> list<string>', ([text, separator, limit]: readonly [string, string, number], frame: Frame) =>
        split(text, separator, limit, frame),
      ),
    ],
  },
  {
    name: 'join',
    subject: 'text',
    summary: 'One text of a list of texts, with a separator between them if one is given.',
    example: '["red", "blue"].join(" and ")',
    result: 'red and blue',
    forms: [
      form('list<string>.join() -> string', ([list]: readonly [readonly unknown[]]) => join(list, '')),
      form('list<string>.join(string) -> string', ([list, separator]: readonly [readonly unknown[], string]) => join(list, separator)),
    ],
  },
  {
    name: 'replace',
    subject: 'text',
    summary: 'The text with one text in place of another, everywhere or so many times.',
    example: '"hello hello".replace("he", "we", 1)',
    result: 'wello hello',
    forms: [
      form('string.replace(string, string) -> string', ([text, wanted, by]: readonly [string, string, string], frame: Frame) =>
        replace(text, wanted, by, -1, frame),
      ),
      form(
        'string.replace(string, string, whole) -> string',
        ([text, wanted, by, limit]: readonly [string, string, string, number], frame: Frame) => replace(text, wanted, by, limit, frame),
      ),
    ],
  },
  {
    name: 'padStart',
    subject: 'text',
    summary: 'The text filled up at its beginning to a length.',
    example: '"7".padStart(3, "0")',
    result: '007',
    forms: [
      form(
        'string.padStart(whole, string) -> string',
        ([text, length, filler]: readonly [string, number, string], frame: Frame) => pad(text, length, filler, frame) + text,
      ),
    ],
  },
  {
    name: 'padEnd',
    subject: 'text',
    summary: 'The text filled up at its end to a length.',
    example: '"ab".padEnd(4, ".")',
    result: 'ab..',
    forms: [
      form(
        'string.padEnd(whole, string) -> string',
        ([text, length, filler]: readonly [string, number, string], frame: Frame) => text + pad(text, length, filler, frame),
      ),
    ],
  },
  {
    name: 'truncate',
    subject: 'text',
    summary: 'The text cut to a length, `…` included when something was cut.',
    example: '"A long subject line".truncate(7)',
    result: 'A long…',
    forms: [
      form('string.truncate(whole) -> string', ([text, length]: readonly [string, number], frame: Frame) => truncate(text, length, frame)),
    ],
  },
  {
    name: 'regex.extract',
    subject: 'text',
    summary: 'What a regular expression (RE2) finds first: its first group if it has one; missing when it finds nothing.',
    example: 'regex.extract("order #1234 shipped", "#([0-9]+)")',
    result: '1234',
    forms: [form('regex.extract(string, string) -> string', extract)],
  },
  {
    name: 'regex.replace',
    subject: 'text',
    summary: 'The text with another in place of all that a regular expression (RE2) finds.',
    example: 'regex.replace("+49 (30) 123", "[^0-9+]", "")',
    result: '+4930123',
    forms: [form('regex.replace(string, string, string) -> string', replacePattern)],
  },
];
