import { BoundExceeded } from '../bounds.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { Frame } from '../frame.ts';
import type { FunctionDefinition } from './definition.ts';
import { form } from './definition.ts';

type Texts = readonly [string, string];

const MAX_EMAIL_LENGTH = 254;
const EMAIL = /^[^\s@<>()[\],;:"\\]+@[^\s@<>()[\],;:"\\.]+(?:\.[^\s@<>()[\],;:"\\.]+)+$/;

function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL_LENGTH && EMAIL.test(text);
}

/** Dots and tags are kept: whether they matter is for the provider to say, and a wrong guess merges two people. */
function normaliseEmail(text: string): string {
  const email = text.trim().normalize('NFC').toLowerCase();
  if (!isEmail(email)) throw new EvaluationError('value', 'The text is no e-mail address.');
  return email;
}

const MAX_URL_LENGTH = 4_096;

const URL_COST = 20;

function urlOf(text: string, frame: Frame): URL {
  frame.spend(URL_COST);
  const url = text.length > MAX_URL_LENGTH ? null : URL.parse(text);
  if (url === null) throw new EvaluationError('value', 'The text is no address such as `https://example.com/`.');
  return url;
}

const LEVENSHTEIN_STEPS_PER_COST = 20;
const MAX_COMPARED_LENGTH = 1_000;

/** Edits (insertions, deletions, exchanges of a character) from one text to another. */
function levenshtein(left: string, right: string, frame: Frame): number {
  const first = Array.from(left);
  const second = Array.from(right);
  if (first.length > MAX_COMPARED_LENGTH || second.length > MAX_COMPARED_LENGTH)
    throw new BoundExceeded('texts over 1000 characters are not compared');
  frame.spend((first.length * second.length) / LEVENSHTEIN_STEPS_PER_COST);
  let previous = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (const [row, character] of first.entries()) {
    const current = [row + 1];
    for (const [column, other] of second.entries()) {
      const exchange = (previous[column] ?? 0) + (character === other ? 0 : 1);
      current.push(Math.min(exchange, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

function similarity([left, right]: Texts, frame: Frame): number {
  const longest = Math.max(Array.from(left).length, Array.from(right).length);
  return longest === 0 ? 1 : 1 - levenshtein(left, right, frame) / longest;
}

/** E-mail and web addresses, and how alike texts are. */
export const ADDRESS_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'isEmail',
    subject: 'text',
    summary: 'Whether a text has the form of an e-mail address.',
    example: 'isEmail("ada@example.com") && !isEmail("ada@example")',
    result: true,
    forms: [form('isEmail(string) -> bool', ([text]: readonly [string]) => isEmail(text))],
  },
  {
    name: 'normaliseEmail',
    subject: 'text',
    summary: 'An e-mail address in small letters, without white space around it; what people are matched by.',
    example: 'normaliseEmail(" Ada@Example.COM ")',
    result: 'ada@example.com',
    forms: [form('normaliseEmail(string) -> string', ([text]: readonly [string]) => normaliseEmail(text))],
  },
  {
    name: 'emailDomain',
    subject: 'text',
    summary: 'What stands behind the `@` of an e-mail address, in small letters.',
    example: 'emailDomain("Ada@Example.COM")',
    result: 'example.com',
    forms: [
      form('emailDomain(string) -> string', ([text]: readonly [string]) => {
        const email = normaliseEmail(text);
        return email.slice(email.indexOf('@') + 1);
      }),
    ],
  },
  {
    name: 'urlHost',
    subject: 'text',
    summary: 'The host of a web address.',
    example: 'urlHost("https://shop.example.com/sale?utm_source=mail")',
    result: 'shop.example.com',
    forms: [form('urlHost(string) -> string', ([text]: readonly [string], frame: Frame) => urlOf(text, frame).hostname)],
  },
  {
    name: 'urlParameter',
    subject: 'text',
    summary: 'The value of a parameter of a web address; missing when it has none of that name.',
    example: 'urlParameter("https://example.com/?utm_source=spring%20mail", "utm_source")',
    result: 'spring mail',
    forms: [
      form('urlParameter(string, string) -> string', ([text, name]: Texts, frame: Frame) => {
        const value = urlOf(text, frame).searchParams.get(name);
        if (value === null) throw new EvaluationError('missing', 'The address has no such parameter.');
        return value;
      }),
    ],
  },
  {
    name: 'urlEncode',
    subject: 'text',
    summary: 'The text as it goes into the parameter of a web address.',
    example: 'urlEncode("a b&c")',
    result: 'a%20b%26c',
    forms: [form('urlEncode(string) -> string', ([text]: readonly [string]) => encodeURIComponent(text.toWellFormed()))],
  },
  {
    name: 'levenshtein',
    subject: 'text',
    summary: 'How many characters have to be added, left out or exchanged to make one text of another.',
    example: 'levenshtein("kitten", "sitting")',
    result: 3,
    forms: [form('levenshtein(string, string) -> int', ([left, right]: Texts, frame: Frame) => BigInt(levenshtein(left, right, frame)))],
  },
  {
    name: 'similarity',
    subject: 'text',
    summary: 'How alike two texts are, from 0 to 1: 1 less the share of characters to be changed.',
    example: 'similarity("Acme Inc", "Acme Inc.") > 0.8',
    result: true,
    forms: [form('similarity(string, string) -> double', similarity)],
  },
];
