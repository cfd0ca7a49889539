import assert from 'node:assert/strict';
import { createRunWorld, TENANT } from './run-world.ts';

describe('runs', () => {
  it('do their steps one after another and end', async () => {
    const world = await createRunWorld();
    const process = await world.boot({
      'crm.upsert': { run: (request, effect) => (effect(), { id: `lead-${JSON.stringify(request.input['n'])}` }) },
    });
    await process.pipelines.service(TENANT).deploy(`
pipeline: a
trigger: { event: Signup Completed }
steps:
  - { id: one, action: crm.upsert, with: { n: 1 } }
  - { id: two, action: crm.upsert, with: { n: "\${{ steps.one.output.id }}" } }
  - { action: crm.upsert, with: { text: "\${{ event.properties.plan }}-\${{ steps.two.output.id }}" } }
`);
    const [runId = ''] = await world.trigger(process);
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(
      run.steps.map(({ path, state, output }) => [path, state, output]),
      [
        ['0', 'succeeded', { id: 'lead-1' }],
        ['1', 'succeeded', { id: 'lead-"lead-1"' }],
        ['2', 'succeeded', { id: 'lead-undefined' }],
      ],
    );
    assert.equal(world.world.requests[2]?.input['text'], 'pro-lead-"lead-1"');
    assert.equal(new Set(world.world.effects).size, 3);
  });
});
