import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { crashEverywhere, inputsOf, onSignup, startRun, states } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';

const RACE = onSignup(`
  - id: race
    parallel:
      slow: [{ wait: 1m }, { action: crm.a, with: { who: slow } }]
      quick: [{ action: crm.a, with: { who: quick } }, { wait: 5s }, { action: crm.a, with: { who: winner } }]
    join: any
  - { action: crm.a, with: { who: "\${{ steps.race.output.branch }}" } }
`);

const rejected: FakeAction = {
  run: () => {
    throw new TendrilError('UPSTREAM_REJECTED');
  },
};

describe('parallel with join any', () => {
  it('goes on when the first branch has ended well; waits of the others are over', async () => {
    const { world, process, runId } = await startRun({ 'crm.a': {} }, RACE);
    const run = await world.settle(process, runId, 30_000);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.ok((run.endedAt ?? 0) - run.startedAt < 10_000);
    assert.deepEqual(
      inputsOf(world, 'crm.a').map(({ who }) => who),
      ['quick', 'winner', 'quick'],
    );
    assert.equal(states(run)['0.parallel.slow.0'], 'skipped');
  });

  it('keeps its winner and repeats nothing after a death at any line', async function () {
    this.timeout(120_000);
    await crashEverywhere(
      { fakes: () => ({ 'crm.a': { idempotency: 'check' } }), sources: [RACE], withinMs: 60_000 },
      (run, world, place) => {
        assert.equal(run.state, 'succeeded', place);
        assert.deepEqual([...world.world.effectsByKey().values()], [1, 1, 1], place);
        assert.equal(states(run)['0.parallel.slow.0'], 'skipped', place);
      },
    );
  });

  it('loses the branches that fail, and fails when all have', async () => {
    const first = await startRun(
      { 'crm.a': {}, 'crm.bad': rejected },
      onSignup('  - parallel: { bad: [{ action: crm.bad }], good: [{ wait: 5s }, { action: crm.a }] }\n    join: any\n'),
    );
    assert.equal((await first.world.settle(first.process, first.runId, 30_000)).state, 'succeeded');
    assert.equal(first.world.world.effects.length, 1);
    const second = await startRun(
      { 'crm.bad': rejected },
      onSignup('  - parallel: { one: [{ fail: { reason: no } }], two: [{ wait: 5s }, { action: crm.bad }] }\n    join: any\n'),
    );
    const run = await second.world.settle(second.process, second.runId, 30_000);
    assert.equal(run.error?.['code'], 'RUN_FAILED');
  });

  it('lets a call end that is under way in a branch that lost', async () => {
    let answer = (): void => undefined;
    const slow: FakeAction = {
      run: (_request, effect) =>
        new Promise((resolve) => {
          answer = () => {
            effect();
            resolve({ late: true });
          };
        }),
    };
    const { world, process, runId } = await startRun(
      { 'crm.slow': slow, 'crm.a': {} },
      onSignup('  - parallel: { slow: [{ action: crm.slow }, { action: crm.a }], quick: [{ set: { a: 1 } }] }\n    join: any\n'),
    );
    await world.engine.time.advance(1_000);
    assert.equal((await world.run(process, runId)).state, 'running');
    answer();
    const run = await world.settle(process, runId, 10_000);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(states(run), { '0': 'succeeded', '0.parallel.slow.0': 'succeeded', '0.parallel.quick.0': 'succeeded' });
  });
});
