import assert from 'node:assert/strict';
import { mergeFields } from '../../src/actions/dynamic/merge-fields.ts';
import { plainSchema } from '../../src/actions/dynamic/plain-schema.ts';
import type { DynamicField } from '../../src/hub.ts';

const BASE = { source: 'crm.fields', hash: 'h', fetchedAt: 0, isStale: false } as const;
const fields = (schema: DynamicField['schema'], pointer = '/fields'): DynamicField => ({
  ...BASE,
  pointer,
  as: 'fields',
  ...(schema && { schema }),
});

describe('dynamic fields in a schema', () => {
  const input = {
    type: 'object',
    additionalProperties: false,
    properties: { email: { type: 'string' }, fields: { type: 'object', additionalProperties: true }, list: { type: 'string' } },
  };

  it('become properties where the manifest points', () => {
    const merged = mergeFields(input, [
      fields({
        type: 'object',
        additionalProperties: false,
        required: ['city'],
        properties: { city: { type: ['string', 'null'], title: 'City' } },
      }),
    ]);
    assert.deepEqual((merged['properties'] as typeof input.properties).fields, {
      type: 'object',
      properties: { city: { type: ['string', 'null'], title: 'City' } },
      required: ['city'],
      additionalProperties: false,
    });
    assert.deepEqual(input.properties.fields, { type: 'object', additionalProperties: true }, 'the manifest stays as it is');
  });

  it('become choices', () => {
    const choices: DynamicField = { ...BASE, pointer: '/list', as: 'choices', items: [{ value: 'a', title: 'A' }] };
    assert.deepEqual((mergeFields(input, [choices])['properties'] as typeof input.properties).list, { type: 'string', enum: ['a'] });
  });

  it('change nothing where a pointer leads nowhere', () => {
    assert.deepEqual(mergeFields(input, [fields({ properties: { x: {} } }, '/nowhere/else')]), input);
  });

  it('bring nothing that refers, costs or goes deep', () => {
    let deep: Record<string, unknown> = { type: 'string' };
    for (let level = 0; level < 50; level += 1) deep = { type: 'object', properties: { x: deep } };
    assert.deepEqual(plainSchema({ $ref: 'https://evil.invalid/x', pattern: '(a+)+$', allOf: [{}], type: 'string', maxLength: 3 }), {
      type: 'string',
      maxLength: 3,
    });
    assert.ok(JSON.stringify(plainSchema(deep)).length < 400);
    assert.deepEqual(plainSchema({ type: ['string', 7, 'file'] }), { type: 'string' });
    assert.deepEqual(plainSchema('x'), {});
  });
});
