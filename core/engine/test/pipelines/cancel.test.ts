import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createCancelRun } from '../../src/pipelines/runs/cancel-run.ts';
import { HELD_RUNS, RUNS } from '../../src/pipelines/tables.ts';
import { crashEverywhere, inputsOf, onSignup, putPipeline, startRun, states, TENANT } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';
import { createRunWorld, signup } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';
import { deliver } from './starts-world.ts';

/** A call that takes effect at once and answers when its signal is aborted, or when told. */
function hanging(idempotency: 'key' | 'none' | 'check'): FakeAction & { readonly answer: () => void } {
  let answer = (): void => undefined;
  return {
    idempotency,
    answer: () => {
      answer();
    },
    run: ({ signal }, effect) => {
      effect();
      return new Promise((resolve, reject) => {
        answer = () => {
          resolve({ answered: true });
        };
        signal?.addEventListener('abort', () => {
          reject(new TendrilError('ACTION_ABORTED'));
        });
      });
    },
  };
}

const cancel = (process: Process, runId: string, mode: 'now' | 'after_step' = 'now'): Promise<void> =>
  process.pipelines.runs(TENANT).cancel(runId, { mode, reason: 'no longer wanted' });

const TWO = onSignup('  - { action: crm.slow }\n  - { action: crm.a }\n');

