import assert from 'node:assert/strict';
import { isLarge, oversize } from '../../src/pipelines/runs/blobs.ts';
import { BLOBS, JOURNAL } from '../../src/pipelines/tables.ts';
import { crashEverywhere, inputsOf, onSignup, startRun, TENANT } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';
import type { RunWorld } from './run-world.ts';

const BIG = 'some words '.repeat(2_000);

const PASSED_ON = onSignup(`
  - { id: first, action: crm.big, with: { text: "\${{ event.properties.plan }}" } }
  - { wait: 5s }
  - { action: crm.a, with: { text: "\${{ steps.first.output.text }}" } }
`);

const big: FakeAction = { run: (_request, effect) => (effect(), { text: BIG }) };

async function rowsOf(world: RunWorld, table: typeof BLOBS): Promise<readonly { readonly key: string; readonly size: number }[]> {
  const { items } = await world.tenant.state.query(table, { limit: 1_000 });
  return items.map(({ key, value }) => ({ key, size: JSON.stringify(value).length }));
}

describe('large values', () => {
  it('are told from small ones without writing them out', () => {
    assert.equal(isLarge('x'.repeat(8_000)), false);
    assert.equal(isLarge('x'.repeat(9_000)), true);
    assert.equal(isLarge(Array.from({ length: 5_000 }, (_, i) => i)), true);
    assert.equal(isLarge({ a: { b: [{ c: 'x'.repeat(9_000) }] } }), true);
    assert.equal(isLarge(undefined), false);
    assert.equal(oversize('x'.repeat(100_000)), undefined);
    assert.ok((oversize('x'.repeat(4 * 1024 * 1024)) ?? 0) > 4 * 1024 * 1024);
    // Its JSON would be longer than any text can be.
    const long = 'x'.repeat(60_000);
    assert.ok((oversize(Array.from({ length: 10_000 }, () => long)) ?? 0) > 4 * 1024 * 1024);
  });

  it('are kept beside the journal, and are there after the run was put away', async () => {
    const { world, process, runId } = await startRun({ 'crm.big': big, 'crm.a': {} }, PASSED_ON);
    await world.engine.time.advance(1_000);
    assert.deepEqual(
      (await rowsOf(world, BLOBS)).map(({ key }) => key),
      [`${runId}/0#output`],
    );
    assert.ok((await rowsOf(world, JOURNAL)).every(({ size }) => size < 2_000));
    const run = await world.settle(process, runId, 30_000);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.deepEqual(inputsOf(world, 'crm.a'), [{ text: BIG }]);
    assert.deepEqual(run.steps[0]?.output, { text: BIG });
    assert.deepEqual(run.steps[2]?.input, { text: BIG });
  });

  it('survive a death at any line', async function () {
    this.timeout(120_000);
    await crashEverywhere(
      { fakes: () => ({ 'crm.big': big, 'crm.a': {} }), sources: [PASSED_ON], withinMs: 60_000 },
      async (run, world, place) => {
        assert.equal(run.state, 'succeeded', place);
        assert.equal(inputsOf(world, 'crm.a').at(-1)?.['text'], BIG, place);
        assert.deepEqual(
          (await rowsOf(world, BLOBS)).map(({ key }) => key.split('/')[1]),
          ['0#output', '2#input'],
          place,
        );
      },
    );
  });

  it('are gone with the record that they belong to', async () => {
    const people: FakeAction = {
      effect: 'read',
      run: ({ input }) => ({ items: [{ text: BIG }, { text: BIG }], ...(input['cursor'] === undefined ? { nextCursor: 'x' } : {}) }),
    };
    const { world, process, runId } = await startRun(
      { 'crm.people': people, 'crm.a': {} },
      onSignup(`
  - forEach: { action: crm.people, items: items }
    do: [{ action: crm.a, with: { text: "\${{ each.item.text }}" } }, { wait: 2s }]
  - { id: list, set: { all: "\${{ [event.properties.plan] }}" } }
`),
    );
    await world.engine.time.advance(1_000);
    assert.ok((await rowsOf(world, BLOBS)).some(({ key }) => key.endsWith('/0.page.0#output')));
    const run = await world.settle(process, runId, 60_000);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.deepEqual(await rowsOf(world, BLOBS), []);
  });

  it('go with a run that is done again from a later step', async () => {
    const { world, process, runId } = await startRun({ 'crm.big': big, 'crm.a': {} }, PASSED_ON);
    await world.settle(process, runId, 30_000);
    const again = await process.pipelines.runs(TENANT).replay(runId, { fromStep: '2' });
    const run = await world.settle(process, again.runId, 30_000);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.deepEqual(inputsOf(world, 'crm.a'), [{ text: BIG }, { text: BIG }]);
    assert.equal(inputsOf(world, 'crm.big').length, 1);
  });

  it('over the limit fail the step without doing it again', async () => {
    const { world, process, runId } = await startRun(
      { 'crm.big': { run: (_request, effect) => (effect(), { text: 'some words '.repeat(400_000) }) } },
      onSignup('  - { action: crm.big, idempotencyKey: once }\n'),
    );
    const [second = ''] = await world.trigger(process);
    for (const id of [runId, second]) assert.equal((await world.settle(process, id)).error?.['code'], 'ACTION_OUTPUT_INVALID');
    assert.equal(world.world.effects.length, 1);
  });
});
