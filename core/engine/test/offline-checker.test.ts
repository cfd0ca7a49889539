import assert from 'node:assert/strict';
import { createOfflineChecker } from '../src/index.ts';
import type { PipelineFile } from '../src/index.ts';
import { source } from './plugins/fixture.ts';

const SHOP = source({
  id: 'shop',
  contributes: {
    triggers: {
      new_order: {
        title: 'New order',
        kind: 'poll',
        every: '5m',
        primaryKey: '/number',
        output: { type: 'object', additionalProperties: false, properties: { number: { type: 'string' } } },
      },
    },
  },
});

const CALLER: PipelineFile = {
  file: 'caller.yaml',
  text: 'pipeline: caller\ntrigger: { source: shop.new_order }\nsteps: [{ call: called, with: { number: "${{ input.numbr }}", x: 1 } }]',
};
const CALLED: PipelineFile = {
  file: 'called.yaml',
  text: 'pipeline: called\ntrigger: { manual: {} }\ninput: { type: object, additionalProperties: false, properties: { number: { type: string } } }\nsteps: [{ stop: {} }]',
};

describe('the checker without a hub', () => {
  it('knows sources of plugins, and judges calls by the files at hand', async () => {
    const check = await createOfflineChecker([SHOP]);
    const messages = async (others: readonly PipelineFile[]): Promise<readonly string[]> =>
      (await check(CALLER.text, CALLER.file, others)).map(({ message }) => message);
    assert.deepEqual(await messages([]), ['`input` has no field `numbr`.']);
    assert.deepEqual(await messages([CALLER, CALLED]), ['`input` has no field `numbr`.', 'The pipeline has no input `x`.']);
  });

  it('refuses manifests with faults', async () => {
    await assert.rejects(createOfflineChecker([source({ id: 'shop', contributes: { actions: 3 } })]), {
      code: 'MANIFEST_INVALID',
    });
  });
});
