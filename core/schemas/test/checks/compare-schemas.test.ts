import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { refusalsOf, SCHEMA_RULES } from '../../src/index.ts';
import type { ComparisonOptions, Schema } from '../../src/index.ts';

const text = { type: 'string' };
const open = (properties: object, rest: object = {}): Schema => ({ type: 'object', properties, ...rest });
const shut = (properties: object, rest: object = {}): Schema => open(properties, { additionalProperties: false, ...rest });

type Row = readonly [rule: string, from: Schema, to: Schema, where: string, says: RegExp, options?: ComparisonOptions];

const NARROWER: readonly Row[] = [
  ['type', { type: ['string', 'null'] }, text, '', /^null is not taken/],
  ['type', { type: 'number' }, { type: 'integer' }, '', /^number is not taken/],
  ['type', {}, { type: 'object' }, '', /null, boolean, array, number, string are not taken/],
  ['type', shut({ a: {} }), shut({ a: text }), '/a', /are not taken/],
  ['type', { type: 'array', items: {} }, { type: 'array', items: text }, '/*', /are not taken/],
  ['type', { type: 'array', prefixItems: [text] }, { type: 'array', prefixItems: [{ type: 'number' }] }, '/0', /string is not taken/],
  ['type', { type: 'object', additionalProperties: {} }, { type: 'object', additionalProperties: text }, '/*', /are not taken/],
  ['values', { enum: ['a', 'b'] }, { enum: ['a'] }, '', /^"b" is not taken/],
  ['values', text, { ...text, enum: ['a'] }, '', /^only "a" is taken/],
  ['values', { const: 1 }, { const: 2 }, '', /^1 is not taken/],
  ['required', open({ a: text }), open({ a: text }, { required: ['a'] }), '', /^a is required now/],
  ['required', open({ 'x/y': open({}) }), open({ 'x/y': open({ b: text }, { required: ['b'] }) }), '/x~1y', /^b is required now/],
  ['closed', shut({ a: text, b: text }), shut({ a: text }), '', /^b is not taken/],
  ['closed', open({}), shut({}), '', /members that it does not name/],
  ['gone', shut({}), shut({ a: text }), '', /^a is gone/, { ignoresNewMembers: true, keepsMembers: true }],
  ['lower-bound', { type: 'integer', minimum: 1 }, { type: 'integer', minimum: 2 }, '', /^minimum is 2 now, and was 1/],
  ['lower-bound', text, { ...text, minLength: 1 }, '', /^minLength is 1 now/],
  ['upper-bound', { ...text, maxLength: 9 }, { ...text, maxLength: 8 }, '', /^maxLength is 8 now, and was 9/],
  ['upper-bound', { type: 'array' }, { type: 'array', maxItems: 3 }, '', /^maxItems is 3 now/],
  ['form', text, { ...text, pattern: '^a' }, '', /^pattern "\^a" is new/],
  ['form', { ...text, format: 'uri' }, { ...text, format: 'email' }, '', /^format "email" is another one/],
  ['unique', { type: 'array' }, { type: 'array', uniqueItems: true }, '', /have to be different/],
  ['condition', open({}), open({}, { not: { required: ['a'] } }), '', /^not is new/],
  ['condition', open({}, { allOf: [text] }), open({}, { allOf: [{}] }), '', /^allOf is another one/],
  ['choice', { anyOf: [text, { type: 'null' }] }, { anyOf: [text] }, '', /alternative 2/],
  ['choice', text, { oneOf: [{ type: 'number' }, { type: 'null' }] }, '', /alternative 1/],
  ['nothing', open({ a: text }), open({ a: false }), '/a', /nothing is taken/],
  ['type', { $ref: '#/$defs/a', $defs: { a: {} } }, { $ref: '#/$defs/b', $defs: { b: text } }, '', /are not taken/],
  [
    'type',
    { $ref: './schema/a.json', $defs: { 'schema/a.json': open({ b: { $ref: './b.json' } }), 'schema/b.json': {} } },
    {
      $ref: './schema/a.json',
      $defs: { 'schema/a.json': open({ b: { $ref: './b.json#/$defs/t' } }), 'schema/b.json': { $defs: { t: text } } },
    },
    '/b',
    /are not taken/,
  ],
];

