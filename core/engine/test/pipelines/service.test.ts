import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { RunInfo } from '../../src/hub.ts';
import type { FakeAction } from './fake-actions.ts';
import { createRunWorld, signup, TENANT } from './run-world.ts';

const SOURCE =
  'pipeline: a\ntitle: First\ntrigger: { event: Signup Completed }\nsettings: { n: { type: integer, default: 3, minimum: 1, maximum: 9, title: How many }, mode: { type: string, default: fast, enum: [fast, slow] } }\nsteps: [{ stop: {} }]';

describe('the service of pipelines', () => {
  it('deploys versions, keeps settings that are still valid, and shows a schema for forms', async () => {
    const world = await createRunWorld();
    const { pipelines } = await world.boot({});
    const service = pipelines.service(TENANT);
    const first = await service.deploy(SOURCE);
    assert.deepEqual([first.version, first.title, first.settings, first.isPaused], [1, 'First', { n: 3, mode: 'fast' }, false]);
    assert.deepEqual(first.settingsSchema['properties'], {
      n: { type: 'integer', title: 'How many', minimum: 1, maximum: 9, default: 3 },
      mode: { type: 'string', enum: ['fast', 'slow'], default: 'fast' },
    });
    assert.equal((await service.deploy(SOURCE)).version, 1);
    await service.configure('a', { n: 7, mode: 'slow' });
    const second = await service.deploy(SOURCE.replace('maximum: 9', 'maximum: 5'));
    assert.deepEqual([second.version, second.settings], [2, { n: 3, mode: 'slow' }]);
    const back = await service.deploy(SOURCE);
    assert.equal(back.version, 3);
    assert.deepEqual(
      (await service.list()).map(({ id, version }) => [id, version]),
      [['a', 3]],
    );
    assert.equal((await service.get('a'))?.source, SOURCE);
    assert.equal(await service.get('b'), undefined);
  });

  it('refuses what has faults, with the faults, and settings that do not fit', async () => {
    const world = await createRunWorld();
    const { pipelines } = await world.boot({});
    const service = pipelines.service(TENANT);
    await assert.rejects(service.deploy('pipeline: a', { file: 'a.yaml' }), (error: TendrilError) => {
      assert.equal(error.code, 'PIPELINE_INVALID');
      assert.equal((error.details['faults'] as readonly { readonly file: string }[])[0]?.file, 'a.yaml');
      return true;
    });
    assert.equal((await service.validate('pipeline: a')).length, 2);
    await service.deploy(SOURCE);
    for (const settings of [{ n: 0 }, { n: 1.5 }, { n: '3' }, { mode: 'quick' }, { m: 1 }, { constructor: 1 }]) {
      await assert.rejects(service.configure('a', settings), { code: 'INPUT_INVALID' }, JSON.stringify(settings));
    }
    await assert.rejects(service.configure('zzz', {}), { code: 'PIPELINE_UNKNOWN' });
    await assert.rejects(service.pause('zzz'), { code: 'PIPELINE_UNKNOWN' });
  });

  it('deploys at the same time without losing one', async () => {
    const world = await createRunWorld();
    const { pipelines } = await world.boot({});
    const service = pipelines.service(TENANT);
    const infos = await Promise.all([1, 2, 3].map((n) => service.deploy(SOURCE.replace('default: 3', `default: ${String(n)}`))));
    assert.deepEqual(infos.map(({ version }) => version).toSorted(), [1, 2, 3]);
  });
});

describe('the list of runs', () => {
  it('is filtered, paged, counted and told of', async () => {
    const world = await createRunWorld();
    const process = await world.boot({});
    const runs = process.pipelines.runs(TENANT);
    const seen: string[] = [];
    const stop = runs.subscribe((run) => seen.push(run.state));
    await process.pipelines.service(TENANT).deploy('pipeline: a\ntrigger: { event: A }\nsteps: [{ stop: {} }]');
    await process.pipelines.service(TENANT).deploy('pipeline: b\ntrigger: { event: B }\nsteps: [{ wait: 1d }]');
    for (let i = 0; i < 5; i += 1) {
      await world.trigger(process, { name: i % 2 === 0 ? 'A' : 'B', profileId: `p${String(i % 2)}` });
      await world.engine.time.advance(1_000);
    }
    const times = (page: { readonly items: readonly RunInfo[] }): readonly string[] => page.items.map(({ pipeline }) => pipeline);
    assert.deepEqual(times(await runs.list({})), ['a', 'b', 'a', 'b', 'a']);
    assert.deepEqual(times(await runs.list({ pipeline: 'b' })), ['b', 'b']);
    assert.deepEqual(times(await runs.list({ state: 'stopped', limit: 2 })), ['a', 'a']);
    assert.deepEqual(times(await runs.list({ person: 'p1', state: 'sleeping', pipeline: 'b' })), ['b', 'b']);
    const first = await runs.list({ limit: 2 });
    const second = await runs.list({ limit: 9, ...(first.nextCursor === undefined ? {} : { cursor: first.nextCursor }) });
    assert.equal(first.items.length + second.items.length, 5);
    assert.equal(second.nextCursor, undefined);
    assert.deepEqual(
      (await runs.count()).map(({ group, count }) => [group, count]),
      [
        ['sleeping', 2],
        ['stopped', 3],
      ],
    );
    assert.deepEqual(seen.toSorted(), ['sleeping', 'sleeping', 'stopped', 'stopped', 'stopped']);
    stop();
  });

  it('reports the end of each run as an event, with what caused it', async () => {
    const world = await createRunWorld();
    const process = await world.boot({});
    await process.pipelines.service(TENANT).deploy('pipeline: a\ntrigger: { event: Signup Completed }\nsteps: [{ stop: {} }]');
    const event = signup(world.engine, { hops: 3 });
    const [runId = ''] = await world.trigger(process, event);
    await world.settle(process, runId);
    const [item] = await world.engine.stores.state.outbox.take(10);
    const payload = JSON.parse(item?.event.payload ?? '{}') as Record<string, unknown>;
    assert.equal(payload['name'], 'tendril.run.ended');
    assert.equal(payload['hops'], 4);
    assert.deepEqual(payload['causedBy'], { runId, eventId: event.id });
    assert.equal((payload['properties'] as Record<string, unknown>)['state'], 'stopped');
  });
});

