import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { ActionDescription } from '../../src/actions/contract.ts';
import type { FakeAction } from './fake-actions.ts';
import { createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

const ONE =
  'pipeline: a\ntrigger: { event: Signup Completed }\nsteps: [{ id: one, action: crm.a, retry: { attempts: 3, backoff: fixed, initial: 10s } }, { id: two, action: crm.b, if: steps.one.state == "succeeded" }]';

async function started(
  fakes: Readonly<Record<string, FakeAction>>,
  source = ONE,
): Promise<{ world: RunWorld; process: Process; runId: string }> {
  const world = await createRunWorld();
  const process = await world.boot(fakes);
  await process.pipelines.service(TENANT).deploy(source);
  const [runId = ''] = await world.trigger(process);
  return { world, process, runId };
}

/** Does the effect, then behaves as if the answer had been lost. */
function cutOff(
  idempotency: ActionDescription['idempotency'],
  code: 'UPSTREAM_UNAVAILABLE' | 'ACTION_TIMEOUT',
  takesEffect: boolean,
): FakeAction {
  let calls = 0;
  return {
    idempotency,
    run: (_request, effect) => {
      calls += 1;
      if (calls === 1 && !takesEffect) throw new TendrilError(code);
      effect();
      if (calls === 1) throw new TendrilError(code);
      return { done: true };
    },
  };
}

describe('a call of which nobody knows whether it took effect', () => {
  for (const code of ['UPSTREAM_UNAVAILABLE', 'ACTION_TIMEOUT'] as const) {
    it(`is not repeated when the action is none (${code}): a person decides`, async () => {
      const { world, process, runId } = await started({ 'crm.a': cutOff('none', code, true), 'crm.b': {} });
      const run = await world.settle(process, runId);
      assert.equal(run.state, 'needs_review');
      assert.equal(run.steps[0]?.state, 'needs_review');
      assert.equal(run.steps[0].error?.['code'], code);
      assert.equal(world.world.requests.length, 1);
      await process.pipelines.runs(TENANT).resolve(runId, 'happened', { id: 7 });
      const ended = await world.settle(process, runId);
      assert.equal(ended.state, 'succeeded');
      assert.deepEqual(ended.steps[0]?.output, { id: 7 });
      assert.equal(world.world.effects.length, 2);
    });
  }

  it('is repeated under the same key, asked about, or decided as failed', async () => {
    for (const idempotency of ['key', 'check'] as const) {
      for (const takesEffect of [true, false]) {
        const { world, process, runId } = await started({ 'crm.a': cutOff(idempotency, 'UPSTREAM_UNAVAILABLE', takesEffect), 'crm.b': {} });
        const run = await world.settle(process, runId);
        assert.equal(run.state, 'succeeded', idempotency);
        assert.equal(world.world.effects.length, 2);
      }
    }
    const { world, process, runId } = await started({ 'crm.a': cutOff('none', 'ACTION_TIMEOUT', false), 'crm.b': {} });
    await world.settle(process, runId);
    await process.pipelines.runs(TENANT).resolve(runId, 'fail');
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'failed');
    await assert.rejects(process.pipelines.runs(TENANT).resolve(runId, 'retry'), { code: 'RUN_NOT_IN_REVIEW' });
    await assert.rejects(process.pipelines.runs(TENANT).resolve('nope', 'retry'), { code: 'RUN_UNKNOWN' });
  });

  it('is done again when a person says so', async () => {
    const { world, process, runId } = await started({ 'crm.a': cutOff('none', 'ACTION_TIMEOUT', false), 'crm.b': {} });
    await world.settle(process, runId);
    await process.pipelines.runs(TENANT).resolve(runId, 'retry');
    assert.equal((await world.settle(process, runId)).state, 'succeeded');
    assert.equal(world.world.effects.length, 2);
  });

  it('needs review when not even the check knows', async () => {
    const { world, process, runId } = await started({
      'crm.a': { ...cutOff('check', 'ACTION_TIMEOUT', true), check: () => ({ effect: 'unknown' }) },
      'crm.b': {},
    });
    assert.equal((await world.settle(process, runId)).state, 'needs_review');
  });

  it('was a refusal when the service said so: that is no case for review', async () => {
    let calls = 0;
    const refused: FakeAction = {
      idempotency: 'none',
      run: (_request, effect) => {
        calls += 1;
        if (calls === 1) throw new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 60_000 });
        effect();
        return {};
      },
    };
    const { world, process, runId } = await started({ 'crm.a': refused, 'crm.b': {} });
    assert.equal((await world.settle(process, runId)).state, 'succeeded');
    assert.equal(calls, 2);
  });
});

