import { SECRET_NAME } from '@tendril/engine/plugins';

/** Something that was taken out, and what stands there now. Never what it was. */
export interface Scrubbed {
  readonly what: 'secret' | 'e-mail address' | 'phone number' | 'name' | 'address';
  readonly placeholder: string;
  /** How often it was found. */
  readonly count: number;
}

/** A value without secrets and personal details. */
export interface ScrubbedValue {
  readonly value: unknown;
  readonly scrubbed: readonly Scrubbed[];
}

interface Replacement {
  readonly what: Scrubbed['what'];
  readonly original: string;
  readonly placeholder: string;
}

// Shorter texts would be found inside of others that have nothing to do with them.
const SHORTEST_SECRET = 4;
const SHORTEST_DETAIL = 3;
const EMAIL = /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;
const PHONE = /\+\d(?:[\s().-]?\d){7,14}/g;
const PHONE_NAME = /^(?:phone|mobile|telephone|tel|fax|cell)(?:_?number)?$/i;
const PERSON_NAME = /^(?:first|last|given|family|middle|full|display|maiden|sur)_?-?name$/i;
const ADDRESS_NAME = /^(?:street|address|address_?(?:line_?)?[12]?|zip|postal_?code|postcode|city)$/i;
const TWO_WORDS = /^\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’.-]*)+$/u;

/**
 * Replaces secrets and personal details by placeholders, the same one for the same value wherever it stands: as it is,
 * in URLs and in Basic authentication.
 *
 * @param secrets values of the connection by the name of their field
 */
export function scrub(value: unknown, secrets: Readonly<Record<string, string>>): ScrubbedValue {
  const found = new Map<string, Replacement>();
  const counts = new Map<string, number>();
  const note = (what: Scrubbed['what'], original: string): void => {
    if (found.has(original) || isPlaceholder(original)) return;
    const number = [...found.values()].filter((known) => known.what === what && !isOfConnection(known)).length + 1;
    found.set(original, { what, original, placeholder: PLACEHOLDERS[what](number) });
  };
  const isOfConnection = ({ original }: Replacement): boolean => Object.values(secrets).includes(original);
  for (const [field, secret] of Object.entries(secrets))
    if (secret.length >= SHORTEST_SECRET) found.set(secret, { what: 'secret', original: secret, placeholder: `placeholder-${field}` });
  gather(value, '', note);
  // The longest first: one may be a part of another.
  const replacements = [...found.values()].toSorted((one, other) => other.original.length - one.original.length);
  const replaced = replaceTexts(value, (text) => replaceAll(text, replacements, counts));
  const scrubbed = replacements.map(({ what, placeholder }) => ({ what, placeholder, count: counts.get(placeholder) ?? 0 }));
  return { value: replaced, scrubbed: scrubbed.filter(({ count }) => count > 0) };
}

/** Names of the secrets whose value stands somewhere in a text: as it is, as in a URL, or in base64. */
export function secretsIn(text: string, secrets: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(secrets)
    .filter(
      ([, secret]) =>
        secret !== '' && [secret, ...formsOf(secret), JSON.stringify(secret).slice(1, -1)].some((form) => text.includes(form)),
    )
    .map(([field]) => field);
}

const PLACEHOLDERS: Readonly<Record<Scrubbed['what'], (number: number) => string>> = {
  secret: (number) => `placeholder-secret-${String(number)}`,
  'e-mail address': (number) => `person-${String(number)}@example.invalid`,
  'phone number': (number) => `+1555010${String(number).padStart(4, '0')}`,
  name: (number) => `Name${String(number)}`,
  address: (number) => `Place ${String(number)}`,
};

function isPlaceholder(text: string): boolean {
  return text.startsWith('placeholder-') || text.endsWith('.invalid') || text.startsWith('+1555010');
}

type Note = (what: Scrubbed['what'], original: string) => void;

function gather(value: unknown, name: string, note: Note): void {
  if (typeof value === 'object' && value !== null) {
    for (const [inside, member] of Object.entries(value)) gather(member, Array.isArray(value) ? name : inside, note);
    return;
  }
  if (typeof value !== 'string') return;
  gatherText(value, name, note);
  const query = /^https?:\/\/[^?#\s]+\?([^#\s]+)/.exec(value)?.[1];
  if (query !== undefined) for (const [parameter, inside] of new URLSearchParams(query)) gatherText(inside, parameter, note);
}

function gatherText(text: string, name: string, note: Note): void {
  const isLong = text.length >= SHORTEST_DETAIL;
  if (SECRET_NAME.test(name) && text.length >= SHORTEST_SECRET) note('secret', text);
  for (const [email] of text.matchAll(EMAIL)) note('e-mail address', email);
  if (PHONE_NAME.test(name) && isLong) note('phone number', text);
  for (const [phone] of text.matchAll(PHONE)) note('phone number', phone);
  if (isLong && (PERSON_NAME.test(name) || (/^name$/i.test(name) && TWO_WORDS.test(text)))) note('name', text);
  if (isLong && ADDRESS_NAME.test(name)) note('address', text);
}

function replaceTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item: unknown) => replaceTexts(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [replace(name), replaceTexts(member, replace)]));
}

function replaceAll(text: string, replacements: readonly Replacement[], counts: Map<string, number>): string {
  let replaced = text;
  for (const { what, original, placeholder } of replacements) {
    const isWord = what === 'name' || what === 'address';
    for (const [form, inPlace] of [[original, placeholder], ...encodedForms(original, placeholder)] as const) {
      const parts = isWord ? replaced.split(wordPattern(form)) : replaced.split(form);
      if (parts.length === 1) continue;
      counts.set(placeholder, (counts.get(placeholder) ?? 0) + parts.length - 1);
      replaced = parts.join(inPlace);
    }
  }
  return replaced;
}

/** `Ann` is no part of `Annex`. */
function wordPattern(word: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'u');
}

function encodedForms(original: string, placeholder: string): readonly (readonly [string, string])[] {
  const forms = [encodeURIComponent(original), new URLSearchParams({ x: original }).toString().slice(2)];
  return [...new Set(forms)].filter((form) => form !== original).map((form) => [form, encodeURIComponent(placeholder)]);
}

function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [encodeURIComponent(secret), base64, base64.replace(/=+$/, ''), Buffer.from(secret).toString('hex')];
}
