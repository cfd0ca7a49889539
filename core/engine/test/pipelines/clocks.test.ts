import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { crashEverywhere, dieAt, inputsOf, onSignup, putPipeline, startRun, TENANT } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';
import { jobIdOf } from '../../src/pipelines/runs/records.ts';
import { createRunWorld } from './run-world.ts';

/** A call that takes effect when told, and then answers. */
function told(idempotency: 'key' | 'none' | 'check'): FakeAction & { readonly answer: () => void; readonly calls: () => number } {
  const answers: (() => void)[] = [];
  let calls = 0;
  return {
    idempotency,
    calls: () => calls,
    answer: () => {
      for (const answer of answers.splice(0)) answer();
    },
    run: (_request, effect) => {
      calls += 1;
      return new Promise((resolve) => {
        answers.push(() => {
          effect();
          resolve({ done: true });
        });
      });
    },
  };
}

const STEPS = onSignup('  - { action: crm.slow }\n  - { action: crm.a }\n');

describe('a worker that was frozen past its lease', () => {
  for (const idempotency of ['none', 'check', 'key'] as const) {
    it(`in a call that is ${idempotency} writes nothing, and no effect happens twice`, async () => {
      const slow = told(idempotency);
      const { world, runId, process } = await startRun({ 'crm.slow': slow, 'crm.a': {} }, STEPS);
      await world.engine.time.advance(100);
      assert.equal(slow.calls(), 1);
      // The process stands still while the time goes on: its timers have not fired when it is woken.
      world.engine.time.freeze(60_000);
      const other = await world.boot({ 'crm.slow': slow, 'crm.a': {} });
      slow.answer();
      await world.engine.time.advance(1_000);
      const open = await world.settle(other, runId, 10_000).catch(() => world.run(process, runId));
      if (open.state === 'needs_review') {
        assert.equal(idempotency, 'none');
        await other.pipelines.runs(TENANT).resolve(runId, 'happened', { done: true });
      }
      slow.answer();
      await world.engine.time.advance(1_000);
      const run = await world.settle(other, runId, 10_000);
      assert.equal(run.state, 'succeeded');
      for (const [key, effects] of world.world.effectsByKey()) assert.equal(effects, 1, key);
      assert.equal(world.world.effects.length, 2);
    });
  }

  it('between two steps begins nothing more', async () => {
    const world = await createRunWorld();
    await putPipeline(world, onSignup('  - { action: crm.a }\n  - { action: crm.a }\n'));
    let isFrozen = false;
    const frozen = await world.boot(
      { 'crm.a': {} },
      {
        faultPoint: (name) => {
          if (name !== 'step.after-journal' || isFrozen) return;
          isFrozen = true;
          world.engine.time.freeze(60_000);
        },
      },
    );
    const [runId = ''] = await world.trigger(frozen);
    const run = await world.settle(frozen, runId, 120_000);
    assert.equal(run.state, 'succeeded');
    assert.ok(isFrozen);
    assert.deepEqual([...world.world.effectsByKey().values()], [1, 1]);
    assert.equal(world.world.requests.length, 2);
  });
});

describe('a clock that jumps', () => {
  it('forwards ends waits early at most, and repeats nothing', async () => {
    const { world, process, runId } = await startRun(
      { 'crm.a': {} },
      onSignup('  - { action: crm.a }\n  - { wait: 1h }\n  - { action: crm.a }\n'),
    );
    await world.engine.time.advance(1_000);
    world.engine.time.freeze(7_200_000);
    const run = await world.settle(process, runId, 10_000);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual([...world.world.effectsByKey().values()], [1, 1]);
  });

  it('backwards makes a wait longer at most by the jump, and repeats nothing', async () => {
    const { world, process, runId } = await startRun(
      { 'crm.a': {} },
      onSignup('  - { action: crm.a }\n  - { wait: 5s }\n  - { action: crm.a, timeout: 1h }\n', 'timeout: 1d\n'),
    );
    await world.engine.time.advance(1_000);
    assert.equal((await world.run(process, runId)).state, 'sleeping');
    world.engine.time.freeze(-20_000);
    await world.engine.time.advance(20_000);
    assert.equal(inputsOf(world, 'crm.a').length, 1);
    const run = await world.settle(process, runId, 60_000);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual([...world.world.effectsByKey().values()], [1, 1]);
  });

  it('while a call is under way does not make it twice', async () => {
    for (const jumpMs of [-40_000, 40_000]) {
      const slow = told('none');
      const { world, process, runId } = await startRun({ 'crm.slow': slow, 'crm.a': {} }, STEPS);
      await world.engine.time.advance(100);
      world.engine.time.freeze(jumpMs);
      await world.engine.time.advance(1_000);
      slow.answer();
      await world.engine.time.advance(1_000);
      let run = await world.settle(process, runId, 60_000);
      if (run.state === 'needs_review') {
        await process.pipelines.runs(TENANT).resolve(runId, 'happened', {});
        run = await world.settle(process, runId, 60_000);
      }
      assert.equal(run.state, 'succeeded', String(jumpMs));
      assert.equal(slow.calls(), 1);
    }
  });
});

