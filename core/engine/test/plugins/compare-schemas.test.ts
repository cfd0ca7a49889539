import assert from 'node:assert/strict';
import type { JsonObject } from '@tendril/plugin-api';
import { compareSchemas } from '../../src/plugins/index.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const text = { type: 'string' };

describe('what another schema breaks', () => {
  const input = (from: JsonObject, to: JsonObject): readonly string[] => compareSchemas(from, to, 'input');
  const output = (from: JsonObject, to: JsonObject): readonly string[] => compareSchemas(from, to, 'output');

  it('is nothing when it is the same, in whatever order, or asks less and promises more', () => {
    assert.deepEqual(input(object({ a: text, b: text }), object({ b: text, a: text })), []);
    assert.deepEqual(input(object({ a: text }, { required: ['a'] }), object({ a: text, b: text })), []);
    assert.deepEqual(output(object({ a: text }), object({ a: text, b: text }, { required: ['a'] })), []);
    assert.deepEqual(input(object({ a: { type: 'integer' } }), object({ a: { type: ['number', 'null'] } })), []);
    assert.deepEqual(output(object({ a: { type: 'number' } }), object({ a: { type: 'integer' } })), []);
    assert.deepEqual(input(object({ a: { enum: ['x'] } }), object({ a: { enum: ['x', 'y'] } })), []);
    assert.deepEqual(output(object({ a: { enum: ['x', 'y'] } }), object({ a: { enum: ['x'] } })), []);
    assert.deepEqual(input(object({ a: { type: 'string', maxLength: 5 } }), object({ a: { type: 'string', maxLength: 9 } })), []);
  });

  it('is an input that asks for more', () => {
    assert.deepEqual(input(object({ a: text }), object({ a: text }, { required: ['a'] })), ['/: a is required']);
    assert.deepEqual(input(object({}), object({ a: { type: 'string', default: 'x' } }, { required: ['a'] })), []);
    assert.deepEqual(input(object({ a: text, b: text }), object({ a: text })), ['/: b is gone']);
    assert.deepEqual(input(object({ a: { type: ['string', 'number'] } }), object({ a: text })), [
      '/a: is string instead of string or number',
    ]);
    assert.deepEqual(input(object({ a: {} }), object({ a: text })), ['/a: is string instead of of any type']);
    assert.deepEqual(input(object({ a: { enum: ['x', 'y'] } }), object({ a: { enum: ['x'] } })), ['/a: no longer takes "y"']);
    assert.deepEqual(input(object({ a: text }), object({ a: { type: 'string', enum: ['x'] } })), ['/a: takes only some values now']);
    assert.deepEqual(input(object({ a: { type: 'string', maxLength: 9 } }), object({ a: { type: 'string', maxLength: 5 } })), [
      '/a: maxLength is 5 instead of 9',
    ]);
    assert.deepEqual(input(object({}), object({}, { additionalProperties: false })), ['/: takes no other members any more']);
    assert.deepEqual(input(object({ a: text }), object({ a: { type: 'string', pattern: '^x' } })), ['/a: pattern is another']);
    assert.deepEqual(input({ type: 'array', items: text }, { type: 'array', items: { type: 'number' } }), [
      '/*: is number instead of string',
    ]);
  });

  it('is an output that promises less', () => {
    assert.deepEqual(output(object({ a: text }, { required: ['a'] }), object({ a: text })), ['/: a may be missing']);
    assert.deepEqual(output(object({ a: text }), object({})), ['/: a is gone']);
    assert.deepEqual(output(object({ a: text }), object({ a: { type: ['string', 'null'] } })), ['/a: is string or null instead of string']);
    assert.deepEqual(output(object({ a: { enum: ['x'] } }), object({ a: { enum: ['x', 'y'] } })), ['/a: may also be "y"']);
    assert.deepEqual(output({ oneOf: [text] }, { oneOf: [text, { type: 'null' }] }), ['/: oneOf is another']);
  });

  it('is found behind references, and ends with those that lead in circles', () => {
    const tree = (leaf: JsonObject): JsonObject => ({
      $ref: '#/$defs/node',
      $defs: { node: { type: 'object', properties: { leaf, children: { type: 'array', items: { $ref: '#/$defs/node' } } } } },
    });
    assert.deepEqual(input(tree(text), tree(text)), []);
    assert.ok(input(tree(text), tree({ type: 'number' })).includes('/leaf: is number instead of string'));
    const circle = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };
    assert.doesNotThrow(() => input(circle, tree(text)));
  });
});
