import type { Field, PersonRecord } from '@tendril/plugin-profiles/duplicates';

/** The fields of `makePeople`: what a shop knows of its customers. */
export const PEOPLE_FIELDS: readonly Field[] = [
  { name: 'firstName', kind: 'givenName' },
  { name: 'lastName', kind: 'surname' },
  { name: 'email', kind: 'email' },
  { name: 'phone', kind: 'phone' },
  { name: 'street', kind: 'address' },
  { name: 'number', kind: 'streetNumber' },
  { name: 'city', kind: 'locality' },
  { name: 'postcode', kind: 'postcode' },
  { name: 'birthday', kind: 'birthDate' },
];

const SYLLABLES =
  'ba be bo da de dor el en fa fin ga gen ha hel il jo ka ken la len lo ma mer mi na nor o pa per ra ren ro sa sen ta tor va vi wen za'.split(
    ' ',
  );
const SHARE_TWICE = 0.1;
const SHARE_MISSING = 0.15;
const SHARE_SLIPPED = 0.2;

/** So many people, the same each time: common and rare names, families at one address, one in ten there twice with slips and gaps. */
export function makePeople(count: number): readonly PersonRecord[] {
  const random = createRandom(count);
  const below = (limit: number): number => Math.floor(random() * limit);
  const word = (rank: number, length: number): string =>
    Array.from({ length }, (_, place) => SYLLABLES[Math.floor(rank / SYLLABLES.length ** place) % SYLLABLES.length]).join('');
  const skewed = (limit: number): number => Math.floor(limit ** random()) - 1;
  const people: PersonRecord[] = [];
  let home: Readonly<Record<string, string>> = {};
  for (let entity = 0; people.length < count; entity += 1) {
    if (random() < 0.6 || entity === 0) {
      const place = below(3_000);
      home = {
        lastName: word(skewed(20_000) * 7, 3),
        street: `${word(below(5_000) * 3, 3)} street`,
        number: String(1 + below(150)),
        city: word(place * 11, 3),
        postcode: String(10_000 + place),
        phone: `0${String(200_000_000 + below(700_000_000))}`,
      };
    }
    const firstName = word(skewed(2_000) * 13, 2);
    const person: Readonly<Record<string, string>> = {
      ...home,
      firstName,
      email: `${firstName}.${home['lastName'] ?? ''}${below(1_000)}@mail${below(20)}.example`,
      birthday: `${1940 + below(65)}-${String(1 + below(12)).padStart(2, '0')}-${String(1 + below(28)).padStart(2, '0')}`,
    };
    people.push({ id: `person-${entity}-0`, values: withGaps(person, random) });
    if (random() < SHARE_TWICE) people.push({ id: `person-${entity}-1`, values: withGaps(withSlips(person, random), random) });
  }
  return people.slice(0, count);
}

function withGaps(person: Readonly<Record<string, string>>, random: () => number): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(person).filter(([name]) => name === 'lastName' || random() >= SHARE_MISSING));
}

function withSlips(person: Readonly<Record<string, string>>, random: () => number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(person).map(([name, value]) => {
      if (random() >= SHARE_SLIPPED) return [name, value];
      const at = Math.floor(random() * (value.length - 1));
      return [name, `${value.slice(0, at)}${value.charAt(at + 1)}${value.charAt(at)}${value.slice(at + 2)}`];
    }),
  );
}

/** @see Mulberry32, T. Ettinger, 2017 (public domain) */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
