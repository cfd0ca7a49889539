import assert from 'node:assert/strict';
import type { FaultPoint } from '../../src/pipelines/index.ts';
import { RUNS } from '../../src/pipelines/tables.ts';
import { queryAll } from '../../src/tenants/index.ts';
import { Crash, createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

function source(steps: string, more = ''): string {
  return `pipeline: sums\ntrigger: { manual: {} }\n${more}steps: [ ${steps} ]`;
}

const ONLY_COMPUTES = '{ id: one, set: { n: 1 } }, { if: "steps.one.output.n == 1", then: [ { id: two, set: { n: 2 } } ] }';

async function started(text: string, faultPoint?: FaultPoint): Promise<{ readonly world: RunWorld; readonly process: Process }> {
  const world = await createRunWorld();
  const process = await world.boot({ 'crm.a': {} }, faultPoint === undefined ? {} : { faultPoint });
  await process.pipelines.service(TENANT).deploy(text);
  return { world, process };
}

describe('a run that only computes', () => {
  it('begins and ends in one commit, with its output, its steps and what tells of its end', async () => {
    const { world, process } = await started(source(ONLY_COMPUTES, 'output: { n: "${{ steps.two.output.n }}" }\n'));
    const { runId } = await process.pipelines.service(TENANT).start('sums', { idempotencyKey: 'k1' });
    const [row] = await queryAll(world.tenant.state, RUNS);
    assert.equal(row?.version, 1);
    assert.deepEqual([row.value['state'], row.value['output']], ['succeeded', { n: 2 }]);
    const run = await world.run(process, runId);
    assert.deepEqual(
      run.steps.map(({ path, state }) => [path, state]),
      [
        ['0', 'succeeded'],
        ['1', 'succeeded'],
        ['1.then.0', 'succeeded'],
      ],
    );
    assert.equal((await process.pipelines.service(TENANT).start('sums', { idempotencyKey: 'k1' })).isNew, false);
    assert.equal((await world.engine.stores.state.outbox.take(10)).length, 1);
    assert.deepEqual(await world.engine.stores.state.jobs.counts().then((counts) => counts.filter(({ kind }) => kind === 'run')), []);
  });

  it('ends as failed or stopped in the same way', async () => {
    for (const [step, state] of [
      ['{ fail: { reason: no } }', 'failed'],
      ['{ stop: { reason: enough } }', 'stopped'],
    ] as const) {
      const { world, process } = await started(source(step));
      await process.pipelines.service(TENANT).start('sums');
      assert.deepEqual(
        (await queryAll(world.tenant.state, RUNS)).map(({ value }) => value['state']),
        [state],
      );
    }
  });

  it('is there as a whole or not at all when the process dies', async () => {
    for (const point of ['run.before-start', 'step.before-journal', 'step.after-journal', 'run.after-finish', 'run.after-start'] as const) {
      const { world, process } = await started(source(ONLY_COMPUTES), (name) => {
        if (name === point) throw new Crash(name);
      });
      await assert.rejects(process.pipelines.service(TENANT).start('sums', { idempotencyKey: 'k1' }));
      const second = await world.boot({});
      const { runId } = await second.pipelines.service(TENANT).start('sums', { idempotencyKey: 'k1' });
      assert.equal((await world.settle(second, runId)).state, 'succeeded', point);
      assert.equal((await queryAll(world.tenant.state, RUNS)).length, 1, point);
    }
  });

  it('is started as others are when it does more, waits, or has to pass a gate', async () => {
    for (const text of [
      source('{ set: { n: 1 } }, { action: crm.a }'),
      source('{ set: { n: 1 } }, { wait: 1s }'),
      source('{ set: { n: 1 } }', 'concurrency: { limit: 1 }\n'),
    ]) {
      const { world, process } = await started(text);
      const { runId } = await process.pipelines.service(TENANT).start('sums');
      assert.equal((await world.settle(process, runId)).state, 'succeeded');
      assert.ok(((await queryAll(world.tenant.state, RUNS))[0]?.version ?? 0) > 1);
    }
  });
});