describe('cancelling', () => {
  it('at once lets go of the call; of one that is `none` or `check` nobody knows', async () => {
    for (const idempotency of ['none', 'check', 'key'] as const) {
      const { world, process, runId } = await startRun({ 'crm.slow': hanging(idempotency), 'crm.a': {} }, TWO);
      await world.engine.time.advance(100);
      await cancel(process, runId);
      await world.engine.time.advance(0);
      const run = await world.run(process, runId);
      assert.equal(run.state, 'cancelled');
      assert.equal(run.steps[0]?.state, idempotency === 'key' ? 'failed' : 'needs_review');
      assert.equal(run.reason?.startsWith('no longer wanted'), true);
      assert.equal(run.reason?.includes('not known'), idempotency !== 'key');
      assert.equal(world.world.requests.length, 1);
      await assert.rejects(process.pipelines.runs(TENANT).resolve(runId, 'happened'), { code: 'RUN_NOT_IN_REVIEW' });
    }
  });

  it('after the step waits for its end and begins nothing new', async () => {
    const slow = hanging('none');
    const { world, process, runId } = await startRun({ 'crm.slow': slow, 'crm.a': {} }, TWO);
    await world.engine.time.advance(100);
    await cancel(process, runId, 'after_step');
    await world.engine.time.advance(5_000);
    assert.equal((await world.run(process, runId)).state, 'running');
    slow.answer();
    const run = await world.settle(process, runId, 10_000);
    assert.equal(run.state, 'cancelled');
    assert.deepEqual(states(run), { '0': 'succeeded' });
  });

  it('at once is stronger than after the step', async () => {
    const { world, process, runId } = await startRun({ 'crm.slow': hanging('key'), 'crm.a': {} }, TWO);
    await world.engine.time.advance(100);
    await cancel(process, runId, 'after_step');
    await cancel(process, runId, 'now');
    assert.equal((await world.settle(process, runId, 10_000)).state, 'cancelled');
  });

  it('ends runs at once that sleep, are blocked or wait for a person', async () => {
    for (const [steps, state] of [
      ['  - { wait: 10h }\n', 'sleeping'],
      ['  - { action: crm.login }\n', 'blocked'],
      ['  - { action: crm.unsure }\n', 'needs_review'],
      ['  - { approve: { by: sales } }\n', 'needs_approval'],
    ] as const) {
      const fakes: Readonly<Record<string, FakeAction>> = {
        'crm.login': {
          run: () => {
            throw new TendrilError('UPSTREAM_UNAUTHORIZED');
          },
        },
        'crm.unsure': {
          idempotency: 'none',
          run: () => {
            throw new TendrilError('UPSTREAM_UNAVAILABLE');
          },
        },
      };
      const { world, process, runId } = await startRun(fakes, onSignup(steps));
      await world.engine.time.advance(1_000);
      assert.equal((await world.run(process, runId)).state, state);
      await cancel(process, runId);
      await world.engine.time.advance(1_000);
      assert.equal((await world.run(process, runId)).state, 'cancelled', state);
    }
  });

  it('of an ended or unknown run is refused, asking twice is not', async () => {
    const { world, process, runId } = await startRun({}, onSignup('  - { wait: 1h }\n'));
    await world.engine.time.advance(100);
    await Promise.all([cancel(process, runId), cancel(process, runId)]);
    await world.settle(process, runId, 10_000);
    await assert.rejects(cancel(process, runId), { code: 'RUN_ENDED' });
    await assert.rejects(cancel(process, 'nobody'), { code: 'RUN_UNKNOWN' });
  });

  it('is heard by another process, with the next renewal of the lease at the latest', async () => {
    const { world, process, runId } = await startRun({ 'crm.slow': hanging('key'), 'crm.a': {} }, TWO);
    await world.engine.time.advance(100);
    const other = await world.boot({});
    await cancel(other, runId);
    assert.equal((await world.run(process, runId)).state, 'running');
    await world.engine.time.advance(11_000);
    assert.equal((await world.run(process, runId)).state, 'cancelled');
  });

  it('is never lost, whenever it comes and wherever the process dies', async function () {
    this.timeout(120_000);
    const source = onSignup('  - { action: crm.a, compensate: [{ action: crm.undo }] }\n  - { wait: 5s }\n  - { action: crm.a }\n');
    const died = await crashEverywhere(
      {
        fakes: () => ({ 'crm.a': { idempotency: 'check' }, 'crm.undo': { idempotency: 'check' } }),
        sources: [source],
        withinMs: 60_000,
        meanwhile: async ({ worker }, runId, { engine }) => {
          await engine.time.advance(50);
          // Asked by somebody who does not die with the process.
          const ask = createCancelRun({ tenants: engine.tenants, worker, clock: engine.time });
          await ask(TENANT, runId).catch((error: unknown) => {
            if (!TendrilError.is(error) || error.code !== 'RUN_ENDED') throw error;
          });
        },
      },
      (run, world, place) => {
        assert.equal(run.state, 'cancelled', place);
        for (const [key, effects] of world.world.effectsByKey()) assert.equal(effects, 1, `${place}: ${key}`);
        const isDone = states(run)['0'] === 'succeeded';
        assert.equal(states(run)['0.compensate.0'], isDone ? 'succeeded' : undefined, place);
        // Cut off in its call by the death: it is asked neither then nor later, and a person is told.
        assert.equal(run.reason?.includes('not known') ?? false, states(run)['0'] === 'needs_review', place);
      },
    );
    assert.ok(died.has('run.before-finish'));
  });

  it('while the end is written is not lost either', async () => {
    const world = await createRunWorld();
    await putPipeline(world, onSignup('  - { action: crm.a }\n'));
    let asked: Promise<void> = Promise.resolve();
    let runId = '';
    const second = await world.boot({});
    const process = await world.boot(
      { 'crm.a': {} },
      {
        faultPoint: (name) => {
          if (name === 'run.before-finish') asked = cancel(second, runId);
        },
      },
    );
    await second.worker.stop(0).catch(() => undefined);
    runId = (await world.trigger(process))[0] ?? '';
    const run = await world.settle(process, runId, 10_000);
    await asked.catch((error: unknown) => {
      assert.equal((error as TendrilError).code, 'RUN_ENDED');
    });
    assert.ok(run.state === 'cancelled' || run.state === 'succeeded');
  });
});

describe('cancelling a run that has come to its end', () => {
  it('counts as long as the end is not on disk, also while runs are let go that it has called', async () => {
    const branches = ['b', 'c', 'd', 'e'].map((name) => `        ${name}: [{ call: child }]\n`).join('');
    const parent = onSignup(`  - parallel:\n        a: [{ action: crm.slow }]\n${branches}    join: any\n`);
    const child = 'pipeline: child\ntrigger: { manual: {} }\nsteps: [{ wait: 10h }]\n';
    for (let count = 1; count <= 8; count += 1) {
      const slow = hanging('key');
      const { world, process, runId } = await startRun({ 'crm.slow': slow }, parent, child);
      await world.engine.time.advance(1_000);
      let commits = 0;
      let asked: Promise<string> | undefined;
      world.failCommits = () => {
        commits += 1;
        if (commits === count)
          asked = cancel(process, runId).then(
            () => 'cancelled',
            () => 'succeeded',
          );
        return false;
      };
      slow.answer();
      const run = await world.settle(process, runId, 10_000);
      assert.equal(run.state, await asked, `at commit ${String(count)}`);
    }
  });
});

