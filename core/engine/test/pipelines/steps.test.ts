import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { ActionRequest } from '../../src/actions/contract.ts';
import type { TableSpec } from '../../src/ports.ts';
import type { FakeAction } from './fake-actions.ts';
import { fakeRandom } from '../support/world.ts';
import { createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

const MINUTE_MS = 60_000;

async function started(
  fakes: Readonly<Record<string, FakeAction>>,
  steps: string,
  head = '',
): Promise<{ world: RunWorld; process: Process; runId: string }> {
  const world = await createRunWorld();
  const process = await world.boot(fakes, { random: fakeRandom(0.5) });
  await process.pipelines.service(TENANT).deploy(`pipeline: a\ntrigger: { event: Signup Completed }\n${head}steps:\n${steps}`);
  const [runId = ''] = await world.trigger(process);
  return { world, process, runId };
}

/** Fails with the codes in their order, then succeeds. */
function failing(...failures: readonly (TendrilError | undefined)[]): FakeAction & { readonly attempts: ActionRequest[] } {
  const attempts: ActionRequest[] = [];
  return {
    attempts,
    run: (request, effect) => {
      attempts.push(request);
      const failure = failures[attempts.length - 1];
      if (failure !== undefined) throw failure;
      effect();
      return { done: true };
    },
  };
}

const unavailable = (): TendrilError => new TendrilError('UPSTREAM_UNAVAILABLE');

describe('steps', () => {
  it('go the way of `if`, `switch` and `set`, and show what was decided', async () => {
    const { world, process, runId } = await started(
      { 'crm.a': {} },
      `
  - { id: values, set: { total: "\${{ event.properties.age * 2 }}", text: "age \${{ event.properties.age }}", list: [1, "\${{ event.properties.plan }}"] } }
  - switch: event.properties.plan
    cases:
      free: [{ id: other, set: { a: 1 } }, { fail: {} }]
      pro: [{ id: chosen, action: crm.a, with: { total: "\${{ steps.values.output.total }}" } }]
  - { action: crm.a, if: steps.values.output.total > 100 }
  - if: steps.chosen.state == "succeeded" && steps.other.state == "skipped"
    then: [{ stop: { reason: "age \${{ event.properties.age }}" } }]
  - { action: crm.a }
`,
    );
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'stopped');
    assert.deepEqual(
      run.steps.map(({ path, kind, state, output }) => [path, kind, state, output]),
      [
        ['0', 'set', 'succeeded', { total: 40, text: 'age 20', list: [1, 'pro'] }],
        ['1', 'switch', 'succeeded', { branch: 'pro' }],
        ['1.cases.1.0', 'action', 'succeeded', { done: true }],
        ['2', 'action', 'skipped', undefined],
        ['3', 'if', 'succeeded', { branch: 'then' }],
        ['3.then.0', 'stop', 'succeeded', { reason: 'age 20' }],
      ],
    );
    assert.deepEqual(
      world.world.requests.map(({ input }) => input),
      [{ total: 40 }],
    );
  });

  it('are tried again with full jitter: short delays in memory, long ones put away, Retry-After respected', async () => {
    const action = failing(unavailable(), unavailable(), new TendrilError('UPSTREAM_THROTTLED', { retryAfterMs: 90_000 }), undefined);
    const { world, process, runId } = await started({ 'crm.a': action }, '  - { action: crm.a }\n');
    const begin = world.engine.time.now();
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(
      action.attempts.map(({ attempt }) => attempt),
      [1, 2, 3, 4],
    );
    assert.equal(new Set(action.attempts.map(({ idempotencyKey }) => idempotencyKey)).size, 1);
    assert.ok((action.attempts[0]?.idempotencyKey.length ?? 99) <= 64);
    // 0.5 of 1 s, 0.5 of 2 s, then what the service asked for.
    assert.ok((run.endedAt ?? 0) - begin >= 500 + 1_000 + 90_000);
    assert.equal(run.steps[0]?.attempts, 4);
  });

  it('keep the count of attempts over a restart, and fail after the last', async () => {
    const action = failing(...Array.from({ length: 9 }, unavailable));
    const { world, process, runId } = await started(
      { 'crm.a': action },
      '  - { action: crm.a, retry: { attempts: 3, backoff: fixed, initial: 1m } }\n',
    );
    await world.engine.time.until(async () => (await world.run(process, runId)).state === 'sleeping');
    await process.worker.stop(0);
    const second = await world.boot({ 'crm.a': action });
    const run = await world.settle(second, runId);
    assert.equal(run.state, 'failed');
    assert.equal(run.error?.['code'], 'UPSTREAM_UNAVAILABLE');
    assert.deepEqual(
      action.attempts.map(({ attempt }) => attempt),
      [1, 2, 3],
    );
  });

  it('are tried again for the codes in `on` only', async () => {
    const action = failing(new TendrilError('UPSTREAM_REJECTED'), unavailable());
    const { world, process, runId } = await started({ 'crm.a': action }, '  - { action: crm.a, retry: { on: [UPSTREAM_REJECTED] } }\n');
    const run = await world.settle(process, runId);
    assert.equal(run.error?.['code'], 'UPSTREAM_UNAVAILABLE');
    assert.equal(action.attempts.length, 2);
  });

  it('lead to `onError` by code, and the run goes on behind them', async () => {
    const { world, process, runId } = await started(
      { 'crm.a': failing(new TendrilError('UPSTREAM_REJECTED', { field: 'email' })), 'crm.b': {} },
      `
  - id: lead
    action: crm.a
    onError:
      UPSTREAM_UNAVAILABLE: [{ fail: {} }]
      "*": [{ action: crm.b, with: { code: "\${{ steps.lead.error.code }}" } }]
  - { action: crm.b, with: { state: "\${{ steps.lead.state }}" } }
`,
    );
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(
      world.world.requests.slice(1).map(({ input }) => input),
      [{ code: 'UPSTREAM_REJECTED' }, { state: 'failed' }],
    );
    assert.deepEqual(run.steps[0]?.error, {
      code: 'UPSTREAM_REJECTED',
      message: 'The remote service refused the request.',
      details: { field: 'email' },
    });
  });

  it('fail with the expression and its place when a field is missing', async () => {
    const { world, process, runId } = await started({}, '  - if: event.properties.company == "x"\n    then: [{ stop: {} }]\n');
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'failed');
    assert.deepEqual(run.error?.['details'], {
      expression: 'event.properties.company == "x"',
      position: 18,
      problem: 'There is no field `company` here.',
    });
  });

  it('run side by side in parallel; the first failure cuts the other branches short', async () => {
    const { world, process, runId } = await started(
      { 'crm.a': {}, 'crm.bad': failing(new TendrilError('UPSTREAM_REJECTED')) },
      `
  - parallel:
      left: [{ action: crm.bad }]
      right: [{ action: crm.a }, { wait: 1h }, { action: crm.a }]
`,
    );
    const run = await world.settle(process, runId);
    assert.equal(run.state, 'failed');
    assert.deepEqual(
      run.steps.map(({ path, state }) => [path, state]),
      [
        ['0', 'failed'],
        ['0.parallel.left.0', 'failed'],
        ['0.parallel.right.0', 'succeeded'],
        ['0.parallel.right.1', 'skipped'],
      ],
    );
  });

  it('wait over a restart, as long as they said, in parallel branches too', async () => {
    const { world, process, runId } = await started(
      { 'crm.a': {} },
      `
  - parallel:
      soon: [{ wait: 10m }, { action: crm.a, with: { n: 1 } }]
      late: [{ wait: { until: "\${{ event.occurredAt + duration('2h') }}" } }, { action: crm.a, with: { n: 2 } }]
  - { wait: "\${{ settings.delay }}" }
`,
      'settings: { delay: { type: string, default: 30m } }\n',
    );
    const begin = world.engine.time.now();
    await world.engine.time.until(async () => (await world.run(process, runId)).state === 'sleeping');
    await process.worker.stop(0);
    const second = await world.boot({ 'crm.a': {} });
    await world.engine.time.advance(11 * MINUTE_MS);
    assert.deepEqual(
      world.world.requests.map(({ input }) => input['n']),
      [1],
    );
    const run = await world.settle(second, runId, 4 * 60 * MINUTE_MS);
    assert.equal(run.state, 'succeeded');
    assert.deepEqual(
      world.world.requests.map(({ input }) => input['n']),
      [1, 2],
    );
    const tookMs = (run.endedAt ?? 0) - begin;
    assert.ok(tookMs >= 150 * MINUTE_MS && tookMs < 155 * MINUTE_MS, String(tookMs));
  });

  it('end when their time is over: a step with its attempts, a block with its waits, a run', async () => {
    const slow = failing(...Array.from({ length: 20 }, unavailable));
    const { world, process, runId } = await started(
      { 'crm.slow': slow, 'crm.a': {} },
      `
  - { id: first, action: crm.slow, timeout: 3m, retry: { attempts: 20, backoff: fixed, initial: 1m }, onError: { STEP_TIMEOUT: [{ action: crm.a }] } }
  - if: "true"
    then: [{ wait: 5h }]
    timeout: 1h
    onError: [{ set: { late: true } }]
  - { wait: 10h }
`,
      'timeout: 5h\n',
    );
    const run = await world.settle(process, runId, 6 * 60 * MINUTE_MS);
    assert.equal(run.state, 'failed');
    assert.deepEqual(run.error, { code: 'STEP_TIMEOUT', message: 'The step did not end in its time.', details: { scope: 'run' } });
    assert.equal(slow.attempts.length, 3);
    assert.ok((slow.attempts[0]?.timeoutMs ?? 0) <= 30_000);
    assert.equal(run.steps.find(({ path }) => path === '1')?.error?.['code'], 'STEP_TIMEOUT');
    assert.equal((run.endedAt ?? 0) - run.startedAt, 5 * 60 * MINUTE_MS);
  });

  it('are done again when what they read was changed before they were committed', async () => {
    const table: TableSpec = { name: 'crm.counters', key: 'id', indexes: {}, personal: [] };
    const world = await createRunWorld();
    await world.engine.stores.state.defineTables([table]);
    let version = 0;
    const action: FakeAction = {
      changes: () => {
        const expect = version;
        version = 1;
        return [{ op: 'put', table, value: { id: 'c', n: 1 }, expect }];
      },
    };
    await world.tenant.state.commit([{ op: 'put', table, value: { id: 'c', n: 0 } }]);
    const process = await world.boot({ 'crm.a': action });
    await process.pipelines.service(TENANT).deploy('pipeline: a\ntrigger: { event: Signup Completed }\nsteps: [{ action: crm.a }]');
    const [runId = ''] = await world.trigger(process);
    assert.equal((await world.settle(process, runId)).state, 'succeeded');
    assert.equal(world.world.requests.length, 2);
    assert.equal(world.world.effects.length, 1);
    assert.equal((await world.tenant.state.get(table, ['c']))[0]?.value['n'], 1);
  });

  it('refuse a result that is too large, without doing the step again', async () => {
    const { world, process, runId } = await started(
      { 'crm.a': { run: (_request, effect) => (effect(), { text: 'x'.repeat(5_000_000) }) } },
      '  - { action: crm.a }\n',
    );
    const run = await world.settle(process, runId);
    assert.equal(run.error?.['code'], 'ACTION_OUTPUT_INVALID');
    assert.equal(world.world.effects.length, 1);
  });
});
