import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createOfflineTester } from '@tendril/engine';
import type { OfflineTester } from '@tendril/engine';
import { createMemoryStores } from '@tendril/testkit/stores';
import { FIRST_PARTY, findPlugins } from '../../cli/src/wiring/plugin-sources.ts';

const folder = new URL('../../examples/pipelines/', import.meta.url);
const files = (await readdir(folder)).sort();

describe('the example pipelines', () => {
  let play: OfflineTester;

  before(async () => {
    play = await createOfflineTester(await findPlugins(FIRST_PARTY), {
      createStores: createMemoryStores,
      readBeside: (_file, name) => readFile(new URL(name, folder), 'utf8'),
    });
  });

  it('have cases beside them, each', () => {
    const pipelines = files.filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'));
    assert.ok(pipelines.length >= 6);
    for (const file of pipelines) assert.ok(files.includes(file.replace('.yaml', '.test.yaml')), file);
  });

  it('and the guide show cases that can be played', async () => {
    const guide = await readFile(new URL('../../docs/guides/asking.md', import.meta.url), 'utf8');
    const [, snippet = ''] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? [];
    const { faults, cases } = await play(snippet, 'welcome.test.yaml');
    assert.deepEqual(faults, []);
    assert.equal(cases.length, 1);
  });

  for (const file of files.filter((name) => name.endsWith('.test.yaml'))) {
    it(`${file} does what its cases say`, async () => {
      const result = await play(await readFile(new URL(file, folder), 'utf8'), file);
      assert.deepEqual(result.faults, []);
      for (const { name, problems, error } of result.cases) assert.deepEqual({ problems, error }, { problems: [], error: undefined }, name);
    });
  }
});
