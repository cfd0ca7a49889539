import assert from 'node:assert/strict';
import { mask, MASKED_PERSONAL, MASKED_SECRET } from '../../../src/pipelines/history/mask.ts';

const masked = { unmasked: false };
const unmasked = { unmasked: true };

describe('masking of the journal', () => {
  it('hides what a schema marks, at any depth and through references', () => {
    const schema = {
      type: 'object',
      properties: {
        key: { type: 'string', writeOnly: true },
        note: { type: 'string', 'x-personal': true },
        contact: { type: 'string', format: 'email' },
        people: { type: 'array', items: { $ref: '#/$defs/person' } },
      },
      $defs: { person: { type: 'object', properties: { nick: { type: 'string', 'x-personal': true }, age: { type: 'number' } } } },
    };
    const value = { key: 's3cret', note: 'met in Rome', contact: 'nobody', people: [{ nick: 'ada', age: 36 }], plan: 'pro' };
    assert.deepEqual(mask(value, schema, masked), {
      key: MASKED_SECRET,
      note: MASKED_PERSONAL,
      contact: MASKED_PERSONAL,
      people: [{ nick: MASKED_PERSONAL, age: 36 }],
      plan: 'pro',
    });
    assert.deepEqual(mask(value, schema, unmasked), { ...value, key: MASKED_SECRET });
  });

  it('hides what is called like it, and addresses inside texts, where no schema says anything', () => {
    const value = {
      email: 'ada@example.com',
      apiKey: 'k',
      text: 'write to ada@example.com, soon',
      list: ['bob@example.com'],
      phone: 49301234,
    };
    assert.deepEqual(mask(value, undefined, masked), {
      email: MASKED_PERSONAL,
      apiKey: MASKED_SECRET,
      text: `write to ${MASKED_PERSONAL}, soon`,
      list: [MASKED_PERSONAL],
      phone: MASKED_PERSONAL,
    });
    assert.deepEqual(mask(value, undefined, unmasked), { ...value, apiKey: MASKED_SECRET });
  });

  it('hides what comes several times under one name', () => {
    const value = { query: { token: ['a', 'b'], page: ['1'] }, to: ['Ada Lovelace', ['Bob']], phone: [{ kind: 'home' }] };
    const shown = { query: { token: [MASKED_SECRET, MASKED_SECRET], page: ['1'] }, to: [MASKED_PERSONAL, [MASKED_PERSONAL]] };
    assert.deepEqual(mask(value, undefined, masked), { ...shown, phone: [{ kind: 'home' }] });
    assert.deepEqual(mask({ query: value.query }, undefined, unmasked), { query: shown.query });
  });

  it('hides what any part of a schema marks: beside references, in choices, patterns and places of lists', () => {
    const secret = { type: 'string', writeOnly: true };
    const schema = {
      type: 'object',
      $defs: { text: { type: 'string' }, alias: { $ref: '#/$defs/secret' }, secret },
      properties: {
        beside: { $ref: '#/$defs/text', writeOnly: true },
        twice: { $ref: '#/$defs/alias' },
        choice: { oneOf: [{ type: 'number' }, secret] },
        place: { type: 'array', prefixItems: [{ type: 'string' }, secret] },
        self: { $ref: '#' },
        loop: { $ref: '#/properties/loop' },
      },
      patternProperties: { '^x_': secret },
      allOf: [{ properties: { part: secret } }, { if: {}, then: { properties: { later: secret } } }],
    };
    const value = { beside: 'v', twice: 'v', choice: 'v', x_a: 'v', part: 'v', later: 'v', loop: 'kept' };
    const hidden = Object.fromEntries(Object.keys(value).map((name) => [name, name === 'loop' ? 'kept' : MASKED_SECRET]));
    const whole = { ...value, place: ['kept', 'v'], self: value };
    assert.deepEqual(mask(whole, schema, unmasked), { ...hidden, place: ['kept', MASKED_SECRET], self: hidden });
  });

  it('leaves what a schema says is neither', () => {
    const schema = {
      type: 'object',
      properties: { token: { type: 'string', writeOnly: false }, to: { type: 'string', 'x-personal': false } },
    };
    assert.deepEqual(mask({ token: 'next-page', to: 'warehouse' }, schema, masked), { token: 'next-page', to: 'warehouse' });
  });

  it('shows nothing of what is nested deeper than anybody looks', () => {
    let value: object = { secretive: 'x' };
    for (let depth = 0; depth < 40; depth += 1) value = { inner: value };
    assert.ok(!JSON.stringify(mask(value as never, undefined, masked)).includes('secretive'));
  });

  it('keeps nothing as nothing', () => {
    assert.equal(mask(undefined, undefined, masked), undefined);
    assert.equal(mask(null, { 'x-personal': true }, masked), null);
  });

  it('tells addresses from what only looks a little like them', () => {
    for (const text of ['ada@example.com', 'a@b.c', '(ada@example.co.uk).', 'a@b@c.d', 'ada+x@mail.example.com'])
      assert.equal(mask(`<${text}>, ok`, undefined, masked), `<${MASKED_PERSONAL}>, ok`);
    for (const text of ['@ada', 'ada@', 'ada@home', '@example.com', 'a@.com', 'a@b.', '1 @ 2.50', 'x.y'])
      assert.equal(mask(text, undefined, masked), text);
  });

  it('takes long texts as they come, however many letters have no end', () => {
    for (const text of [
      'a'.repeat(2_000_000),
      `${'a'.repeat(1_000_000)}@${'b'.repeat(1_000_000)}`,
      '@a'.repeat(500_000),
      'a.'.repeat(500_000),
    ])
      assert.equal(mask(text, undefined, masked), text);
    assert.equal(mask(`${'a'.repeat(1_000_000)}@${'b.'.repeat(500_000)}c`, undefined, masked), MASKED_PERSONAL);
  });
});