describe('a lease that is stolen in the middle of a call', () => {
  for (const idempotency of ['key', 'none'] as const) {
    it(`ends the first worker's part without a write (${idempotency})`, async () => {
      let release: () => void = () => undefined;
      let calls = 0;
      const slow: FakeAction = {
        idempotency,
        run: async (_request, effect) => {
          calls += 1;
          effect();
          if (calls === 1) await new Promise<void>((resolve) => (release = resolve));
          return { call: calls };
        },
      };
      const { world, process, runId } = await started({ 'crm.a': slow, 'crm.b': {} });
      await world.engine.time.until(() => calls === 1);
      world.engine.time.freeze(60_000);
      const thief = await world.boot({ 'crm.a': slow, 'crm.b': {} });
      const run = await world.settle(thief, runId);
      assert.equal(run.state, idempotency === 'key' ? 'succeeded' : 'needs_review');
      const before = JSON.stringify(run);
      release();
      await world.engine.time.advance(1_000);
      assert.equal(JSON.stringify(await world.run(process, runId)), before);
      assert.equal(world.world.effects.length, idempotency === 'key' ? 2 : 1);
    });
  }
});

describe('a run that waits for a new login', () => {
  it('is blocked on the connection and goes on when it is back', async () => {
    let isLoggedIn = false;
    const action: FakeAction = {
      run: (_request, effect) => {
        if (!isLoggedIn) throw new TendrilError('UPSTREAM_UNAUTHORIZED');
        effect();
        return {};
      },
    };
    const { world, process, runId } = await started({ 'crm.a': action, 'crm.b': {} });
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'blocked');
    assert.equal(run.steps[0]?.state, 'blocked');
    assert.equal(await process.pipelines.wakeBlocked(TENANT, { plugin: 'other', name: 'crm' }), 0);
    assert.equal(await process.pipelines.wakeBlocked(TENANT, { plugin: 'crm', name: 'sales' }), 1);
    assert.equal((await world.settle(process, runId)).state, 'blocked');
    isLoggedIn = true;
    assert.equal(await process.pipelines.wakeBlocked(TENANT, { plugin: 'crm', name: 'sales' }), 1);
    assert.equal((await world.settle(process, runId)).state, 'succeeded');
  });

  it('goes on when the login came while it was being put away', async () => {
    const world = await createRunWorld();
    let calls = 0;
    const action: FakeAction = {
      run: async () => {
        calls += 1;
        if (calls > 1) return {};
        world.engine.time.freeze(1);
        world.connections = [
          { name: 'crm', plugin: 'crm', kind: 'token', isSandbox: false, state: 'working', createdAt: world.engine.time.now(), values: {} },
        ];
        assert.equal(await process.pipelines.wakeBlocked(TENANT, { plugin: 'crm', name: 'crm' }), 0);
        throw new TendrilError('UPSTREAM_UNAUTHORIZED');
      },
    };
    const process = await world.boot({ 'crm.a': action });
    await process.pipelines.service(TENANT).deploy('pipeline: a\ntrigger: { event: Signup Completed }\nsteps: [{ action: crm.a }]');
    const [runId = ''] = await world.trigger(process);
    await world.engine.time.advance(1_000);
    assert.equal((await world.run(process, runId)).state, 'succeeded');
    assert.equal(calls, 2);
  });

  it('is woken by the connection that its step names, and by no other', async () => {
    let isLoggedIn = false;
    const action: FakeAction = {
      connectionKinds: ['token'],
      run: () => {
        if (!isLoggedIn) throw new TendrilError('UPSTREAM_UNAUTHORIZED');
        return {};
      },
    };
    const world = await createRunWorld();
    const account = { plugin: 'crm', kind: 'token', isSandbox: false, state: 'working', createdAt: 0, values: {} } as const;
    world.connections = [
      { ...account, name: 'eu' },
      { ...account, name: 'us' },
    ];
    const process = await world.boot({ 'crm.a': action });
    await process.pipelines
      .service(TENANT)
      .deploy('pipeline: a\ntrigger: { event: Signup Completed }\nsteps: [{ action: crm.a, connection: eu }]');
    const [runId = ''] = await world.trigger(process);
    assert.equal((await world.settle(process, runId)).state, 'blocked');
    isLoggedIn = true;
    assert.equal(await process.pipelines.wakeBlocked(TENANT, { plugin: 'crm', name: 'us' }), 0);
    assert.equal(await process.pipelines.wakeBlocked(TENANT, { plugin: 'crm', name: 'eu' }), 1);
    assert.equal((await world.settle(process, runId)).state, 'succeeded');
  });
});
