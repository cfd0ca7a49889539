import assert from 'node:assert/strict';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { PluginFault } from '../../src/hub.ts';
import { checkManifests } from '../../src/plugins/index.ts';
import { anyAction, source } from './fixture.ts';

/** Longer than any of them takes, shorter than one that goes off. */
const MOST_MS = 5_000;

describe('a manifest that is a bomb', () => {
  async function faults(manifest: unknown, files: Readonly<Record<string, string>> = {}): Promise<readonly PluginFault[]> {
    const startedAt = performance.now();
    const found = await checkManifests([{ ...source({ id: 'bomb' }, undefined, { files }), manifest }], CONTRACT_VERSION);
    assert.ok(performance.now() - startedAt < MOST_MS);
    assert.ok(found.faults.every(({ code }) => code === 'MANIFEST_INVALID'));
    return found.faults;
  }
  const withInput = (input: JsonObject, action: JsonObject = {}): JsonObject => ({
    id: 'bomb',
    title: 'Bomb',
    engines: { tendril: '^0.1.0' },
    contributes: { actions: { go: anyAction({ input, ...action }) } },
  });
  const doubling = (levels: number, keyword: 'allOf' | 'properties'): JsonObject => {
    const definitions: Record<string, JsonObject> = { [`d${levels}`]: { type: 'object' } };
    for (let level = 0; level < levels; level += 1) {
      const next = { $ref: `#/$defs/d${level + 1}` };
      definitions[`d${level}`] = keyword === 'allOf' ? { allOf: [next, next] } : { type: 'object', properties: { a: next, b: next } };
    }
    return { type: 'object', $defs: definitions, allOf: [{ $ref: '#/$defs/d0' }] };
  };

  it('of references that double is refused, whatever example it brings', async () => {
    for (const keyword of ['allOf', 'properties'] as const) {
      const [found] = await faults(withInput(doubling(40, keyword), { examples: [{ input: {} }] }));
      assert.match(found?.message ?? '', /refers to more than/);
    }
    assert.deepEqual(await faults(withInput(doubling(4, 'allOf'))), []);
  });

  it('of references in a circle is refused, over several files too; a tree is none', async () => {
    const circle = { type: 'object', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, allOf: [{ $ref: '#/$defs/a' }] };
    assert.match((await faults(withInput(circle)))[0]?.message ?? '', /without an end/);
    const files = {
      'a.json': JSON.stringify({ type: 'object', allOf: [{ $ref: './b.json' }] }),
      'b.json': JSON.stringify({ type: 'object', allOf: [{ $ref: './a.json' }] }),
    };
    assert.ok((await faults(withInput({ $ref: './a.json' }), files)).length > 0);
    const tree = { type: 'object', properties: { left: { $ref: '#' }, right: { $ref: '#' } } };
    assert.deepEqual(await faults(withInput(tree)), []);
    const twice = { type: 'object', properties: { in: { allOf: [{ $ref: '#' }, { $ref: '#' }] } } };
    assert.match((await faults(withInput(twice)))[0]?.message ?? '', /more than once/);
  });

  it('of nesting is refused, as text and parsed, wherever it stands', async () => {
    const tower = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    assert.match((await faults(`{"id":"bomb","title":${tower}}`))[0]?.message ?? '', /nested/);
    assert.match((await faults(withInput({}, { examples: [{ input: JSON.parse(tower) as JsonObject }] })))[0]?.message ?? '', /nested/);
    const files = { 'deep.json': `{"type":"object","properties":${tower}}` };
    assert.match((await faults(withInput({ $ref: './deep.json' }), files))[0]?.message ?? '', /nested/);
  });

  it('of sheer size is refused', async () => {
    const large = JSON.stringify(withInput({ type: 'object', description: 'x'.repeat(10_000_000) }));
    assert.match((await faults(large))[0]?.message ?? '', /longer than/);
    assert.match((await faults(JSON.parse(large)))[0]?.message ?? '', /larger than/);
    const files = { 'large.json': JSON.stringify({ type: 'object', description: 'x'.repeat(2_000_000) }) };
    assert.match((await faults(withInput({ $ref: './large.json' }), files))[0]?.message ?? '', /longer than/);
    const many = Object.fromEntries(Array.from({ length: 300_000 }, (_, at) => [`p${at}`, true]));
    assert.ok((await faults(withInput({ type: 'object', properties: many }))).length > 0);
  });

  it('of a pattern takes no time, for the text that it was made for', async () => {
    const input = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
    const found = await faults(withInput(input, { examples: [{ input: { a: `${'a'.repeat(5_000)}!` } }] }));
    assert.match(found[0]?.pointer ?? '', /examples\/0\/input\/a/);
    const backward = { type: 'object', properties: { a: { type: 'string', pattern: '^(a)\\1$' } } };
    assert.match((await faults(withInput(backward)))[0]?.message ?? '', /does not compile|is no strict JSON Schema/);
  });
});
