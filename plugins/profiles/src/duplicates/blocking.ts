import type { Field, FieldKind } from './fields.ts';
import { localPartOf } from './kinds.ts';
import type { PreparedRecord } from './prepare.ts';
import { soundex } from './soundex.ts';

const PHONE_TAIL = 7;
const ADDRESS_START = 10;
const LOCALITY_START = 4;
const SHORTEST_LOCAL_PART = 4;

/**
 * What a person is looked up by: only people who share one of these keys are ever compared. Each is the same for everybody who
 * shares it and tells nothing of who that is, so that they can be kept as rows `key -> people`.
 *
 * Each key joins two or three things, so that few share it. These are the few that find nearly all: five for somebody with names, e-mail
 * address, telephone and company, eight at most.
 */
export function blockingKeysOf(record: PreparedRecord, fields: readonly Field[]): readonly string[] {
  const { emails, phones, date, sounds, place, lines, number, company } = partsOf(record, fields);
  const [line = ''] = lines;
  return distinct([
    ...emails.slice(0, 1).map((email) => key('email', email)),
    ...phones.slice(0, 1).map((phone) => key('phone', phone)),
    key('birth', date),
    sounds.length === 2 ? key('names', ...sounds) : '',
    ...sounds.map((sound) => key('sound-place', sound, place)),
    key('address', line, number === '' ? place : number),
    ...(place === '' ? sounds.map((sound) => key('company', sound, company)) : []),
  ]);
}

/** Those of `blockingKeysOf` and as many more, so that two slips leave one of them whole: for a look at everybody at once, in memory. */
export function thoroughKeysOf(record: PreparedRecord, fields: readonly Field[]): readonly string[] {
  const { emails, phones, date, sounds, initials, postcode, locality, lines, number, company } = partsOf(record, fields);
  const both = initials.length === 2;
  return distinct([
    ...blockingKeysOf(record, fields),
    ...emails.map((email) => key('email', email)),
    ...phones.map((phone) => key('phone', phone)),
    ...sounds.map((sound) => key('sound-locality', sound, locality)),
    ...sounds.map((sound) => key('sound-year', sound, date.slice(0, 4))),
    ...sounds.map((sound) => key('sound-number', sound, number)),
    ...sounds.map((sound) => key('company', sound, company)),
    both ? key('initials', ...initials, postcode) : '',
    both ? key('initials-day', ...initials, date.slice(4)) : '',
    ...lines.map((line) => key('address', line, number)),
    ...lines.map((line) => key('address-place', line, postcode)),
  ]);
}

interface KeyParts {
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly date: string;
  /** How the names sound, and how they begin, in an order of their own: given name and surname may be swapped. */
  readonly sounds: readonly string[];
  readonly initials: readonly string[];
  readonly postcode: string;
  readonly locality: string;
  /** The postcode, or the locality without one. */
  readonly place: string;
  readonly lines: readonly string[];
  readonly number: string;
  readonly company: string;
}

function partsOf({ values }: PreparedRecord, fields: readonly Field[]): KeyParts {
  const all = (kind: FieldKind): readonly string[] =>
    fields.flatMap((field, place) => (field.kind === kind && values[place] ? [values[place]] : []));
  const first = (kind: FieldKind): string => all(kind)[0] ?? '';
  const [given, surname] = namesOf(all);
  const [postcode, locality] = [first('postcode'), squeeze(first('locality')).slice(0, LOCALITY_START)];
  return {
    emails: all('email')
      .map(localPartOf)
      .filter(({ length }) => length >= SHORTEST_LOCAL_PART),
    phones: all('phone').map((phone) => phone.slice(-PHONE_TAIL)),
    date: first('birthDate'),
    sounds: [soundex(given), soundex(surname)].filter((sound) => sound !== '').sort(),
    initials: [given.charAt(0), surname.charAt(0)].filter((letter) => letter !== '').sort(),
    postcode,
    locality,
    place: postcode === '' ? locality : postcode,
    lines: all('address').map((line) => squeeze(line).slice(0, ADDRESS_START)),
    number: first('streetNumber'),
    company: first('company'),
  };
}

function distinct(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].filter((made) => made !== '');
}

function namesOf(all: (kind: FieldKind) => readonly string[]): readonly [string, string] {
  const [given = '', surname = ''] = [all('givenName')[0], all('surname')[0]];
  if (given !== '' || surname !== '') return [given, surname];
  const words = (all('fullName')[0] ?? '').split(' ');
  return words.length < 2 ? [words[0] ?? '', ''] : [words[0] ?? '', words.at(-1) ?? ''];
}

/** Nothing unless every part is there. */
function key(name: string, ...parts: readonly string[]): string {
  return parts.every((part) => part !== '') ? `${name}:${parts.join('|')}` : '';
}

function squeeze(text: string): string {
  return text.replaceAll(' ', '');
}
