import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { ActionRequest } from '../../src/actions/contract.ts';
import { createRunWorld, TENANT } from './run-world.ts';
import { crashEverywhere, inputsOf, onSignup, putPipeline, startRun, states } from './block-world.ts';
import type { FakeAction } from './fake-actions.ts';

/** Fails the first times that it is called with each input. */
function failingFirst(times: number, code: 'UPSTREAM_UNAVAILABLE' | 'UPSTREAM_REJECTED' = 'UPSTREAM_REJECTED'): FakeAction {
  const seen = new Map<string, number>();
  return {
    run: ({ idempotencyKey }: ActionRequest, effect) => {
      const count = (seen.get(idempotencyKey) ?? 0) + 1;
      seen.set(idempotencyKey, count);
      if (count <= times) throw new TendrilError(code);
      effect();
      return { count };
    },
  };
}

describe('onTimeout', () => {
  it('is done when the time of the step is over, and the run goes on behind it', async () => {
    const { world, process, runId } = await startRun(
      { 'crm.a': {} },
      onSignup(`
  - id: block
    if: event.properties.plan == "pro"
    then: [{ action: crm.a, with: { n: 1 } }, { wait: 1h }, { action: crm.a, with: { n: 2 } }]
    timeout: 10s
    onTimeout: [{ action: crm.a, with: { n: 3, code: "\${{ steps.block.error.code }}" } }]
  - { action: crm.a, with: { n: 4 } }
`),
    );
    const run = await world.settle(process, runId, 60_000);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(
      inputsOf(world, 'crm.a').map(({ n, code }) => [n, code]),
      [
        [1, undefined],
        [3, 'STEP_TIMEOUT'],
        [4, undefined],
      ],
    );
    assert.deepEqual(states(run), {
      '0': 'failed',
      '0.then.0': 'succeeded',
      '0.then.1': 'skipped',
      '0.onTimeout.0': 'succeeded',
      '1': 'succeeded',
    });
  });

  it('is not done for another failure, nor for the timeout of a step inside', async () => {
    const { world, process, runId } = await startRun(
      { 'crm.a': {} },
      onSignup(`
  - if: event.properties.plan == "pro"
    then: [{ if: event.properties.plan == "pro", then: [{ wait: 1h }], timeout: 5s }]
    timeout: 1h
    onTimeout: [{ action: crm.a }]
`),
    );
    const run = await world.settle(process, runId, 60_000);
    assert.equal(run.error?.['code'], 'STEP_TIMEOUT');
    assert.equal(world.world.requests.length, 0);
  });
});

describe('retry of a block', () => {
  const BLOCK = onSignup(`
  - id: block
    if: event.properties.plan == "pro"
    then:
      - { action: crm.a, with: { n: 1 } }
      - { action: crm.flaky, with: { n: 2 } }
    retry: { attempts: 3, backoff: fixed, initial: 10s, on: [UPSTREAM_REJECTED] }
  - { action: crm.a, with: { n: 3 } }
`);

  it('does again what failed inside, and keeps what succeeded', async () => {
    const { world, process, runId } = await startRun({ 'crm.a': {}, 'crm.flaky': failingFirst(2) }, BLOCK);
    const run = await world.settle(process, runId, 100_000);
    assert.equal(run.state, 'succeeded');
    assert.equal(inputsOf(world, 'crm.a').length, 2);
    assert.equal(inputsOf(world, 'crm.flaky').length, 3);
    assert.equal(run.steps[0]?.attempts, 2);
    assert.ok((run.endedAt ?? 0) - run.startedAt >= 20_000);
  });

  it('fails after its last attempt, or at once for another code', async () => {
    const first = await startRun({ 'crm.a': {}, 'crm.flaky': failingFirst(9) }, BLOCK);
    const run = await first.world.settle(first.process, first.runId, 100_000);
    assert.equal(run.state, 'failed');
    assert.equal(inputsOf(first.world, 'crm.flaky').length, 3);
    assert.equal(run.steps[0]?.attempts, 3);
    const second = await startRun(
      { 'crm.a': {}, 'crm.flaky': failingFirst(9) },
      BLOCK.replace('on: [UPSTREAM_REJECTED]', 'on: [CONFLICT]'),
    );
    await second.world.settle(second.process, second.runId, 100_000);
    assert.equal(inputsOf(second.world, 'crm.flaky').length, 1);
  });

  it('survives a death at any line, with short delays and with long ones', async function () {
    this.timeout(120_000);
    for (const source of [BLOCK, BLOCK.replace('10s', '1s')]) {
      await crashEverywhere(
        { fakes: () => ({ 'crm.a': {}, 'crm.flaky': failingFirst(1) }), sources: [source], withinMs: 60_000 },
        (run, world, place) => {
          assert.equal(run.state, 'succeeded', place);
          assert.deepEqual([...world.world.effectsByKey().values()], [1, 1, 1], place);
        },
      );
    }
  });

  it('keeps the handlers of a step inside that were done', async () => {
    const { world, process, runId } = await startRun(
      { 'crm.bad': failingFirst(9), 'crm.flaky': failingFirst(1), 'crm.a': {} },
      onSignup(`
  - parallel:
      handled: [{ action: crm.bad, onError: [{ action: crm.a }] }, { action: crm.flaky }]
    retry: { attempts: 2, backoff: fixed, initial: 1s, on: [UPSTREAM_REJECTED] }
`),
    );
    const run = await world.settle(process, runId, 60_000);
    assert.equal(run.state, 'succeeded');
    assert.equal(inputsOf(world, 'crm.bad').length, 1);
    assert.equal(inputsOf(world, 'crm.a').length, 1);
  });
});

