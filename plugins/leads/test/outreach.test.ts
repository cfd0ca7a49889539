import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createOfflineTester } from '@tendril/engine';
import { readSource } from '@tendril/testkit';
import { createMemoryStores } from '@tendril/testkit/stores';

describe('the ready-made pipeline outreach', () => {
  it('does what its cases say', async () => {
    const play = await createOfflineTester(
      ['leads', 'profiles', 'email'].map((plugin) => readSource(fileURLToPath(new URL(`../../${plugin}`, import.meta.url)))),
      {
        createStores: createMemoryStores,
        readBeside: (_file, name) => readFile(new URL(`../pipelines/${name}`, import.meta.url), 'utf8'),
      },
    );
    const cases = await readFile(new URL('./pipelines/outreach.test.yaml', import.meta.url), 'utf8');
    const result = await play(cases, 'outreach.test.yaml');
    assert.deepEqual(result.faults, []);
    assert.equal(result.cases.length, 5);
    for (const { name, problems, error } of result.cases) assert.deepEqual({ problems, error }, { problems: [], error: undefined }, name);
  });
});
