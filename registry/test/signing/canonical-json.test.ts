import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { canonicalBytes } from '@tendril/registry';

const textOf = (value: unknown): string => canonicalBytes(value).toString('utf8');

describe('canonical JSON', () => {
  it('has these texts for these values', () => {
    const vectors: readonly (readonly [unknown, string])[] = [
      [{}, '{}'],
      [[], '[]'],
      [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
      [{ a: { d: 1, c: [3, 2, 1] } }, '{"a":{"c":[3,2,1],"d":1}}'],
      [{ é: 1, e: 2, z: 3 }, '{"e":2,"z":3,"é":1}'],
      // By UTF-16 code units a character beyond the first plane stands before U+FB33, by code points behind it.
      [{ '\ufb33': 1, '\u{1f600}': 2 }, '{"\u{1f600}":2,"\ufb33":1}'],
      [{ 10: 1, 9: 2 }, '{"10":1,"9":2}'],
      ['\u0000\u001f\b\t\n\f\r"\\/\u007f\u2028', '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\u007f\u2028"'],
      [[1.0, -0, 1e21 / 1e21, 0.1, 1e-7, 9007199254740991], '[1,0,1,0.1,1e-7,9007199254740991]'],
      [[null, true, false], '[null,true,false]'],
      [JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
    ];
    for (const [value, text] of vectors) assert.equal(textOf(value), text);
  });

  it('sorts as the example of RFC 8785, section 3.2.3, does', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    assert.equal(textOf(value), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\u{1f600}":5,"\ufb33":3}');
  });

  it('refuses what is no JSON or not the same everywhere', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const refused = [
      undefined,
      { a: undefined },
      [undefined],
      NaN,
      Infinity,
      2 ** 53,
      '\ud800',
      { '\udc00': 1 },
      () => 1,
      new Date(0),
      1n,
      cyclic,
      new Map(),
    ];
    for (const value of refused) assert.throws(() => canonicalBytes(value), TypeError);
    assert.throws(() => canonicalBytes({ a: [1, { b: 2 ** 60 }] }), /\/a\/1\/b/);
  });

  it('is the same for equal values, whatever the order, and can be read back', () => {
    const json = fc.jsonValue({ maxDepth: 5 }).filter((value) => JSON.stringify(value).isWellFormed() && isExact(value));
    fc.assert(
      fc.property(json, (value) => {
        const text = textOf(value);
        assert.equal(textOf(shuffled(value)), text);
        assert.equal(textOf(JSON.parse(text)), text);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500, seed: 20261122 },
    );
  });

  it('differs for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }).filter(isExact), fc.jsonValue({ maxDepth: 3 }).filter(isExact), (one, other) => {
        const isSame = isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
        assert.equal(textOf(one) === textOf(other), isSame);
      }),
      { numRuns: 300, seed: 20261122 },
    );
  });
});

function isExact(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => name.isWellFormed() && isExact(inner));
}

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, shuffled(inner)]),
  );
}

// `Object.fromEntries` makes a member `__proto__`, an assignment would not.
function fromEntries(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries);
}
