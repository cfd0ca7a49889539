import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';
import type { FakeAction } from './fake-actions.ts';

const FLOW = `
pipeline: a
trigger: { event: Signup Completed }
steps:
  - { id: one, action: crm.step, with: { n: 1 } }
  - if: event.properties.plan == "pro"
    then:
      - { id: two, action: crm.step, with: { n: "\${{ steps.one.output.n + 1 }}" } }
      - { id: three, action: crm.flaky, with: { n: "\${{ steps.two.output.n + 1 }}" }, retry: { attempts: 1 } }
  - { id: four, action: crm.step, with: { n: 9 } }
`;

interface Setting {
  readonly world: RunWorld;
  readonly process: Process;
  isBroken: boolean;
}

async function begin(): Promise<Setting> {
  const world = await createRunWorld();
  const setting = { isBroken: true } as { isBroken: boolean; world: RunWorld; process: Process };
  const step: FakeAction = { run: (request, effect) => (effect(), { n: request.input['n'] ?? 0 }) };
  const flaky: FakeAction = {
    run: (request, effect) => {
      if (setting.isBroken) throw new TendrilError('UPSTREAM_REJECTED');
      effect();
      return { n: request.input['n'] ?? 0 };
    },
  };
  setting.world = world;
  setting.process = await world.boot({ 'crm.step': step, 'crm.flaky': flaky });
  await setting.process.pipelines.service(TENANT).deploy(FLOW);
  return setting;
}

async function failOnce(setting: Setting): Promise<string> {
  const [runId = ''] = await setting.world.trigger(setting.process);
  assert.equal((await setting.world.settle(setting.process, runId)).state, 'failed');
  setting.isBroken = false;
  return runId;
}