describe('idempotencyKey', () => {
  const KEYED = onSignup('  - { action: crm.a, with: { n: 1 }, idempotencyKey: "${{ event.properties.plan }}" }\n');

  for (const idempotency of ['key', 'none', 'check', 'natural'] as const) {
    it(`makes equal values one effect over all runs (${idempotency})`, async () => {
      const { world, process, runId } = await startRun(
        { 'crm.a': { idempotency, run: (_request, effect) => (effect(), { made: 1 }) } },
        KEYED,
      );
      const [second = ''] = await world.trigger(process);
      const [other = ''] = await world.trigger(process, { properties: { plan: 'free' } });
      for (const id of [runId, second, other]) {
        const run = await world.settle(process, id, 30_000);
        assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
        assert.deepEqual(run.steps[0]?.output, { made: 1 });
      }
      assert.equal(world.world.effects.length, 2);
      assert.equal(world.world.requests.length, 2);
    });
  }

  it('lets the next run try when the first has failed without an effect, and wait while it is under way', async () => {
    let calls = 0;
    const action: FakeAction = {
      idempotency: 'none',
      run: (_request, effect) => {
        calls += 1;
        if (calls === 1) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 20_000 });
        if (calls === 2) throw new TendrilError('UPSTREAM_REJECTED');
        effect();
        return { calls };
      },
    };
    const { world, process, runId } = await startRun({ 'crm.a': action }, KEYED);
    await world.engine.time.advance(1_000);
    const [second = ''] = await world.trigger(process);
    await world.engine.time.advance(10_000);
    assert.equal(calls, 1);
    assert.equal((await world.settle(process, runId, 60_000)).state, 'failed');
    const run = await world.settle(process, second, 60_000);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(run.steps[0]?.output, { calls: 3 });
  });

  it('needs a value', async () => {
    const { world, process, runId } = await startRun({ 'crm.a': {} }, KEYED.replace('event.properties.plan', "''"));
    assert.equal((await world.settle(process, runId)).error?.['code'], 'EXPRESSION_FAILED');
    assert.equal(world.world.requests.length, 0);
  });

  it('is not taken over by another run after a death at any line', async function () {
    this.timeout(120_000);
    await crashEverywhere(
      { fakes: () => ({ 'crm.a': { idempotency: 'check' } }), sources: [KEYED], withinMs: 60_000 },
      async (run, world, place, process) => {
        assert.equal(run.state, 'succeeded', place);
        const [second = ''] = await world.trigger(process);
        assert.equal((await world.settle(process, second, 60_000)).state, 'succeeded', place);
        assert.equal(world.world.effects.length, 1, place);
      },
    );
  });

  it('knows what a person has decided', async () => {
    let calls = 0;
    const unsure: FakeAction = {
      idempotency: 'none',
      run: () => {
        calls += 1;
        throw new TendrilError('UPSTREAM_UNAVAILABLE');
      },
    };
    const { world, process, runId } = await startRun({ 'crm.a': unsure }, KEYED);
    assert.equal((await world.settle(process, runId)).state, 'needs_review');
    await process.pipelines.runs(TENANT).resolve(runId, 'happened', { decided: true });
    await world.settle(process, runId);
    const [second = ''] = await world.trigger(process);
    const run = await world.settle(process, second);
    assert.deepEqual([run.state, run.steps[0]?.output, calls], ['succeeded', { decided: true }, 1]);
  });

  it('tells that nobody knows when the first run was cancelled in its call', async () => {
    const world = await createRunWorld();
    await putPipeline(world, KEYED);
    const hanging: FakeAction = {
      idempotency: 'none',
      run: ({ signal }, effect) => {
        effect();
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new TendrilError('ACTION_ABORTED'));
          });
        });
      },
    };
    const process = await world.boot({ 'crm.a': hanging });
    const [first = ''] = await world.trigger(process);
    await world.engine.time.advance(100);
    await process.pipelines.runs(TENANT).cancel(first);
    assert.equal((await world.settle(process, first, 10_000)).state, 'cancelled');
    const [second = ''] = await world.trigger(process);
    const run = await world.settle(process, second, 10_000);
    assert.equal(run.error?.['code'], 'ACTION_NEEDS_REVIEW');
    assert.equal(world.world.effects.length, 1);
  });
});
