import assert from 'node:assert/strict';
import { findFaults, fromDraft, toDraft } from '../src/screens/plugins/settings/setting-draft.ts';
import { readSettings } from '../src/screens/plugins/settings/setting-tree.ts';
import type { JsonObject } from '../src/api/types.ts';

function object(properties: JsonObject, others: JsonObject = {}): JsonObject {
  return { type: 'object', properties, ...others };
}

describe('settings of a plugin as a form', () => {
  it('draws no input where there is nothing to set', () => {
    assert.deepEqual(readSettings({}), []);
    assert.deepEqual(readSettings({ type: 'object', properties: {}, additionalProperties: false }), []);
  });

  it('gives all of it as JSON when it cannot draw the whole, and members of which it cannot draw one', () => {
    const whole = readSettings({ oneOf: [object({ a: { type: 'string' } }), object({ b: { type: 'string' } })] });
    assert.deepEqual(
      whole.map(({ kind, pointer }) => [kind, pointer]),
      [['json', '']],
    );
    assert.deepEqual(fromDraft(whole, { '': '{"b":"x"}' }, { a: 'y' }), { b: 'x' });
    const members = readSettings(
      object({
        rows: { type: 'array', items: { type: 'object' } },
        any: {},
        either: { type: ['string', 'null'] },
        map: { type: 'object', additionalProperties: { type: 'number' } },
      }),
    );
    assert.deepEqual(new Set(members.map(({ kind }) => kind)), new Set(['json']));
  });

  it('follows references to its own definitions, and takes named constants as options', () => {
    const [host, mode, tags] = readSettings({
      ...object({
        host: { $ref: '#/$defs/host', title: 'Host' },
        mode: { oneOf: [{ const: 1, title: 'Fast' }, { const: 2 }] },
        tags: { type: 'array', items: { $ref: '#/$defs/host' } },
      }),
      $defs: { host: { type: 'string', minLength: 3 } },
    });
    assert.deepEqual([host?.kind, host?.title, host?.schema['minLength']], ['text', 'Host', 3]);
    assert.deepEqual(mode?.kind === 'choice' && mode.options.map(({ title }) => title), ['Fast', '2']);
    assert.equal(tags?.kind, 'list');
    assert.deepEqual(findFaults(tags === undefined ? [] : [tags], { '/tags': 'long enough\nno' }, {}), {
      '/tags': 'Line 2: This needs at least 3 characters.',
    });
  });

  it('leaves out an object that nobody sets something in, and asks for its needed members once somebody does', () => {
    const settings = readSettings(
      object({ proxy: object({ host: { type: 'string' }, port: { type: 'integer', default: 80 } }, { required: ['host'] }) }),
    );
    const untouched = toDraft(settings, {});
    assert.deepEqual(findFaults(settings, untouched, {}), {});
    assert.deepEqual(fromDraft(settings, untouched, {}), {});
    const touched = { ...untouched, '/proxy/port': '8080' };
    assert.deepEqual(findFaults(settings, touched, {}), { '/proxy/host': 'This is needed.' });
    assert.deepEqual(fromDraft(settings, { ...touched, '/proxy/host': 'h' }, {}), { proxy: { host: 'h', port: 8080 } });
  });

  it('keeps what has no input, and gives back what it was given', () => {
    const settings = readSettings(
      object({
        'a/b': { type: 'number' },
        on: { type: 'boolean' },
        off: { type: 'boolean' },
        numbers: { type: 'array', items: { type: 'integer' } },
        deep: object({ list: { type: 'array', items: { type: 'string' } } }),
      }),
    );
    const values = { other: [1], 'a/b': 1.5, on: true, numbers: [3, 4], deep: { list: ['x'], unknown: null } };
    assert.deepEqual(fromDraft(settings, toDraft(settings, values), values), values);
    assert.deepEqual(findFaults(settings, { ...toDraft(settings, values), '/numbers': '3\n4.5' }, values), {
      '/numbers': 'Line 2: This must be a whole number.',
    });
  });

  it('never shows a secret, keeps it when nothing is typed, and asks for one that is needed and missing', () => {
    const settings = readSettings(object({ key: { type: 'string', writeOnly: true } }, { required: ['key'] }));
    const values = { key: 'stored' };
    const draft = toDraft(settings, values);
    assert.deepEqual(draft, { '/key': '' });
    assert.deepEqual(findFaults(settings, draft, values), {});
    assert.deepEqual(fromDraft(settings, draft, values), values);
    assert.deepEqual(findFaults(settings, draft, {}), { '/key': 'This is needed.' });
    assert.deepEqual(findFaults(settings, { '/key': false }, values), { '/key': 'This is needed.' });
  });
});
