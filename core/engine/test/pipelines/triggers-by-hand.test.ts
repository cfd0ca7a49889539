import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { StartOptions } from '../../src/hub.ts';
import { RUNS } from '../../src/pipelines/tables.ts';
import { createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

const MANUAL = `
pipeline: greet
trigger: { manual: {} }
input:
  type: object
  additionalProperties: false
  required: [name]
  properties: { name: { type: string }, count: { type: integer, minimum: 1 } }
steps:
  - { set: { done: true } }
`;

const EVENT = `
pipeline: greet
trigger: { event: Signup Completed, where: event.properties.plan == "pro" }
steps:
  - { id: kept, set: { plan: "\${{ event.properties.plan }}", city: "\${{ profile.traits.city }}" } }
`;

async function deployed(source: string): Promise<{ world: RunWorld; process: Process }> {
  const world = await createRunWorld();
  const process = await world.boot({
    'people.get@1': { effect: 'read', run: ({ input }) => ({ id: input['id'] ?? '', traits: { city: 'Ulm' } }) },
  });
  await process.pipelines.service(TENANT).deploy(source);
  return { world, process };
}

async function kept(world: RunWorld, process: Process, options: StartOptions): Promise<unknown> {
  const { runId } = await process.pipelines.service(TENANT).start('greet', options);
  const run = await world.settle(process, runId);
  return run.steps.find(({ id }) => id === 'kept')?.output;
}

async function refusal(
  process: Process,
  options: StartOptions,
  id = 'greet',
): Promise<{ readonly code: string; readonly details: JsonObject }> {
  const error: unknown = await process.pipelines
    .service(TENANT)
    .start(id, options)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  assert.ok(TendrilError.is(error));
  return { code: error.code, details: error.details as JsonObject };
}

describe('starting by hand', () => {
  it('hands the input over, after it has been checked', async () => {
    const { world, process } = await deployed(MANUAL);
    const { runId } = await process.pipelines.service(TENANT).start('greet', { input: { name: 'Ada' } });
    const [row] = await world.tenant.state.get(RUNS, [runId]);
    assert.deepEqual(row?.value['input'], { name: 'Ada' });
    assert.equal((await world.settle(process, runId)).state, 'succeeded');
    const { code, details } = await refusal(process, { input: { count: 0, nmae: 'Ada' } });
    assert.equal(code, 'INPUT_INVALID');
    assert.deepEqual((details['problems'] as readonly { readonly pointer: string }[]).map(({ pointer }) => pointer).toSorted(), [
      '',
      '/count',
      '/nmae',
    ]);
  });

  it('acts on real people in production only', async () => {
    const { world, process } = await deployed(MANUAL);
    const service = process.pipelines.service(TENANT);
    await service.deploy(MANUAL, { environment: 'staging' });
    const input = { name: 'Ada' };
    for (const [options, isTest] of [
      [{ input }, false],
      [{ input, isTest: true }, true],
      [{ input, environment: 'staging' }, true],
      [{ input, environment: 'staging', isTest: true }, true],
    ] as const) {
      const { runId } = await service.start('greet', options);
      const [row] = await world.tenant.state.get(RUNS, [runId]);
      assert.equal(row?.value['isTest'], isTest);
    }
    const { code, details } = await refusal(process, { input, environment: 'staging', isTest: false });
    assert.deepEqual([code, (details['problems'] as readonly JsonObject[])[0]?.['pointer']], ['INPUT_INVALID', '/isTest']);
  });

  it('tells what is unknown, paused or held back by a limit', async () => {
    const { process } = await deployed(MANUAL.replace('steps:', 'rateLimit: { limit: 1, period: 1h }\nsteps:'));
    const input = { name: 'Ada' };
    assert.equal((await refusal(process, { input }, 'other')).code, 'PIPELINE_UNKNOWN');
    assert.equal((await refusal(process, { input, environment: 'staging' })).code, 'PIPELINE_UNKNOWN');
    await process.pipelines.service(TENANT).start('greet', { input });
    const second = await refusal(process, { input });
    assert.deepEqual([second.code, second.details['code']], ['RUN_NOT_STARTED', 'rate_limit']);
    await process.pipelines.service(TENANT).pause('greet');
    assert.equal((await refusal(process, { input })).code, 'PIPELINE_PAUSED');
  });

  it('tells which limit has a key that cannot be evaluated', async () => {
    const { process } = await deployed(`${MANUAL}rateLimit: { limit: 5, period: 1m, key: "10 / input.name.size()" }\n`);
    assert.equal((await refusal(process, { input: { name: '' } })).details['code'], 'key_failed');
    assert.equal((await process.pipelines.service(TENANT).start('greet', { input: { name: 'Ada' } })).isNew, true);
  });

  it('starts one run for one key, whoever asks again, and refuses the key for something else', async () => {
    const { world, process } = await deployed(MANUAL);
    const other = await world.boot({});
    const start = (by: Process, name = 'Ada'): Promise<{ readonly runId: string; readonly isNew: boolean }> =>
      by.pipelines.service(TENANT).start('greet', { input: { name }, idempotencyKey: 'k1' });
    const started = await Promise.all([start(process), start(other), start(process)]);
    assert.equal(new Set(started.map(({ runId }) => runId)).size, 1);
    assert.equal(started.filter(({ isNew }) => isNew).length, 1);
    await assert.rejects(start(process, 'Bob'), (error) => TendrilError.is(error) && error.code === 'IDEMPOTENCY_KEY_REUSED');
  });

  it('makes the event of a trigger that follows the log, whatever its condition says', async () => {
    const { world, process } = await deployed(EVENT);
    const event = { userId: 'u1', properties: { plan: 'free' }, timestamp: '2026-01-01T00:00:00Z' };
    assert.deepEqual(await kept(world, process, { input: { event }, personId: 'p1' }), { plan: 'free', city: 'Ulm' });
    // Without an `event` the fields are its properties.
    assert.deepEqual(await kept(world, process, { input: { plan: 'team' }, personId: 'p1' }), { plan: 'team', city: 'Ulm' });
    const { code, details } = await refusal(process, { input: { event: { event: 'Other', userId: 7, timestamp: 'soon', traits: [] } } });
    assert.equal(code, 'INPUT_INVALID');
    assert.deepEqual((details['problems'] as readonly { readonly pointer: string }[]).map(({ pointer }) => pointer).toSorted(), [
      '/event/event',
      '/event/timestamp',
      '/event/traits',
      '/event/userId',
    ]);
  });

  it('marks runs of tests, and runs outside of production', async () => {
    const { process } = await deployed(MANUAL);
    const service = process.pipelines.service(TENANT);
    await service.deploy(MANUAL, { environment: 'staging' });
    const isTest = async (options: StartOptions): Promise<boolean | undefined> => {
      const { runId } = await service.start('greet', { input: { name: 'Ada' }, ...options });
      return (await process.pipelines.runs(TENANT).get(runId))?.isTest;
    };
    assert.equal(await isTest({}), false);
    assert.equal(await isTest({ isTest: true }), true);
    assert.equal(await isTest({ environment: 'staging' }), true);
  });
});