describe('doing a run again', () => {
  it('starts a new run with the same event and effects of its own', async () => {
    const setting = await begin();
    const runId = await failOnce(setting);
    const before = setting.world.world.effects.length;
    const runs = setting.process.pipelines.runs(TENANT);
    const again = await runs.replay(runId);
    const run = await setting.world.settle(setting.process, again.runId);
    assert.deepEqual([run.state, run.replayOf, run.personId], ['succeeded', runId, 'p1']);
    assert.equal(setting.world.world.effects.length - before, 4);
    assert.equal((await setting.world.run(setting.process, runId)).state, 'failed');
  });

  it('goes on from a step with the results of those before it', async () => {
    const setting = await begin();
    const runId = await failOnce(setting);
    const before = setting.world.world.requests.length;
    const again = await setting.process.pipelines.runs(TENANT).replay(runId, { fromStep: 'three' });
    const run = await setting.world.settle(setting.process, again.runId);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(
      setting.world.world.requests.slice(before).map(({ action, input }) => [action, input['n']]),
      [
        ['crm.flaky', 3],
        ['crm.step', 9],
      ],
    );
    assert.deepEqual(
      run.steps.map(({ path, state }) => [path, state]),
      [
        ['0', 'succeeded'],
        ['1', 'succeeded'],
        ['1.then.0', 'succeeded'],
        ['1.then.1', 'succeeded'],
        ['2', 'succeeded'],
      ],
    );
  });

  it('takes the version in force where it is the same up to the step, and says so where it is not', async () => {
    const setting = await begin();
    const runId = await failOnce(setting);
    const service = setting.process.pipelines.service(TENANT);
    const runs = setting.process.pipelines.runs(TENANT);
    await service.deploy(FLOW.replace('n: 9', 'n: 10'));
    const same = await setting.world.settle(setting.process, (await runs.replay(runId, { fromStep: '1.then.1' })).runId);
    assert.deepEqual([same.version, same.state], [1, 'succeeded']);
    const current = await setting.world.settle(
      setting.process,
      (await runs.replay(runId, { fromStep: 'three', version: 'current' })).runId,
    );
    assert.deepEqual([current.version, current.state], [2, 'succeeded']);
    assert.equal(setting.world.world.requests.at(-1)?.input['n'], 10);
    await service.deploy(FLOW.replace('id: two', 'id: zwei').replace('steps.two', 'steps.zwei'));
    await assert.rejects(runs.replay(runId, { fromStep: 'three', version: 'current' }), { code: 'INPUT_INVALID' });
  });

  it('refuses what it cannot go on from', async () => {
    const setting = await begin();
    const runId = await failOnce(setting);
    const runs = setting.process.pipelines.runs(TENANT);
    await assert.rejects(runs.replay('missing'), { code: 'RUN_UNKNOWN' });
    await assert.rejects(runs.replay(runId, { fromStep: 'thre' }), (error: unknown) => {
      assert.ok(TendrilError.is(error));
      assert.equal(error.details['suggestion'], 'three');
      return true;
    });
    const [other = ''] = await setting.world.trigger(setting.process, { properties: { plan: 'free' } });
    await setting.world.settle(setting.process, other);
    await assert.rejects(runs.replay(other, { fromStep: 'three' }), { code: 'INPUT_INVALID' });
  });

  it('does many again by a filter, and counts them first', async () => {
    const setting = await begin();
    await failOnce(setting);
    setting.isBroken = true;
    await failOnce(setting);
    const runs = setting.process.pipelines.runs(TENANT);
    const filter = { pipeline: 'a', state: 'failed' } as const;
    assert.deepEqual(await runs.replayMany(filter, { isDry: true }), { matched: 2, started: 0, refused: {}, runIds: [] });
    const summary = await runs.replayMany(filter, { isDry: false, fromStep: 'three' });
    assert.deepEqual([summary.matched, summary.started, summary.refused], [2, 2, {}]);
    for (const runId of summary.runIds) assert.equal((await setting.world.settle(setting.process, runId)).state, 'succeeded');
    const refused = await runs.replayMany({ pipeline: 'a', state: 'failed' }, { isDry: true, fromStep: 'nothing' });
    assert.deepEqual([refused.matched, refused.refused], [2, { INPUT_INVALID: 2 }]);
  });

  describe('of a pipeline that undoes', () => {
    const undone = (n: number): string => `compensate: [{ action: crm.undo, with: { n: ${String(n)} } }]`;
    const FLOW_THAT_UNDOES = `
pipeline: a
trigger: { event: Signup Completed }
steps:
  - { id: one, action: crm.step, with: { n: 1 }, ${undone(1)} }
  - forEach: "\${{ [2] }}"
    do: [{ action: crm.step, with: { n: 2 }, ${undone(2)} }]
  - { id: three, action: crm.step, with: { n: 3 }, ${undone(3)} }
  - { id: four, action: crm.flaky, retry: { attempts: 1 } }
onError: [{ action: crm.sorry }]
`;

    async function beginUndoing(isBroken: boolean) {
      const world = await createRunWorld();
      const setting = { world, isBroken, process: undefined as unknown as Process, runId: '' };
      const step: FakeAction = { run: (request, effect) => (effect(), { n: request.input['n'] ?? 0 }) };
      const flaky: FakeAction = {
        run: (_, effect) => {
          if (setting.isBroken) throw new TendrilError('UPSTREAM_REJECTED');
          effect();
          return {};
        },
      };
      setting.process = await world.boot({ 'crm.step': step, 'crm.flaky': flaky, 'crm.undo': step, 'crm.sorry': step });
      await setting.process.pipelines.service(TENANT).deploy(FLOW_THAT_UNDOES);
      [setting.runId = ''] = await world.trigger(setting.process);
      await world.settle(setting.process, setting.runId);
      return setting;
    }

    const called = ({ world }: { readonly world: RunWorld }, action: string): readonly unknown[] =>
      world.world.requests.filter((request) => request.action === action).map(({ input }) => input['n']);

    it('undoes from a step only what it did itself, not what the first run did', async () => {
      const setting = await beginUndoing(false);
      setting.isBroken = true;
      const again = await setting.process.pipelines.runs(TENANT).replay(setting.runId, { fromStep: 'three' });
      assert.equal((await setting.world.settle(setting.process, again.runId)).state, 'failed');
      assert.deepEqual([called(setting, 'crm.undo'), called(setting, 'crm.sorry').length], [[3], 1]);
    });

    it('goes on neither behind what was undone, nor with the end of the run that failed', async () => {
      const setting = await beginUndoing(true);
      assert.deepEqual(called(setting, 'crm.undo'), [3, 2, 1]);
      const runs = setting.process.pipelines.runs(TENANT);
      await assert.rejects(runs.replay(setting.runId, { fromStep: 'four' }), { code: 'INPUT_INVALID' });
      const again = await runs.replay(setting.runId, { fromStep: 'one' });
      assert.equal((await setting.world.settle(setting.process, again.runId)).state, 'failed');
      assert.deepEqual(called(setting, 'crm.step'), [1, 2, 3, 1, 2, 3]);
      assert.deepEqual([called(setting, 'crm.undo'), called(setting, 'crm.sorry').length], [[3, 2, 1, 3, 2, 1], 2]);
    });
  });
});