const AS_WIDE: readonly (readonly [string, Schema, Schema, ComparisonOptions?])[] = [
  ['the same', shut({ a: text }, { required: ['a'] }), shut({ a: text }, { required: ['a'] })],
  ['another description', { ...text, description: 'one' }, { ...text, description: 'two' }],
  ['a wider type', { type: 'integer' }, { type: ['number', 'null'] }],
  ['a new optional member', shut({ a: text }), shut({ a: text, b: text })],
  ['a member that is not required any more', open({ a: text }, { required: ['a'] }), open({ a: text })],
  [
    'a required member with a default that is filled in',
    open({}),
    open({ a: { ...text, default: '' } }, { required: ['a'] }),
    { fillsDefaults: true },
  ],
  ['one more value', { enum: ['a'] }, { enum: ['a', 'b'] }],
  ['values in place of what they are', { enum: ['a', 'b'] }, text],
  ['a wider bound', { ...text, minLength: 2, maxLength: 3 }, { ...text, minLength: 1, maxLength: 4 }],
  ['a bound that bounds nothing', text, { ...text, minLength: 0 }],
  ['a pattern that is gone', { ...text, pattern: 'a' }, text],
  ['one more alternative', text, { anyOf: [{ type: 'null' }, text] }],
  ['alternatives in another order', { anyOf: [{ type: 'null' }, text] }, { anyOf: [text, { type: 'null' }] }],
  ['a new member for those who go by what they know', shut({ a: text, b: text }), shut({ a: text }), { ignoresNewMembers: true }],
  ['anything', shut({ a: text }), true],
  ['anything but by members', false, text],
  [
    'a schema of itself',
    { $ref: '#/$defs/a', $defs: { a: open({ a: { $ref: '#/$defs/a' } }) } },
    { $ref: '#/$defs/a', $defs: { a: open({ a: { $ref: '#/$defs/a' } }) } },
  ],
];

describe('refusalsOf', () => {
  for (const [rule, from, to, pointer, says, options] of NARROWER) {
    it(`finds by ${rule} that ${says.source}`, () => {
      const found = refusalsOf(from, to, options);
      assert.deepEqual(
        found.map((refusal) => [refusal.rule, refusal.pointer]),
        [[rule, pointer]],
      );
      assert.match(found[0]?.message ?? '', says);
    });
  }

  it('has a row here for every rule', () => {
    const tried = new Set(NARROWER.map(([rule]) => rule));
    assert.deepEqual(
      SCHEMA_RULES.map(({ name }) => name).filter((name) => !tried.has(name)),
      [],
    );
  });

  for (const [name, from, to, options] of AS_WIDE) {
    it(`finds nothing in ${name}`, () => {
      assert.deepEqual(refusalsOf(from, to, options), []);
    });
  }

  it('finds something wherever a value is taken by the one and not by the other', () => {
    const leaf: fc.Arbitrary<object> = fc.record(
      {
        type: fc.subarray(['string', 'integer', 'number', 'null', 'boolean'], { minLength: 1 }),
        enum: fc.uniqueArray(fc.constantFrom('a', 'bb', 1, null), { minLength: 1, selector: String }),
        minimum: fc.integer({ min: 0, max: 2 }),
        maxLength: fc.integer({ min: 0, max: 2 }),
      },
      { requiredKeys: [] },
    );
    const object = fc.record(
      {
        properties: fc.dictionary(fc.constantFrom('a', 'b'), leaf, { noNullPrototype: true }),
        required: fc.subarray(['a', 'b']),
        additionalProperties: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const schema = fc.oneof(
      leaf,
      object,
      fc.array(fc.oneof(leaf, object), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
    );
    const atom = fc.constantFrom('', 'a', 'bb', 'ccc', 0, 1, 1.5, 3, null, true);
    const value = fc.oneof(atom, fc.dictionary(fc.constantFrom('a', 'b', 'c'), atom, { noNullPrototype: true }));
    const ajv = new Ajv2020({ strict: false });
    fc.assert(
      fc.property(schema, schema, fc.array(value, { minLength: 1, maxLength: 8 }), (from, to, values) => {
        // What a schema does not name, nobody relied on.
        const isNamed = (each: unknown): boolean =>
          typeof each !== 'object' || each === null || Object.keys(each).every((name) => namesIn(from).has(name));
        const lost = values.some((each) => isNamed(each) && ajv.validate(from, each) && !ajv.validate(to, each));
        return !lost || refusalsOf(from as Schema, to as Schema).length > 0;
      }),
      { numRuns: 400 },
    );
  }).timeout(60_000);
});

function namesIn(schema: object): ReadonlySet<string> {
  const { anyOf = [schema] } = schema as { readonly anyOf?: readonly object[] };
  const named = anyOf.map((each) => Object.keys((each as { readonly properties?: object }).properties ?? {}));
  return new Set(named.flat().filter((name) => named.every((names) => names.includes(name))));
}
