import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { blockingKeysOf, groupLinks, linkRecords, prepareRecord } from '../../src/duplicates/index.ts';
import type { Field, Link, PersonRecord } from '../../src/duplicates/index.ts';

const fields: readonly Field[] = [
  { name: 'given', kind: 'givenName' },
  { name: 'surname', kind: 'surname' },
  { name: 'email', kind: 'email' },
  { name: 'phone', kind: 'phone' },
  { name: 'birthday', kind: 'birthDate' },
  { name: 'postcode', kind: 'postcode' },
];
const NAMES = 'ada grace alan edsger barbara donald frances john margaret niklaus radia tony'.split(' ');
const ONSETS = 'b d f g h k l m n p r s t v z'.split(' ');
const VOWELS = 'a e i o u'.split(' ');

/** So many people, drawn independently. */
function strangers(count: number): readonly PersonRecord[] {
  return Array.from({ length: count }, (_, place) => {
    const draw = (field: number, limit: number): number => createHash('sha256').update(`${place}:${field}`).digest().readUInt32BE() % limit;
    const date = [1940 + draw(1, 60), 1 + draw(2, 12), 1 + draw(3, 28)].map((part) => String(part).padStart(2, '0')).join('-');
    return {
      id: `p${place}`,
      values: {
        given: NAMES[draw(4, NAMES.length)],
        surname: surnameOf(draw(5, 400_000)),
        email: `user${draw(6, 1e9)}@example.invalid`,
        birthday: date,
        postcode: String(1_000 + draw(7, 900)),
      },
    };
  });
}

function surnameOf(number: number): string {
  const syllables = ONSETS.length * VOWELS.length;
  return [number, number / syllables, number / syllables ** 2]
    .map((rest) => Math.floor(rest) % syllables)
    .map((syllable) => `${ONSETS[syllable % ONSETS.length] ?? ''}${VOWELS[Math.floor(syllable / ONSETS.length)] ?? ''}`)
    .join('');
}

describe('linkRecords', () => {
  it('finds who is there twice, and nobody else', () => {
    const people = strangers(300);
    const twins = people.slice(0, 30).map(({ id, values }, place) => {
      const { given, surname } = values as { given: string; surname: string };
      const slip =
        place % 3 === 0 ? { surname: `${surname}e` } : place % 3 === 1 ? { given: surname, surname: given } : { email: undefined };
      return { id: `${id}-again`, values: { ...values, ...slip } };
    });
    const { pairs } = linkRecords([...people, ...twins], fields);
    const found = pairs.map(({ left, right }) => [left, right].sort().join(' ')).sort();
    assert.deepEqual(found, twins.map(({ id }) => `${id.replace('-again', '')} ${id}`).sort());
  });

  it('answers with the same pairs in whatever order the people come', () => {
    const people = [...strangers(60), ...strangers(10).map(({ id, values }) => ({ id: `${id}-again`, values }))];
    const namesOf = (records: readonly PersonRecord[]) =>
      linkRecords(records, fields)
        .pairs.map(({ left, right }) => [left, right].sort().join(' '))
        .sort();
    assert.deepEqual(namesOf(people.toReversed()), namesOf(people));
  });

  it('does with nobody, with one person and with people of whom nothing is known', () => {
    assert.deepEqual(linkRecords([], fields).pairs, []);
    assert.deepEqual(linkRecords(strangers(1), fields).pairs, []);
    const empty = Array.from({ length: 50 }, (_, place) => ({ id: `p${place}`, values: {} }));
    const result = linkRecords(empty, fields);
    assert.equal(result.comparedPairs, 0);
    assert.deepEqual(result.pairs, []);
  });

  it('leaves out keys that everybody shares, so that the work does not grow with the square of the people', () => {
    const people = Array.from({ length: 5_000 }, (_, place) => ({
      id: `p${place}`,
      values: {
        given: 'Ada',
        surname: 'Lovelace',
        email: `user${place * 7_919}@example.invalid`,
        birthday: '1970-01-01',
        postcode: '1000',
      },
    }));
    const result = linkRecords(people, fields, { maxBlock: 50 });
    assert.ok(result.comparedPairs < 5_000 * 50);
    assert.ok(result.skippedBlocks >= 1);
  });

  it('refuses more fields than a pattern holds', () => {
    const many = Array.from({ length: 17 }, (_, place): Field => ({ name: `f${place}`, kind: 'company' }));
    assert.throws(() => linkRecords([], many), RangeError);
  });
});

describe('blockingKeysOf', () => {
  const keysOf = (values: Readonly<Record<string, unknown>>) => new Set(blockingKeysOf(prepareRecord({ id: 'p', values }, fields), fields));

  it('gives nothing for nothing, and no key of which a part is missing', () => {
    assert.equal(keysOf({}).size, 0);
    assert.deepEqual([...keysOf({ postcode: '4814' })], []);
  });

  it('shares a key in spite of a slip, swapped names, another domain or another country code', () => {
    const share = (left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>) =>
      assert.ok([...keysOf(left)].some((key) => keysOf(right).has(key)));
    share({ given: 'Robert', surname: 'Tymczak' }, { given: 'Rupert', surname: 'Timczack' });
    share({ given: 'Ada', surname: 'Lovelace' }, { given: 'Lovelace', surname: 'Ada' });
    share({ email: 'ada.lovelace@example.invalid' }, { email: 'Ada.Lovelace+news@mail.invalid' });
    share({ phone: '+61 2 9876 5432' }, { phone: '(02) 98765432' });
    share({ birthday: '1815-12-10' }, { birthday: '10.12.1815' });
  });
});

describe('groupLinks', () => {
  const link = (left: string, right: string, probability = 0.9): Link => ({ left, right, probability });

  it('gives one original all of its duplicates', () => {
    const groups = groupLinks([link('a', 'a1'), link('a2', 'a'), link('b', 'b1'), link('a2', 'a3')], 10);
    assert.deepEqual(groups, [
      ['a', 'a1', 'a2', 'a3'],
      ['b', 'b1'],
    ]);
  });

  it('joins the surest first, no more than may be together', () => {
    assert.deepEqual(groupLinks([link('a', 'b', 0.6), link('b', 'c', 0.99), link('c', 'd', 0.7)], 2), [['b', 'c']]);
  });

  it('keeps apart what may not be joined', () => {
    const isIdentified = (id: string) => id.startsWith('user');
    const groups = groupLinks(
      [link('user1', 'x'), link('x', 'user2', 0.8)],
      10,
      (first, second) => first.some(isIdentified) && second.some(isIdentified),
    );
    assert.deepEqual(groups, [['user1', 'x']]);
  });

  it('says the same for links in any order and either way round', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const links = fc.array(fc.record({ left: name, right: name, probability: fc.constantFrom(0.5, 0.7, 0.9) }));
    fc.assert(
      fc.property(links, fc.integer({ min: 1, max: 6 }), (some, maxSize) => {
        const turned = some.toReversed().map(({ left, right, probability }) => ({ left: right, right: left, probability }));
        assert.deepEqual(groupLinks(turned, maxSize), groupLinks(some, maxSize));
      }),
    );
  });
});