describe('a call of an action', () => {
  const counting = (): FakeAction => {
    let calls = 0;
    return {
      run: (request, effect) => {
        calls += 1;
        effect();
        return { calls, n: request.input['n'] ?? 0 };
      },
    };
  };

  it('is a run of one step, and the same key gives the same answer', async () => {
    const world = await createRunWorld();
    const { pipelines } = await world.boot({ 'crm.a': counting() });
    const first = await pipelines.callAction(TENANT, 'crm.a', { n: 1, m: { a: 1, b: 2 } }, { idempotencyKey: 'k' });
    const again = await pipelines.callAction(TENANT, 'crm.a', { m: { b: 2, a: 1 }, n: 1 }, { idempotencyKey: 'k' });
    assert.deepEqual(first.output, { calls: 1, n: 1 });
    assert.deepEqual(again, first);
    await assert.rejects(pipelines.callAction(TENANT, 'crm.a', { n: 2 }, { idempotencyKey: 'k' }), { code: 'IDEMPOTENCY_KEY_REUSED' });
    assert.deepEqual((await pipelines.callAction(TENANT, 'crm.a', { n: 3 })).output, { calls: 2, n: 3 });
    const run = await pipelines.runs(TENANT).get(first.runId ?? '');
    assert.deepEqual([run?.pipeline, run?.state, run?.steps.length], ['crm.a', 'succeeded', 1]);
    await assert.rejects(pipelines.callAction(TENANT, 'crm.zzz', {}), { code: 'ACTION_UNKNOWN' });
  });

  it('under one key at the same time happens once', async () => {
    const world = await createRunWorld();
    const { pipelines } = await world.boot({ 'crm.a': counting() });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => pipelines.callAction(TENANT, 'crm.a', { n: 1 }, { idempotencyKey: 'k' })),
    );
    assert.equal(new Set(answers.map(({ runId }) => runId)).size, 1);
    assert.equal(world.world.effects.length, 1);
  });

  it('throws what the action threw, and says where to look when a person has to decide', async () => {
    const world = await createRunWorld();
    const rejected: FakeAction = {
      run: () => {
        throw new TendrilError('UPSTREAM_REJECTED', { field: 'email' });
      },
    };
    const unknown: FakeAction = {
      idempotency: 'none',
      run: () => {
        throw new TendrilError('ACTION_TIMEOUT');
      },
    };
    const { pipelines } = await world.boot({ 'crm.a': rejected, 'crm.b': unknown });
    await assert.rejects(
      pipelines.callAction(TENANT, 'crm.a', {}),
      (error: TendrilError) => error.code === 'UPSTREAM_REJECTED' && error.details['field'] === 'email',
    );
    await assert.rejects(
      pipelines.callAction(TENANT, 'crm.b', {}),
      (error: TendrilError) => error.code === 'ACTION_NEEDS_REVIEW' && typeof error.details['runId'] === 'string',
    );
  });

  it('that only reads, or is dry, leaves no run behind', async () => {
    const world = await createRunWorld();
    const { pipelines } = await world.boot({
      'crm.get': { effect: 'read', run: () => ({ a: 1 }) },
      'crm.a': { run: (request) => ({ dry: request.isDryRun ?? false }) },
    });
    assert.deepEqual(await pipelines.callAction(TENANT, 'crm.get', {}), { output: { a: 1 } });
    assert.deepEqual(await pipelines.callAction(TENANT, 'crm.a', {}, { isDryRun: true }), { output: { dry: true } });
    assert.deepEqual((await pipelines.runs(TENANT).list({})).items, []);
  });
});
