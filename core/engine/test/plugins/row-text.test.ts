import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GatheredRow } from '../../src/plugins/gathered-row.ts';
import { plainJson } from '../../src/plugins/plain-json.ts';
import { rowText } from '../../src/plugins/row-text.ts';

const LIMITS = { mostBytes: 10_000, mostValues: 500 };

function textOf(value: unknown): string {
  const text = rowText(value, LIMITS);
  assert.ok(!('problem' in text), JSON.stringify(text));
  return text.json;
}

describe('the text of a row', () => {
  it('says what a copy of the value says, or why there is none, whatever the value is', () => {
    const odd = fc.oneof(
      fc.constant(undefined),
      fc.constant(NaN),
      fc.constant(Infinity),
      fc.constant(() => 1),
      fc.constant(Symbol('s')),
      fc.bigInt(),
      fc.date(),
      fc.constant(new Map([['a', 1]])),
    );
    const value = fc.object({ values: [fc.string(), fc.double(), fc.boolean(), fc.constant(null), odd], withNullPrototype: true });
    fc.assert(
      fc.property(value, (given) => {
        const text = rowText(given, LIMITS);
        const copy = plainJson(given, LIMITS);
        if ('problem' in copy) assert.deepEqual(text, copy);
        else assert.equal('json' in text && text.json, JSON.stringify(copy.value));
      }),
    );
  });

  it('leaves out what JSON has no word for, and what would change its reader', () => {
    assert.equal(textOf({ a: undefined, b: 1 }), '{"b":1}');
    assert.equal(textOf(JSON.parse('{"__proto__":{"isAdmin":true},"b":1}')), '{"b":1}');
  });

  it('refuses a value that would say something else of itself, with its place', () => {
    const list = Object.assign([1], { toJSON: () => [2] });
    assert.equal(textOf({ list }), '{"list":[1]}');
    assert.deepEqual(rowText({ a: { toJSON: () => 1 } }, LIMITS), {
      problem: { pointer: '/a/toJSON', message: 'is a function, which is no JSON' },
    });
    class Money {
      cents = 5;
      toJSON(): string {
        return 'five';
      }
    }
    assert.equal(textOf({ price: new Money() }), '{"price":{"cents":5}}');
  });

  it('refuses circles, towers and what is too much', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const value of [circle, { text: 'x'.repeat(20_000) }, { list: Array.from({ length: 600 }, () => 1) }]) {
      assert.ok('problem' in rowText(value, LIMITS));
    }
  });
});

describe('a row that was put', () => {
  const table = { name: 'shop.orders', key: 'id', indexes: { by_tags: { fields: ['tags', 'state'] } }, personal: [] };

  it('is what it was when it was put, and gives each reader a copy of its own', () => {
    const value = { id: 'o1', tags: ['a'], note: 'n' };
    const row = new GatheredRow(table, value, JSON.stringify(value), 3);
    value.tags.push('b');
    const first = row.value;
    assert.deepEqual(first, { id: 'o1', tags: ['a'], note: 'n' });
    assert.notEqual(row.value, first);
    assert.deepEqual(row.text.members, { id: 'o1', tags: ['a'] });
    assert.equal(row.expect, 3);
  });

  it('expects nothing unless told', () => {
    assert.equal(new GatheredRow(table, { id: 'o1' }, '{"id":"o1"}', undefined).expect, undefined);
  });
});
