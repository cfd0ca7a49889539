import assert from 'node:assert/strict';
import { assertFinds, failuresOf, resultsOf } from './results.ts';
import { RECORDING, removePluginFolders } from './plugin-folder.ts';
import type { PluginParts } from './plugin-folder.ts';

describe('the conformance kit', function () {
  this.timeout(60_000);
  afterEach(removePluginFolders);

  it('passes a sound plugin', async () => {
    const results = await resultsOf({});
    assert.deepEqual(failuresOf(results), { ids: [], text: '' });
    assert.ok(results.some(({ id, state }) => id === 'recordings/create/happy' && state === 'passed'));
  });

  it('makes only the checks that are asked for', async () => {
    const results = await resultsOf({}, { only: 'recordings/*/happy' });
    assert.deepEqual(
      results.map(({ id }) => id),
      ['recordings/create/happy'],
    );
  });

  const broken: Readonly<Record<string, { readonly parts: PluginParts; readonly says: RegExp }>> = {
    manifest: { parts: { setup: `host.action('more', async () => ({}));` }, says: /implements without declaring action more/ },
    'package/documents': { parts: { without: ['LICENSE'] }, says: /^LICENSE is missing/ },
    'package/descriptions': { parts: { action: { description: undefined } }, says: /actions\/create has no description/ },
    recordings: { parts: { recording: { exchanges: 'none' } }, says: /happy.json\/exchanges must be array/ },
    'recordings/create/happy': {
      parts: { recording: { output: { id: 'c-2' } } },
      says: /happy.json\/output\/id \/id is "c-1" and has to be "c-2"/,
    },
  };
  for (const [id, { parts, says }] of Object.entries(broken)) {
    it(`finds what is wrong by ${id}`, () => assertFinds(id, parts, says));
  }

  it('finds examples that do not match their schema', async () => {
    const { ids, text } = failuresOf(await resultsOf({ action: { examples: [{ input: { mail: 'x' } }] } }, { only: 'manifest' }));
    assert.deepEqual(ids, ['manifest']);
    assert.match(text, /plugin.json\/contributes\/actions\/create\/examples\/0\/input\/email is missing/);
  });

  it('warns of an action that nothing shows at work', async () => {
    const [manifest] = await resultsOf({ action: { examples: [] }, recording: null });
    assert.equal(manifest?.state, 'passed');
    assert.deepEqual(
      manifest.warnings.map(({ pointer }) => pointer),
      ['/contributes/actions/create'],
    );
  });

  it('compares generated types with those of the manifest', async () => {
    const parts: PluginParts = { files: { 'src/gen/manifest.gen.ts': 'old' } };
    const generateTypes = async () => ({ path: 'src/gen/manifest.gen.ts', text: 'new' });
    const { ids } = failuresOf(await resultsOf(parts, { generateTypes, only: 'package/types' }));
    assert.deepEqual(ids, ['package/types']);
    const current = await resultsOf(parts, { generateTypes: async () => ({ path: 'src/gen/manifest.gen.ts', text: 'old' }) });
    assert.equal(current.find(({ id }) => id === 'package/types')?.state, 'passed');
  });

  it('tells what of a request is not as it was recorded', async () => {
    const [exchange] = RECORDING.exchanges;
    const request = { ...exchange.request, body: { email: 'other@example.invalid' } };
    const { text } = failuresOf(await resultsOf({ recording: { exchanges: [{ ...exchange, request }] } }));
    assert.match(
      text,
      /exchanges\/0\/request POST https:\/\/api.acme.example\/contacts is not in the recording: \/body\/email is "ada@example.invalid"/,
    );
    assert.match(text, /exchanges\/0\/request POST https:\/\/api.acme.example\/contacts was not made/);
  });

  it('shows the error that a handler ends with in place of the recorded one', async () => {
    const parts: PluginParts = { create: `throw new TypeError('boom');` };
    const { text } = failuresOf(await resultsOf(parts));
    assert.match(text, /the call fails with PLUGIN_FAULTY/);
  });
});
