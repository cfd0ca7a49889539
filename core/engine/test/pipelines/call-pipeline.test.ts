import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { crashEverywhere, inputsOf, onSignup, startRun, states, TENANT } from './block-world.ts';
import type { Started } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';

const PARENT = onSignup(`
  - { action: crm.a, with: { n: 1 } }
  - { id: child, call: child, with: { name: "\${{ event.properties.plan }}" } }
  - { action: crm.a, with: { n: 3, got: "\${{ steps.child.output.greeting }}" } }
`);

const child = (steps: string, head = ''): string => `
pipeline: child
trigger: { manual: {} }
input: { type: object, required: [name], properties: { name: { type: string } }, additionalProperties: false }
output: { greeting: "Hello \${{ input.name }}" }
${head}
steps:
${steps}`;

const CHILD = child('  - { wait: 5s }\n  - { action: crm.a, with: { n: 2, of: "${{ input.name }}" } }\n');

async function childOf({ world, process, runId }: Started): Promise<string> {
  const { items } = await process.pipelines.runs(TENANT).list({});
  assert.equal(world.world.effects.length >= 0, true);
  return items.find(({ id }) => id !== runId)?.id ?? '';
}

describe('call', () => {
  it('runs another pipeline, waits for its end and reads its output', async () => {
    const started = await startRun({ 'crm.a': {} }, PARENT, CHILD);
    const { world, process, runId } = started;
    await world.engine.time.advance(1_000);
    assert.equal((await world.run(process, runId)).state, 'sleeping');
    const run = await world.settle(process, runId, 30_000);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.deepEqual(inputsOf(world, 'crm.a'), [{ n: 1 }, { n: 2, of: 'pro' }, { n: 3, got: 'Hello pro' }]);
    const other = await world.run(process, await childOf(started));
    assert.equal(other.state, 'succeeded');
    assert.deepEqual(other.output, { greeting: 'Hello pro' });
    assert.equal(other.parentId, runId);
  });

  it('takes the version of production where the environment of the run has none of its own', async () => {
    const { world, process } = await startRun({ 'crm.a': {} }, PARENT, CHILD);
    const [runId = ''] = await world.trigger(process, { isTest: true });
    const run = await world.settle(process, runId, 30_000);
    assert.deepEqual([run.environment, run.state], ['development', 'succeeded'], JSON.stringify(run.error));
  });

  it('starts one child and hears of its end after a death at any line', async function () {
    this.timeout(120_000);
    const died = await crashEverywhere(
      { fakes: () => ({ 'crm.a': {} }), sources: [PARENT, CHILD], withinMs: 60_000 },
      async (run, world, place, process) => {
        assert.equal(run.state, 'succeeded', place);
        assert.deepEqual([...world.world.effectsByKey().values()], [1, 1, 1], place);
        assert.equal((await process.pipelines.runs(TENANT).list({})).items.length, 2, place);
      },
    );
    assert.ok(died.has('step.before-child'));
  });

  it('fails with the child, which each attempt starts anew', async () => {
    let calls = 0;
    const action: FakeAction = {
      run: () => {
        calls += 1;
        if (calls < 3) throw new TendrilError('UPSTREAM_REJECTED');
        return {};
      },
    };
    const parent = onSignup(
      '  - { call: child, with: { name: a }, retry: { attempts: 3, backoff: fixed, initial: 1s, on: [RUN_FAILED] } }\n',
    );
    const { world, process, runId } = await startRun({ 'crm.a': action }, parent, child('  - { action: crm.a }\n'));
    const run = await world.settle(process, runId, 30_000);
    assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
    assert.equal((await process.pipelines.runs(TENANT).list({})).items.length, 4);
    const failing = await startRun(
      { 'crm.a': action },
      parent.replace('attempts: 3', 'attempts: 1'),
      child('  - { fail: { reason: no } }\n'),
    );
    const failed = await failing.world.settle(failing.process, failing.runId, 30_000);
    assert.equal(failed.error?.['code'], 'RUN_FAILED');
    assert.equal((failed.error?.['details'] as { code?: string }).code, 'RUN_FAILED');
  });

  it('refuses wrong input, an unknown pipeline and one that is paused', async () => {
    for (const [parent, code] of [
      [onSignup('  - { call: child, with: { name: 7 } }\n'), 'INPUT_INVALID'],
      [onSignup('  - { call: child }\n'), 'INPUT_INVALID'],
      [onSignup('  - { call: other }\n'), 'PIPELINE_UNKNOWN'],
    ] as const) {
      const { world, process, runId } = await startRun({ 'crm.a': {} }, parent, CHILD);
      const run = await world.settle(process, runId, 30_000);
      assert.equal(run.error?.['code'], code);
      assert.equal((await process.pipelines.runs(TENANT).list({})).items.length, 1);
    }
  });

  it('goes on at once when it is detached', async () => {
    const started = await startRun({ 'crm.a': {} }, onSignup('  - { id: c, call: child, with: { name: x }, detached: true }\n'), CHILD);
    const { world, process, runId } = started;
    await world.engine.time.advance(1_000);
    const run = await world.run(process, runId);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(run.steps[0]?.output, { runId: await childOf(started) });
    assert.equal((await world.settle(process, await childOf(started), 30_000)).state, 'succeeded');
  });

  it('is refused on a serial key that this run holds, and when it goes too deep', async () => {
    const serial = 'serial: { key: "\'same\'" }\n';
    const one = `pipeline: child\ntrigger: { manual: {} }\n${serial}steps: [{ call: child }]\n`;
    const { world, process, runId } = await startRun({}, onSignup('  - { call: child }\n'), one);
    const run = await world.settle(process, runId, 30_000);
    assert.equal((run.error?.['details'] as { code?: string }).code, 'PIPELINE_DEADLOCK');
    const deep = await startRun({}, onSignup('  - { call: child }\n'), one.replace(serial, ''));
    await deep.world.settle(deep.process, deep.runId, 60_000);
    const { items } = await deep.process.pipelines.runs(TENANT).list({});
    assert.equal(items.length, 11);
    assert.ok(items.some(({ error }) => error?.['code'] === 'PIPELINE_CALL_DEPTH'));
  });

  it('gives the child the person and what the person is', async () => {
    const profiles: FakeAction = {
      effect: 'read',
      implements: 'people.get@1',
      run: ({ input }) => ({ id: input['id'] ?? '', traits: { city: 'Berlin' } }),
    };
    const { world, process, runId } = await startRun(
      { 'people.get@1': profiles, 'crm.a': {} },
      onSignup('  - { call: child, with: { name: a } }\n'),
      child('  - { action: crm.a, with: { city: "${{ profile.traits.city }}", of: "${{ event.properties.plan }}" } }\n'),
    );
    assert.equal((await world.settle(process, runId, 30_000)).state, 'succeeded');
    assert.deepEqual(inputsOf(world, 'crm.a'), [{ city: 'Berlin', of: 'pro' }]);
  });

  it('cancels the child with the caller, and when its time is over', async () => {
    const started = await startRun({ 'crm.a': {} }, PARENT, CHILD);
    await started.world.engine.time.advance(1_000);
    await started.process.pipelines.runs(TENANT).cancel(started.runId, { reason: 'enough' });
    const run = await started.world.settle(started.process, started.runId, 10_000);
    assert.deepEqual([run.state, run.reason], ['cancelled', 'enough']);
    assert.equal((await started.world.settle(started.process, await childOf(started), 10_000)).state, 'cancelled');
    const late = await startRun(
      { 'crm.a': {} },
      onSignup('  - { call: child, with: { name: a }, timeout: 2s, onTimeout: [{ wait: 30s }] }\n'),
      CHILD,
    );
    await late.world.engine.time.advance(6_000);
    assert.equal((await late.world.run(late.process, await childOf(late))).state, 'cancelled');
    assert.equal(states(await late.world.run(late.process, late.runId))['0'], 'failed');
  });
});