describe('an event loop that is blocked', () => {
  it('past the lease costs time only', async function () {
    this.timeout(60_000);
    let isBlocked = false;
    const action: FakeAction = {
      idempotency: 'check',
      run: (_request, effect) => {
        effect();
        if (isBlocked) return {};
        isBlocked = true;
        blocker();
        return {};
      },
    };
    let blocker = (): void => undefined;
    const source = onSignup('  - { action: crm.a }\n  - { action: crm.a }\n');
    const { world, process, runId } = await startRun({ 'crm.a': action }, source);
    blocker = () => {
      world.engine.time.freeze(45_000);
    };
    const run = await world.settle(process, runId, 120_000);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual([...world.world.effectsByKey().values()], [1, 1]);
  });
});

describe('a run that no worker holds', () => {
  it('is found and goes on, whatever kind of step it was in', async function () {
    this.timeout(120_000);
    const source = onSignup(`
  - parallel:
      one: [{ forEach: "\${{ [1, 2] }}", do: [{ action: crm.a }, { wait: 2s }] }]
      two: [{ if: event.properties.plan == "pro", then: [{ action: crm.a }], retry: { attempts: 2, initial: 1s, on: [UPSTREAM_REJECTED] } }]
`);
    let calls = 0;
    await crashEverywhere(
      {
        fakes: () => {
          calls = 0;
          return {
            'crm.a': {
              idempotency: 'check',
              run: (_request, effect) => {
                calls += 1;
                if (calls === 2) throw new TendrilError('UPSTREAM_REJECTED', { isWithoutEffect: true });
                effect();
                return {};
              },
            },
          };
        },
        sources: [source],
        withinMs: 60_000,
      },
      (run, world, place) => {
        assert.ok(run.endedAt !== undefined, place);
        for (const [key, effects] of world.world.effectsByKey()) assert.equal(effects, 1, `${place}: ${key}`);
      },
    );
  });

  it('because it kills one process after another ends as failed, and says that nobody knows about its call', async () => {
    const world = await createRunWorld();
    await putPipeline(world, onSignup('  - { action: crm.a }\n'));
    const first = await world.boot({ 'crm.a': { idempotency: 'none' } }, { faultPoint: dieAt('step.after-intent', 1).faultPoint });
    const [runId = ''] = await world.trigger(first);
    for (let deaths = 0; deaths < 7; deaths += 1) {
      await world.boot({ 'crm.a': { idempotency: 'none' } }, { faultPoint: dieAt('run.before-load', 1).faultPoint });
      await world.engine.time.advance(40_000);
    }
    const last = await world.boot({ 'crm.a': { idempotency: 'none' } });
    const run = await world.settle(last, runId, 120_000);
    assert.deepEqual([run.state, run.error?.['code'], run.steps[0]?.state], ['failed', 'JOB_DIED', 'needs_review']);
  });

  it('because it kills one process after another says that it is not undone, and lets go of what it has called', async () => {
    const fakes = { 'crm.a': {}, 'crm.undo': {} };
    const world = await createRunWorld();
    const undone = '  - { action: crm.a, compensate: [{ action: crm.undo }] }\n';
    await putPipeline(world, onSignup(`${undone}  - { call: child }\n`));
    await putPipeline(world, 'pipeline: child\ntrigger: { manual: {} }\nsteps: [{ wait: 10h }]\n');
    const first = await world.boot(fakes);
    const [runId = ''] = await world.trigger(first);
    await world.engine.time.advance(1_000);
    const stopped = first.worker.stop(0);
    await world.engine.time.advance(10_000);
    await stopped;
    // Both sleep; only the caller is due.
    await world.tenant.state.commit([{ op: 'wake', jobId: jobIdOf(runId), dueAt: 0 }]);
    for (let deaths = 0; deaths < 7; deaths += 1) {
      await world.boot(fakes, { faultPoint: dieAt('run.before-load', 1).faultPoint });
      await world.engine.time.advance(40_000);
    }
    const last = await world.boot(fakes);
    const run = await world.settle(last, runId, 120_000);
    assert.deepEqual([run.error?.['code'], run.compensation], ['JOB_DIED', 'failed']);
    await world.engine.time.advance(60_000);
    const { items } = await last.pipelines.runs(TENANT).list({ pipeline: 'child' });
    assert.deepEqual(
      items.map(({ state }) => state),
      ['cancelled'],
    );
  });
});
