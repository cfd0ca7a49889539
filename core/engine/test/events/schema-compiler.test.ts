import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import { compileSchema } from '../../src/events/schema-compiler.ts';

const MOST_MS = 2_000;

function refuses(schema: JsonObject): void {
  assert.throws(
    () => compileSchema(schema),
    (error) => TendrilError.is(error) && error.code === 'INPUT_INVALID',
  );
}

/** Definitions of which each refers to the next as often as told. */
function fanningOut(levels: number, width: number): JsonObject {
  const next = (level: number): JsonObject => ({ allOf: Array.from({ length: width }, () => ({ $ref: `#/$defs/d${level + 1}` })) });
  const entries = Array.from({ length: levels }, (_, level): [string, JsonObject] => [`d${level}`, next(level)]);
  return { $ref: '#/$defs/d0', $defs: { ...Object.fromEntries(entries), [`d${levels}`]: { type: 'object' } } };
}

describe('schemas that tenants upload', () => {
  it('are refused when references multiply the work', () => {
    refuses(fanningOut(40, 2));
    assert.deepEqual(compileSchema(fanningOut(4, 2))({}), []);
  });

  it('are refused when a reference leads back to the same value', () => {
    refuses({ $ref: '#' });
    refuses({ anyOf: [{ $ref: '#' }, { type: 'object' }] });
    refuses({ $defs: { a: { $ref: '#/$defs/b' }, b: { not: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' });
    refuses({ $dynamicAnchor: 'me', if: { $dynamicRef: '#me' } });
  });

  it('are refused when they lead back to themselves more than once, which doubles with each level', () => {
    refuses({ properties: { x: { allOf: [{ $ref: '#' }, { $ref: '#' }] } } });
    refuses({ properties: { x: { $ref: '#' } }, patternProperties: { x: { $ref: '#' } } });
  });

  it('are refused when references lead elsewhere, or mean something else below an $id', () => {
    refuses({ $ref: 'https://json-schema.org/draft/2020-12/schema' });
    refuses({ $defs: { a: { $id: 'https://a.example/', $ref: '#' } }, $ref: '#/$defs/a' });
  });

  it('may describe trees', () => {
    const find = compileSchema({ type: 'object', properties: { name: { type: 'string' }, children: { items: { $ref: '#' } } } });
    assert.deepEqual(find({ name: 'a', children: [{ name: 'b', children: [] }] }), []);
    assert.equal(find({ name: 'a', children: [{ name: 1 }] })[0]?.pointer, '/children/0/name');
  });

  it('tell all that is wrong with a value of usual size', () => {
    const find = compileSchema({ properties: { a: { type: 'number' }, b: { type: 'number' } } });
    assert.deepEqual(
      find({ a: 'x', b: 'y' }).map(({ pointer }) => pointer),
      ['/a', '/b'],
    );
  });

  it('hold values against each of their patterns', () => {
    const find = compileSchema({
      properties: { a: { pattern: '^x+$' }, b: { pattern: '^y$' } },
      patternProperties: { '^n_': { type: 'number' } },
    });
    assert.deepEqual(find({ a: 'xx', b: 'y', n_1: 1 }), []);
    assert.deepEqual(
      find({ a: 'y', b: 'x', n_1: '1' }).map(({ pointer }) => pointer),
      ['/a', '/b', '/n_1'],
    );
  });

  it('are refused when a pattern repeats itself into a giant, and match only what is short enough', () => {
    refuses({ properties: { a: { pattern: `(?:${'a?'.repeat(50)}){1000}[bc]` } } });
    const startedAt = performance.now();
    const find = compileSchema({ properties: { a: { pattern: '(?:a?){900}[bc]' } } });
    assert.equal(find({ a: 'a'.repeat(32_000) }).length, 1);
    assert.deepEqual(find({ a: 'aab' }), []);
    assert.ok(performance.now() - startedAt < MOST_MS);
  });

  it('keep nobody waiting, and fill no memory with findings, whatever the value', () => {
    const startedAt = performance.now();
    const crowd = compileSchema({ properties: { a: { items: { allOf: Array.from({ length: 1_500 }, () => ({ type: 'string' })) } } } });
    assert.ok(crowd({ a: Array.from({ length: 15_000 }, () => 1) }).length < 10);
    const url = compileSchema({ properties: { a: { format: 'url' } } });
    assert.equal(url({ a: `http://${'a:'.repeat(15_000)}` }).length, 1);
    assert.deepEqual(url({ a: 'https://shop.example/x?y=1' }), []);
    const unique = compileSchema({ properties: { a: { uniqueItems: true } } });
    assert.deepEqual(unique({ a: Array.from({ length: 15_000 }, (_, index) => [index]) }), []);
    assert.equal(
      unique({
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      })[0]?.pointer,
      '/a',
    );
    assert.ok(performance.now() - startedAt < MOST_MS);
  });
});
