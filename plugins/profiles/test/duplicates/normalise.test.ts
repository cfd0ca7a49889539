import assert from 'node:assert/strict';
import { normalise } from '../../src/duplicates/normalise.ts';
import { prepareRecord } from '../../src/duplicates/prepare.ts';
import type { Field } from '../../src/duplicates/fields.ts';

describe('normalise', () => {
  const cases = [
    ['givenName', '  José-María ', 'jose maria'],
    ['surname', "O'Brien", 'obrien'],
    ['surname', 'Straße Øre Łódź', 'strasse ore lodz'],
    ['surname', '李小龍', '李小龍'],
    ['email', ' Ada@Example.INVALID ', 'ada@example.invalid'],
    ['email', 'nobody', ''],
    ['phone', '+61 (0)2 9876-5432', '298765432'],
    ['phone', '02 9876 5432', '298765432'],
    ['phone', '000 000 000', ''],
    ['phone', '12', ''],
    ['birthDate', '1960-02-10', '19600210'],
    ['birthDate', '19600210', '19600210'],
    ['birthDate', '1960-2-1T00:00:00Z', '19600201'],
    ['birthDate', '10/02/1960', '19600210'],
    ['birthDate', '02/28/1960', '19600228'],
    ['birthDate', 'yesterday', ''],
    ['birthDate', '0001-01-01', ''],
    ['company', 'Acme Widgets GmbH & Co. KG', 'acme widgets'],
    ['company', 'AG', 'ag'],
    ['postcode', 'sw1a 1aa', 'sw1a1aa'],
  ] as const;
  for (const [kind, value, expected] of cases) {
    it(`writes the ${kind} ${JSON.stringify(value)} as ${JSON.stringify(expected)}`, () => {
      assert.equal(normalise(kind, value), expected);
    });
  }

  it('takes numbers as they are written, and nothing else than texts and numbers', () => {
    assert.equal(normalise('postcode', 4_814), '4814');
    for (const value of [undefined, null, true, [], {}, Number.NaN, Infinity, '\u0000', '—']) assert.equal(normalise('surname', value), '');
  });

  it('looks at the beginning of huge values only', () => {
    assert.ok(normalise('address', 'ﷺ'.repeat(1_000_000)).length <= 100);
    assert.ok(normalise('email', `${'a'.repeat(1_000_000)}@example.invalid`).length <= 100);
  });
});

describe('prepareRecord', () => {
  const fields: readonly Field[] = [
    { name: 'first', kind: 'givenName' },
    { name: 'last', kind: 'surname' },
    { name: 'name', kind: 'fullName' },
    { name: 'address.city', kind: 'locality' },
  ];
  const valuesOf = (values: Readonly<Record<string, unknown>>) => prepareRecord({ id: 'p1', values }, fields).values;

  it('makes given name and surname of a full name, however it is written', () => {
    assert.deepEqual(valuesOf({ name: 'Ada Lovelace' }), ['ada', 'lovelace', '', '']);
    assert.deepEqual(valuesOf({ name: 'Lovelace, Ada Augusta' }), ['ada augusta', 'lovelace', '', '']);
    assert.deepEqual(valuesOf({ name: 'Madonna' }), ['madonna', '', '', '']);
  });

  it('prefers names that are stated apart', () => {
    assert.deepEqual(valuesOf({ first: 'Ada', last: 'Byron', name: 'Ada Lovelace' }), ['ada', 'byron', '', '']);
  });

  it('finds values inside of traits, and nothing that objects have by nature', () => {
    assert.deepEqual(valuesOf({ address: { city: 'Paris' } }), ['', '', '', 'paris']);
    assert.deepEqual(prepareRecord({ id: 'p1', values: {} }, [{ name: 'constructor.name', kind: 'surname' }]).values, ['']);
  });
});