describe('cancelling behind the decision of a person', () => {
  it('undoes what the person says has happened', async () => {
    const unsure: FakeAction = {
      idempotency: 'none',
      run: (_, effect) => {
        effect();
        throw new TendrilError('UPSTREAM_UNAVAILABLE');
      },
    };
    const undone = (action: string, n: number): string =>
      `  - { action: ${action}, retry: { attempts: 1 }, compensate: [{ action: crm.undo, with: { n: ${String(n)} } }] }\n`;
    const fakes = { 'crm.a': {}, 'crm.unsure': unsure, 'crm.undo': {} };
    const { world, process, runId } = await startRun(fakes, onSignup(`${undone('crm.a', 1)}${undone('crm.unsure', 2)}`));
    assert.equal((await world.settle(process, runId)).state, 'needs_review');
    const stopped = process.worker.stop(0);
    await world.engine.time.advance(10_000);
    await stopped;
    const runs = process.pipelines.runs(TENANT);
    await runs.resolve(runId, 'happened');
    await runs.cancel(runId);
    const other = await world.boot(fakes);
    assert.equal((await world.settle(other, runId)).state, 'cancelled');
    assert.deepEqual(
      inputsOf(world, 'crm.undo').map(({ n }) => n),
      [2, 1],
    );
  });
});

describe('a pipeline that holds its runs', () => {
  const STEPS = onSignup('  - { action: crm.slow }\n  - { action: crm.a }\n');

  it('stops them before their next step until it goes on', async () => {
    const slow = hanging('key');
    const { world, process, runId } = await startRun({ 'crm.slow': slow, 'crm.a': {} }, STEPS);
    await world.engine.time.advance(100);
    await process.pipelines.service(TENANT).pause('a', { holdRuns: true });
    await world.engine.time.advance(2_000);
    slow.answer();
    await world.engine.time.advance(60_000);
    assert.equal((await world.run(process, runId)).state, 'sleeping');
    assert.equal(inputsOf(world, 'crm.a').length, 0);
    await process.pipelines.service(TENANT).resume('a');
    assert.equal((await world.settle(process, runId, 10_000)).state, 'succeeded');
    assert.equal((await world.tenant.state.query(HELD_RUNS, {})).items.length, 0);
  });

  it('lets them be cancelled, and go on when it is paused without holding', async () => {
    for (const how of ['cancel', 'release'] as const) {
      const slow = hanging('key');
      const { world, process, runId } = await startRun({ 'crm.slow': slow, 'crm.a': {} }, STEPS);
      await world.engine.time.advance(100);
      await process.pipelines.service(TENANT).pause('a', { holdRuns: true });
      await world.engine.time.advance(2_000);
      slow.answer();
      await world.engine.time.advance(1_000);
      if (how === 'cancel') await cancel(process, runId);
      else await process.pipelines.service(TENANT).pause('a');
      assert.equal((await world.settle(process, runId, 10_000)).state, how === 'cancel' ? 'cancelled' : 'succeeded');
      assert.equal((await world.tenant.state.query(HELD_RUNS, {})).items.length, 0);
    }
  });

  it('goes on with a run that was put away just when it was released', async () => {
    const world = await createRunWorld();
    await putPipeline(world, STEPS);
    const slow = hanging('key');
    let released: Promise<void> | undefined;
    const process: Process = await world.boot(
      { 'crm.slow': slow, 'crm.a': {} },
      {
        faultPoint: (name) => {
          if (name === 'run.before-suspend') released ??= process.pipelines.service(TENANT).resume('a');
        },
      },
    );
    const [runId = ''] = await world.trigger(process);
    await world.engine.time.advance(100);
    await process.pipelines.service(TENANT).pause('a', { holdRuns: true });
    await world.engine.time.advance(2_000);
    slow.answer();
    assert.equal((await world.settle(process, runId, 10_000)).state, 'succeeded');
    assert.ok(released !== undefined);
  });

  it('goes on with them also when the process dies behind the release', async () => {
    for (const how of ['resume', 'pause', 'undeploy'] as const) {
      const slow = hanging('key');
      const { world, process, runId } = await startRun({ 'crm.slow': slow, 'crm.a': {} }, STEPS);
      await world.engine.time.advance(100);
      const service = process.pipelines.service(TENANT);
      await service.pause('a', { holdRuns: true });
      await world.engine.time.advance(2_000);
      slow.answer();
      await world.engine.time.advance(60_000);
      let commits = 0;
      world.failCommits = () => {
        commits += 1;
        return commits > 1;
      };
      await assert.rejects(service[how]('a'), { code: 'STORE_UNAVAILABLE' });
      world.failCommits = () => false;
      assert.equal((await world.settle(process, runId, 60_000)).state, 'succeeded', how);
      assert.equal((await world.tenant.state.query(HELD_RUNS, {})).items.length, 0);
    }
  });

  it('has a run look once more that may have heard too late that it goes on, and then sleep', async () => {
    const slow = hanging('key');
    const { world, process } = await startRun({ 'crm.slow': slow, 'crm.a': {} }, STEPS);
    const { time, stores } = world.engine;
    await time.advance(100);
    await process.pipelines.service(TENANT).pause('a', { holdRuns: true });
    await time.advance(2_000);
    slow.answer();
    await time.advance(100);
    const inMs = async (): Promise<number> => ((await stores.state.jobs.nextDueAt()) ?? 0) - time.now();
    assert.equal((await world.tenant.state.query(HELD_RUNS, {})).items.length, 1);
    assert.ok((await inMs()) <= 5_000);
    await time.advance(6_000);
    assert.ok((await inMs()) > 1e15);
    assert.equal(inputsOf(world, 'crm.a').length, 0);
  });
});

