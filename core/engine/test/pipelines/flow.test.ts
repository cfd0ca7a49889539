import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import type { FakeAction } from './fake-actions.ts';
import { Crash, createRunWorld, signup, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';
import { allRuns, deliver, deployFlow, pendingRows, refusalOf, startedFor } from './starts-world.ts';

const MINUTE_MS = 60_000;

async function flowWorld(flow: string, fakes: Readonly<Record<string, FakeAction>> = {}): Promise<{ world: RunWorld; process: Process }> {
  const world = await createRunWorld();
  const process = await world.boot({ 'crm.a': {}, ...fakes });
  await deployFlow(process, flow);
  return { world, process };
}

function events(world: RunWorld, count: number, event: Partial<LoggedEvent> = {}): readonly LoggedEvent[] {
  return Array.from({ length: count }, () => signup(world.engine, event));
}

const idsOf = (list: readonly LoggedEvent[]): readonly string[] => list.map(({ id }) => id);

async function passes(world: RunWorld, ms: number): Promise<void> {
  await world.engine.time.advance(ms);
}

describe('debounce', () => {
  it('starts one run for the last event, once it is quiet', async () => {
    const { world, process } = await flowWorld('debounce: { period: 1m }');
    const [first, second, third] = events(world, 3);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were asked for');
    await deliver(world, process, [first]);
    await passes(world, 50_000);
    await deliver(world, process, [second, third]);
    await passes(world, 50_000);
    assert.deepEqual(await startedFor(world), []);
    assert.equal((await refusalOf(world, first))?.code, 'debounced');
    await passes(world, 11_000);
    assert.deepEqual(await startedFor(world), [third.id]);
    assert.equal(await pendingRows(world), 0);
    await passes(world, 10 * MINUTE_MS);
    assert.equal((await allRuns(world)).length, 1);
  });

  it('waits no longer than its maximum', async () => {
    const { world, process } = await flowWorld('debounce: { period: 1m, max: 90s }');
    const list = events(world, 3);
    for (const event of list) {
      await deliver(world, process, [event]);
      await passes(world, 40_000);
    }
    assert.deepEqual(await startedFor(world), [list[2]?.id]);
  });

  it('is of each person apart, or of each value of its key', async () => {
    const { world, process } = await flowWorld('debounce: { period: 1m }');
    const list = [...events(world, 2, { profileId: 'p1' }), ...events(world, 2, { profileId: 'p2' })];
    await deliver(world, process, list);
    await passes(world, 2 * MINUTE_MS);
    assert.deepEqual(await startedFor(world), [list[1]?.id, list[3]?.id]);
    await deployFlow(process, 'debounce: { period: 1m, key: event.properties.plan }', { id: 'b' });
    await process.pipelines.service(TENANT).pause('a');
    await deliver(world, process, [...events(world, 2, { profileId: 'p3' }), ...events(world, 2, { profileId: 'p4' })]);
    await passes(world, 2 * MINUTE_MS);
    assert.equal((await allRuns(world)).filter(({ pipeline }) => pipeline === 'b').length, 1);
  });

  it('changes nothing for events that are delivered again, before and after the run', async () => {
    const { world, process } = await flowWorld('debounce: { period: 1m }');
    const [first, second] = events(world, 2);
    if (first === undefined || second === undefined) throw new Error('two were asked for');
    await deliver(world, process, [first, second]);
    await passes(world, 30_000);
    await deliver(world, process, [first]);
    await deliver(world, process, [second, first, second]);
    await passes(world, 31_000);
    assert.deepEqual(await startedFor(world), [second.id]);
    await deliver(world, process, [first, second]);
    await passes(world, 5 * MINUTE_MS);
    assert.deepEqual(await startedFor(world), [second.id]);
  });

  it('keeps to the last event by position when an earlier one is handled late', async () => {
    const { world, process } = await flowWorld('debounce: { period: 1m }');
    const [first, second] = events(world, 2);
    if (first === undefined || second === undefined) throw new Error('two were asked for');
    await deliver(world, process, [second]);
    await deliver(world, process, [first]);
    await passes(world, 2 * MINUTE_MS);
    assert.deepEqual(await startedFor(world), [second.id]);
  });

  it('starts the version that is in force when it is due', async () => {
    const { world, process } = await flowWorld('debounce: { period: 1m }');
    await deliver(world, process, events(world, 1));
    await deployFlow(process, 'debounce: { period: 2m }');
    await passes(world, MINUTE_MS + 1_000);
    assert.deepEqual(
      (await allRuns(world)).map(({ version }) => version),
      [2],
    );
  });

  it('drops what is due while the pipeline is paused or out of force, and keeps why', async () => {
    const { world, process } = await flowWorld('debounce: { period: 1m }');
    const service = process.pipelines.service(TENANT);
    const [first, second] = events(world, 2);
    if (first === undefined || second === undefined) throw new Error('two were asked for');
    await deliver(world, process, [first]);
    await service.pause('a');
    await passes(world, 2 * MINUTE_MS);
    assert.equal((await refusalOf(world, first))?.code, 'paused');
    await service.resume('a');
    await deliver(world, process, [second]);
    await service.undeploy('a');
    await passes(world, 2 * MINUTE_MS);
    assert.equal((await refusalOf(world, second))?.code, 'undeployed');
    assert.deepEqual(await startedFor(world), []);
    assert.equal(await pendingRows(world), 0);
  });
});

describe('batch', () => {
  it('starts as soon as it is full, with all events, and goes on with the next', async () => {
    const { world, process } = await flowWorld('batch: { size: 3, timeout: 1h }');
    const list = events(world, 8);
    await deliver(world, process, list.slice(0, 2));
    await deliver(world, process, list.slice(2, 8));
    const runs = await allRuns(world);
    assert.deepEqual(
      runs.map((run) => run.events?.map(({ id }) => id)),
      [idsOf(list.slice(0, 3)), idsOf(list.slice(3, 6))],
    );
    assert.deepEqual(
      runs.map(({ event }) => event?.id),
      [list[2]?.id, list[5]?.id],
    );
    await passes(world, 59 * MINUTE_MS);
    assert.equal((await allRuns(world)).length, 2);
    await passes(world, 2 * MINUTE_MS);
    assert.deepEqual(
      (await allRuns(world)).at(-1)?.events?.map(({ id }) => id),
      idsOf(list.slice(6)),
    );
    assert.equal(await pendingRows(world), 0);
    assert.deepEqual(
      world.world.requests.map(({ input }) => input['ids']),
      [idsOf(list.slice(0, 3)), idsOf(list.slice(3, 6)), idsOf(list.slice(6))],
    );
  });

  it('tells which run an event is part of', async () => {
    const { world, process } = await flowWorld('batch: { size: 2, timeout: 1h }');
    const list = events(world, 2);
    await deliver(world, process, list);
    const [run] = await allRuns(world);
    for (const event of list) {
      const refusal = await refusalOf(world, event);
      assert.deepEqual([refusal?.code, refusal?.runId], ['batched', run?.id]);
    }
  });

  it('counts no event twice, however often it is delivered', async () => {
    const { world, process } = await flowWorld('batch: { size: 3, timeout: 1h, key: event.properties.plan }');
    const list = events(world, 4);
    await deliver(world, process, list.slice(0, 2));
    await deliver(world, process, list.slice(0, 2));
    await deliver(world, process, list.slice(1, 4));
    await deliver(world, process, list);
    await passes(world, 61 * MINUTE_MS);
    assert.deepEqual(
      (await allRuns(world)).map((run) => run.events?.map(({ id }) => id)),
      [idsOf(list.slice(0, 3)), idsOf(list.slice(3))],
    );
  });

  it('starts before it is full when its events get large', async () => {
    const { world, process } = await flowWorld('batch: { size: 1000, timeout: 1h }');
    const list = events(world, 20, { properties: { text: 'x'.repeat(30_000) } });
    for (const event of list) await deliver(world, process, [event]);
    const [first] = await allRuns(world);
    assert.equal(first?.events?.length, 18);
    await passes(world, 61 * MINUTE_MS);
    assert.equal((await allRuns(world)).flatMap((run) => run.events ?? []).length, 20);
  });

  it('is refused as a whole when a limit refuses its run', async () => {
    const { world, process } = await flowWorld('batch: { size: 2, timeout: 1m }\nrateLimit: { limit: 1, period: 1d }');
    const list = events(world, 5);
    await deliver(world, process, list);
    await passes(world, 2 * MINUTE_MS);
    assert.equal((await allRuns(world)).length, 1);
    assert.deepEqual(await Promise.all(list.map(async (event) => (await refusalOf(world, event))?.code)), [
      'batched',
      'batched',
      'rate_limit',
      'rate_limit',
      'rate_limit',
    ]);
  });

  it('does not mix environments or test and live', async () => {
    const { world, process } = await flowWorld('batch: { size: 2, timeout: 1h }');
    await deliver(world, process, [...events(world, 1), ...events(world, 1, { isTest: true })]);
    assert.deepEqual(await startedFor(world), []);
    await deliver(world, process, events(world, 1, { isTest: true }));
    assert.deepEqual(
      (await allRuns(world)).map(({ isTest, environment }) => [isTest, environment]),
      [[true, 'development']],
    );
  });
});

describe('what gathers', () => {
  for (const flow of ['debounce: { period: 1m }', 'batch: { size: 9, timeout: 1m }']) {
    for (const point of ['pending.before-commit', 'pending.after-commit']) {
      it(`survives a death at ${point} (${flow})`, async () => {
        const { world, process } = await flowWorld(flow);
        await deliver(world, process, events(world, 3));
        await process.worker.stop(0);
        let deaths = 0;
        await world.boot(
          { 'crm.a': {} },
          {
            faultPoint: (name) => {
              if (name === point && (deaths += 1) === 1) throw new Crash();
            },
          },
        );
        await passes(world, 70_000);
        assert.equal(deaths, 1);
        await world.boot({ 'crm.a': {} });
        await passes(world, 5 * MINUTE_MS);
        const runs = await allRuns(world);
        assert.equal(runs.length, 1);
        assert.equal(runs[0]?.state, 'succeeded');
        assert.equal(await pendingRows(world), 0);
      });
    }
  }

  it('starts by itself when a version comes that gathers otherwise', async () => {
    const key = 'key: event.properties.plan';
    const flows = [`batch: { size: 9, timeout: 1m, ${key} }`, `debounce: { period: 1m, ${key} }`] as const;
    for (const [before, after] of [flows, [flows[1], flows[0]] as const]) {
      const { world, process } = await flowWorld(before);
      const [first, second, third] = events(world, 3);
      if (first === undefined || second === undefined || third === undefined) throw new Error('three were asked for');
      await deliver(world, process, [first, second]);
      await deployFlow(process, after);
      await deliver(world, process, [third]);
      await passes(world, 2 * MINUTE_MS);
      assert.deepEqual(await startedFor(world), [second.id, third.id]);
      assert.equal(await pendingRows(world), 0);
    }
  });

  it('starts sooner when a version comes that waits less', async () => {
    const { world, process } = await flowWorld('debounce: { period: 1h }');
    const [first, second] = events(world, 2);
    if (first === undefined || second === undefined) throw new Error('two were asked for');
    await deliver(world, process, [first]);
    await deployFlow(process, 'debounce: { period: 1m }');
    await deliver(world, process, [second]);
    await passes(world, 2 * MINUTE_MS);
    assert.deepEqual(await startedFor(world), [second.id]);
  });

  it('is started once by two processes that both take up events', async () => {
    const { world, process } = await flowWorld('batch: { size: 4, timeout: 1m }');
    const other = await world.boot({ 'crm.a': {} });
    const list = events(world, 10);
    await Promise.all(list.map((event, index) => deliver(world, index % 2 === 0 ? process : other, [event])));
    await passes(world, 2 * MINUTE_MS);
    const gathered = (await allRuns(world)).flatMap((run) => run.events?.map(({ id }) => id) ?? []);
    assert.deepEqual(gathered.toSorted(), idsOf(list).toSorted());
  });

  it('is forgotten after a while', async () => {
    const { world, process } = await flowWorld('batch: { size: 2, timeout: 1m }');
    const [event] = events(world, 1);
    if (event === undefined) throw new Error('one was asked for');
    await deliver(world, process, [event]);
    await passes(world, 2 * MINUTE_MS);
    assert.equal((await refusalOf(world, event))?.code, 'batched');
    await process.pipelines.pruning.ensure(TENANT);
    world.engine.time.freeze(31 * 86_400_000);
    await passes(world, MINUTE_MS);
    assert.equal(await refusalOf(world, event), undefined);
  });

  it('refuses what its key cannot be evaluated for', async () => {
    const { world, process } = await flowWorld('batch: { size: 2, timeout: 1m, key: event.properties.shop }');
    const [event] = events(world, 1);
    if (event === undefined) throw new Error('one was asked for');
    await deliver(world, process, [event]);
    assert.equal((await refusalOf(world, event))?.code, 'key_failed');
    assert.equal(await pendingRows(world), 0);
  });
});
