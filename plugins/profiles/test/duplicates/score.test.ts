import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FIELD_KINDS } from '../../src/duplicates/fields.ts';
import type { Field } from '../../src/duplicates/fields.ts';
import { countValues } from '../../src/duplicates/frequencies.ts';
import { initialModel } from '../../src/duplicates/model.ts';
import { prepareRecord } from '../../src/duplicates/prepare.ts';
import { createScorer } from '../../src/duplicates/score.ts';

const fields: readonly Field[] = [
  { name: 'given', kind: 'givenName' },
  { name: 'surname', kind: 'surname' },
  { name: 'email', kind: 'email' },
  { name: 'phone', kind: 'phone' },
  { name: 'birthday', kind: 'birthDate' },
  { name: 'street', kind: 'address' },
  { name: 'unit', kind: 'address' },
  { name: 'postcode', kind: 'postcode' },
  { name: 'city', kind: 'locality' },
];
const ada = { given: 'Ada', surname: 'Lovelace', birthday: '1815-12-10', street: 'St James Square', postcode: '10115', city: 'London' };

function compare(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>, people = 10_000) {
  const [first, second] = [prepareRecord({ id: 'a', values: left }, fields), prepareRecord({ id: 'b', values: right }, fields)];
  const scorer = createScorer(initialModel(fields), { people: 0, counts: [] }, people);
  const evidence = scorer.explain(first, second);
  const levels = Object.fromEntries(evidence.map(({ field, level }) => [field, level]));
  return { ...scorer.score(first, second), evidence, levels };
}

describe('createScorer', () => {
  it('takes the same person for one and strangers for two', () => {
    assert.ok(compare(ada, ada).probability > 0.999);
    const grace = { given: 'Grace', surname: 'Hopper', birthday: '1906-12-09', street: 'Main Road', postcode: '22201', city: 'Arlington' };
    assert.ok(compare(ada, grace).probability < 0.001);
  });

  it('forgives slips of the hand', () => {
    const slipped = { ...ada, given: 'Ad a', surname: 'Lovelcae', birthday: '10.12.1851', postcode: '10151' };
    const { probability, levels } = compare(ada, slipped);
    assert.deepEqual([levels['given'], levels['surname'], levels['birthday'], levels['postcode']], ['near', 'near', 'near', 'near']);
    assert.ok(probability > 0.9, String(probability));
  });

  it('sees names and address lines that changed places, and a day that became a month', () => {
    const swapped = { given: 'Lovelace', surname: 'Ada', birthday: '1815-10-12', unit: 'St James Square', street: 'Flat 3' };
    const { levels } = compare({ ...ada, unit: 'Flat 3' }, swapped);
    assert.deepEqual([levels['given'], levels['surname'], levels['birthday']], ['swapped', 'swapped', 'near']);
    assert.deepEqual([levels['street'], levels['unit']], ['swapped', 'swapped']);
  });

  it('says nothing of what is missing', () => {
    const { evidence } = compare(ada, { given: 'Ada', surname: '', email: null, postcode: undefined });
    assert.deepEqual(
      evidence.map(({ field }) => field),
      ['given', ''],
    );
    assert.ok(Math.abs(compare({}, {}).bits) < 1e-9);
  });

  it('does not take two who live together for one, however much they share', () => {
    const home = { surname: 'Lovelace', street: 'St James Square', postcode: '10115', city: 'London', phone: '+44 20 7946 0958' };
    const { probability, evidence } = compare({ ...home, given: 'Ada' }, { ...home, given: 'William' });
    assert.ok(probability < 0.1, String(probability));
    assert.ok((evidence.find(({ level }) => level === 'household')?.bits ?? 0) < -5);
  });

  it('weighs rare names more than common ones', () => {
    const records = Array.from({ length: 500 }, (_, place) =>
      prepareRecord(
        { id: `p${place}`, values: { surname: place < 200 ? 'Smith' : place < 202 ? 'Featherstonehaugh' : `Name${place}` } },
        fields,
      ),
    );
    const scorer = createScorer(initialModel(fields), countValues(records, fields.length), 500);
    const [smith, otherSmith, rare, otherRare] = [records[0], records[1], records[200], records[201]];
    assert.ok(smith && otherSmith && rare && otherRare);
    assert.ok(scorer.score(rare, otherRare).bits > scorer.score(smith, otherSmith).bits + 4);
  });

  it('wants more evidence among more people', () => {
    assert.ok(
      compare(ada, { ...ada, birthday: undefined }, 100).probability > compare(ada, { ...ada, birthday: undefined }, 1e8).probability,
    );
  });

  it('tells the forms of values, never the values', () => {
    for (const { shapes } of compare({ ...ada, email: 'ada1@example.invalid' }, { ...ada, email: 'ada1@example.invalid' }).evidence) {
      for (const shape of shapes) assert.match(shape, /^[a9\s@.-]*$/);
    }
  });

  it('scores the same both ways round, with evidence that adds up, whatever the values are', () => {
    const all = FIELD_KINDS.map((kind): Field => ({ name: kind, kind }));
    const scorer = createScorer(initialModel(all), { people: 0, counts: [] }, 1_000);
    const word = fc.oneof(
      fc.constantFrom(
        'ada',
        'ad a',
        'lovelace',
        'a',
        '4814',
        '4184',
        '19600210',
        '19601002',
        'ada@example.invalid',
        'ad@example.invalid',
        '',
      ),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.anything(),
    );
    const person = fc.record(Object.fromEntries(FIELD_KINDS.map((kind) => [kind, word])), { requiredKeys: [] });
    fc.assert(
      fc.property(person, person, (left, right) => {
        const [first, second] = [prepareRecord({ id: 'a', values: left }, all), prepareRecord({ id: 'b', values: right }, all)];
        const score = scorer.score(first, second);
        assert.deepEqual(scorer.score(second, first), score);
        assert.ok(score.probability >= 0 && score.probability <= 1);
        const sum = scorer.explain(first, second).reduce((total, { bits }) => total + bits, 0);
        assert.ok(Math.abs(sum - score.bits) < 1e-6);
      }),
    );
  });
});