describe('runs that wait for their turn', () => {
  /** One that hangs holds what the others wait for. */
  async function begin(
    flow: string,
  ): Promise<{ readonly world: RunWorld; readonly process: Process; readonly answer: () => void; readonly ids: readonly string[] }> {
    const world = await createRunWorld();
    const slow = hanging('key');
    await putPipeline(world, onSignup('  - { action: crm.slow }\n', `${flow}\n`));
    const process = await world.boot({ 'crm.slow': slow });
    const ids: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      ids.push(...(await trigger(world, process)));
      await world.engine.time.advance(100);
    }
    return { world, process, answer: slow.answer, ids };
  }

  async function trigger(world: RunWorld, process: Process): Promise<readonly string[]> {
    const before = new Set((await process.pipelines.runs(TENANT).list({})).items.map(({ id }) => id));
    await deliver(world, process, [signup(world.engine)]);
    return (await process.pipelines.runs(TENANT).list({})).items.map(({ id }) => id).filter((id) => !before.has(id));
  }

  for (const flow of ['serial: { key: event.name }', 'concurrency: { limit: 1 }', 'throttle: { limit: 1, period: 1m }'])
    it(`are cancelled at once, and nobody's turn is theirs (${flow})`, async () => {
      const { world, process, answer, ids } = await begin(flow);
      const [first = '', second = ''] = ids;
      const [third = ''] = await trigger(world, process);
      await cancel(process, second);
      await world.engine.time.advance(100);
      assert.equal((await world.run(process, second)).state, 'cancelled');
      assert.equal((await world.run(process, first)).state, 'running');
      assert.equal(world.world.requests.length, 1);
      answer();
      await world.engine.time.advance(100);
      answer();
      await world.engine.time.until(async () => {
        answer();
        return (await world.run(process, third)).endedAt !== undefined;
      }, 5_000);
      assert.equal((await world.run(process, third)).state, 'succeeded');
      assert.deepEqual(await world.engine.stores.state.jobs.counts(), []);
    });

  it('give way to a later one where that is wanted, but not once they have begun', async () => {
    const { world, process, answer, ids } = await begin('serial: { key: event.name, max: 1, overflow: replace }');
    assert.equal(ids.length, 1, 'the first has begun, though nothing of it is journalled');
    answer();
    await world.settle(process, ids[0] ?? '');
    assert.equal((await world.run(process, ids[0] ?? '')).state, 'succeeded');
  });

  it('are replaced at once, and counted once', async () => {
    const { world, process, answer, ids } = await begin('serial: { key: event.name, max: 2, overflow: replace }');
    const [first = '', second = ''] = ids;
    const [third = ''] = await trigger(world, process);
    await world.engine.time.advance(100);
    assert.deepEqual(await Promise.all([first, second, third].map(async (id) => (await world.run(process, id)).state)), [
      'running',
      'cancelled',
      'running',
    ]);
    const [run] = await world.tenant.state.get(RUNS, [third]);
    const counter = String(run?.value['openCounter']);
    assert.deepEqual(await world.tenant.state.counters([counter]), [2]);
    answer();
    await world.engine.time.until(async () => {
      answer();
      return (await world.run(process, third)).endedAt !== undefined;
    }, 100);
    assert.deepEqual(await world.tenant.state.counters([counter]), [0]);
  });
});
