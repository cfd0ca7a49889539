import type { Field, FieldKind } from './fields.ts';
import { localPartOf } from './kinds.ts';
import type { PreparedRecord } from './prepare.ts';
import { soundex } from './soundex.ts';

const PHONE_TAIL = 7;
const ADDRESS_START = 10;
const SHORTEST_LOCAL_PART = 4;

/**
 * What a person is looked up by: only people who share one of these keys are ever compared. At most some dozens, each without
 * the person's id and the same for everybody who shares it, so that they can be kept as rows `key -> people`.
 *
 * Each key joins two or three things, so that it is shared by few, and there are so many that two slips leave one of them whole.
 */
export function blockingKeysOf({ values }: PreparedRecord, fields: readonly Field[]): readonly string[] {
  const all = (kind: FieldKind): readonly string[] =>
    fields.flatMap((field, place) => (field.kind === kind && values[place] ? [values[place]] : []));
  const [given, surname] = namesOf(all);
  const [date = ''] = all('birthDate');
  const [postcode = ''] = all('postcode');
  const [locality = ''] = all('locality');
  const [number = ''] = all('streetNumber');
  const [company = ''] = all('company');
  const places = all('address').map((line) => squeeze(line).slice(0, ADDRESS_START));
  const sounds = [soundex(given), soundex(surname)].filter((sound) => sound !== '').sort();
  const initials = [given.charAt(0), surname.charAt(0)].filter((letter) => letter !== '').sort();
  const keys = [
    ...all('email').map((email) => key('email', localPartOf(email).length >= SHORTEST_LOCAL_PART ? localPartOf(email) : '')),
    ...all('phone').map((phone) => key('phone', phone.slice(-PHONE_TAIL))),
    key('birth', date),
    sounds.length === 2 ? key('names', ...sounds) : '',
    ...sounds.map((sound) => key('sound-place', sound, postcode)),
    ...sounds.map((sound) => key('sound-locality', sound, squeeze(locality).slice(0, 4))),
    ...sounds.map((sound) => key('sound-year', sound, date.slice(0, 4))),
    ...sounds.map((sound) => key('sound-number', sound, number)),
    initials.length === 2 ? key('initials', ...initials, postcode) : '',
    initials.length === 2 ? key('initials-day', ...initials, date.slice(4)) : '',
    ...places.map((line) => key('address', line, number)),
    ...places.map((line) => key('address-place', line, postcode)),
    ...sounds.map((sound) => key('company', sound, company)),
  ];
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
