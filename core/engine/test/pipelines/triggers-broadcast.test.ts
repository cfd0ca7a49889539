import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { BroadcastInfo, BroadcastService } from '../../src/hub.ts';
import type { FaultPoint, RunFaultPoint } from '../../src/pipelines/index.ts';
import { RUNS } from '../../src/pipelines/tables.ts';
import { BROADCAST_PEOPLE } from '../../src/pipelines/triggers/tables.ts';
import { queryAll } from '../../src/tenants/index.ts';
import type { FakeAction } from './fake-actions.ts';
import { Crash, createRunWorld, TENANT } from './run-world.ts';
import type { Process, RunWorld } from './run-world.ts';

const MINUTE_MS = 60_000;

function source(broadcast = '{}', more = '', steps = '{ action: crm.a }'): string {
  return `pipeline: news\ntrigger: { broadcast: ${broadcast}${more} }\nsteps: [ ${steps} ]`;
}

/** A segment of `count` people, in pages as asked for. */
function audience(count: number): FakeAction {
  return {
    effect: 'read',
    run: ({ input }) => {
      if (input['segment'] !== undefined && input['segment'] !== 'vip') throw new TendrilError('NOT_FOUND');
      const start = Number(input['cursor'] ?? 0);
      const end = Math.min(count, start + Number(input['limit']));
      const people = Array.from({ length: end - start }, (_, index) => `p${String(start + index)}`);
      return { people, ...(end < count ? { nextCursor: String(end) } : {}), ...(start === 0 ? { total: count } : {}) };
    },
  };
}

interface Sending {
  readonly world: RunWorld;
  readonly process: Process;
  readonly broadcasts: BroadcastService;
}

async function deployed(text = source(), fakes: Readonly<Record<string, FakeAction>> = {}, faultPoint?: FaultPoint): Promise<Sending> {
  const world = await createRunWorld();
  const process = await world.boot({ 'crm.a': {}, ...fakes }, faultPoint === undefined ? {} : { faultPoint });
  await process.pipelines.service(TENANT).deploy(text);
  return { world, process, broadcasts: process.pipelines.triggers.broadcasts(TENANT) };
}

async function until({ world, broadcasts }: Sending, id: string, condition: (info: BroadcastInfo) => boolean): Promise<BroadcastInfo> {
  let info: BroadcastInfo | undefined;
  await world.engine.time.until(async () => {
    info = await broadcasts.get(id);
    return info !== undefined && condition(info);
  }, 500);
  assert.ok(info !== undefined);
  return info;
}

async function peopleOfRuns({ world }: Sending): Promise<readonly string[]> {
  return (await queryAll(world.tenant.state, RUNS)).map(({ value }) => String(value['personId'])).toSorted();
}

function isOver({ state, started, succeeded, failed }: BroadcastInfo): boolean {
  return state === 'done' && started === succeeded + failed;
}

async function refused(sending: Promise<unknown>): Promise<string> {
  const error: unknown = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(TendrilError.is(error));
  return error.code;
}

describe('a broadcast', () => {
  it('starts one run for each person of a list, once, and counts how they end', async () => {
    const sending = await deployed(undefined, {
      'crm.a': { run: ({ idempotencyKey }) => ({ key: idempotencyKey }) },
    });
    const people = [...Array.from({ length: 450 }, (_, index) => `p${String(index)}`), 'p1', 'p2'];
    const { id, total } = await sending.broadcasts.send('news', { people, input: { subject: 'Hello' } });
    assert.equal(total, 450);
    const info = await until(sending, id, isOver);
    assert.deepEqual([info.started, info.succeeded, info.failed, info.skipped], [450, 450, 0, 0]);
    assert.equal(new Set(await peopleOfRuns(sending)).size, 450);
    assert.equal((await peopleOfRuns(sending)).length, 450);
    const [run] = await queryAll(sending.world.tenant.state, RUNS);
    assert.deepEqual(run?.value['input'], { subject: 'Hello' });
    assert.deepEqual(await queryAll(sending.world.tenant.state, BROADCAST_PEOPLE), []);
    assert.deepEqual(
      (await sending.broadcasts.list({ pipeline: 'news' })).items.map((each) => each.id),
      [id],
    );
  });

  it('goes to everybody, or to a segment that the capability knows', async () => {
    const sending = await deployed(source('{ segment: vip }'), { 'audience.members@1': audience(430) });
    const { id, total, segment } = await sending.broadcasts.send('news', {});
    assert.deepEqual([total, segment], [430, 'vip']);
    assert.equal((await until(sending, id, isOver)).succeeded, 430);
    assert.equal(await refused(sending.broadcasts.send('news', { segment: 'other' })), 'NOT_FOUND');
    const without = await deployed();
    assert.equal(await refused(without.broadcasts.send('news', {})), 'ACTION_UNKNOWN');
  });

  it('loses nobody and takes nobody twice when the process dies at any line', async function () {
    this.timeout(120_000);
    for (const point of ['broadcast.before-page', 'broadcast.after-page'] as readonly RunFaultPoint[]) {
      for (const count of [1, 2, 3]) {
        let seen = 0;
        const sending = await deployed(undefined, { 'audience.members@1': audience(450) }, (name) => {
          if (name === point) seen += 1;
          if (name === point && seen === count) throw new Crash(name);
        });
        const { id } = await sending.broadcasts.send('news', {});
        await sending.world.engine.time.until(() => seen >= count, 100);
        const process = await sending.world.boot({ 'crm.a': {}, 'audience.members@1': audience(450) });
        const second = { ...sending, process, broadcasts: process.pipelines.triggers.broadcasts(TENANT) };
        const info = await until(second, id, isOver);
        assert.deepEqual([info.started, info.succeeded], [450, 450], `${point} ${String(count)}`);
        assert.equal(sending.world.world.effects.length, 450);
      }
    }
  });

  it('leaves out whom its condition or a limit leaves out', async () => {
    const people = ['p1', 'p2', 'p3', 'p4'];
    const profile: FakeAction = { effect: 'read', run: ({ input }) => ({ id: input['id'] ?? '', traits: { vip: input['id'] !== 'p2' } }) };
    const sending = await deployed(source('{}', ', where: profile.traits.vip'), { 'people.get@1': profile });
    const { id } = await sending.broadcasts.send('news', { people });
    const info = await until(sending, id, isOver);
    assert.deepEqual([info.started, info.skipped], [3, 1]);
    assert.deepEqual(await peopleOfRuns(sending), ['p1', 'p3', 'p4']);
  });

  it('starts no more in a minute than it may', async () => {
    const sending = await deployed(source('{ perMinute: 120 }'));
    const { id } = await sending.broadcasts.send('news', { people: Array.from({ length: 300 }, (_, index) => `p${String(index)}`) });
    await sending.world.engine.time.advance(MINUTE_MS - 500);
    const { started = 0 } = (await sending.broadcasts.get(id)) ?? {};
    assert.ok(started >= 100 && started <= 120, String(started));
    await sending.world.engine.time.advance(2 * MINUTE_MS);
    assert.equal((await sending.broadcasts.get(id))?.state, 'done');
    const slow = await deployed();
    const { id: slowId } = await slow.broadcasts.send('news', { people: ['a', 'b', 'c'], perMinute: 2 });
    await slow.world.engine.time.advance(45_000);
    assert.equal((await slow.broadcasts.get(slowId))?.started, 2);
  });

  it('stands still while it or its pipeline is paused, and ends when it is cancelled', async () => {
    const sending = await deployed(source('{ perMinute: 60 }', '', '{ wait: 1h }'));
    const { broadcasts, world, process } = sending;
    const { id } = await broadcasts.send('news', { people: Array.from({ length: 100 }, (_, index) => `p${String(index)}`) });
    await until(sending, id, ({ started }) => started >= 5);
    await broadcasts.pause(id);
    const paused = (await broadcasts.get(id))?.started ?? 0;
    await world.engine.time.advance(MINUTE_MS);
    assert.deepEqual([(await broadcasts.get(id))?.state, (await broadcasts.get(id))?.started], ['paused', paused]);
    await broadcasts.resume(id);
    await until(sending, id, ({ started }) => started >= paused + 5);
    await process.pipelines.service(TENANT).pause('news');
    await world.engine.time.advance(2_000);
    const held = (await broadcasts.get(id))?.started ?? 0;
    await world.engine.time.advance(20_000);
    assert.equal((await broadcasts.get(id))?.started, held);
    await process.pipelines.service(TENANT).resume('news');
    await until(sending, id, ({ started }) => started > held);
    await broadcasts.cancel(id, { withRuns: true });
    await until(sending, id, ({ started, failed }) => failed === started);
    const info = await broadcasts.get(id);
    assert.equal(info?.state, 'cancelled');
    const states = (await queryAll(world.tenant.state, RUNS)).map(({ value }) => value['state']);
    assert.deepEqual(new Set(states), new Set(['cancelled']));
    assert.equal(await refused(broadcasts.pause('other')), 'NOT_FOUND');
  });

  it('forgets to whom it will never come', async () => {
    const people = Array.from({ length: 450 }, (_, index) => `p${String(index)}`);
    const ends: Readonly<Record<string, (sending: Sending, id: string) => Promise<void>>> = {
      cancelled: ({ broadcasts }, id) => broadcasts.cancel(id),
      failed: ({ process }) => process.pipelines.service(TENANT).undeploy('news'),
    };
    for (const [state, end] of Object.entries(ends)) {
      const sending = await deployed(source('{ perMinute: 60 }'));
      const { id } = await sending.broadcasts.send('news', { people });
      await until(sending, id, ({ started }) => started >= 1);
      await end(sending, id);
      await sending.world.engine.time.advance(5_000);
      assert.equal((await sending.broadcasts.get(id))?.state, state);
      assert.equal((await queryAll(sending.world.tenant.state, BROADCAST_PEOPLE)).length, 0);
    }
  });

  it('is sent once under one key, and by the version that was in force', async () => {
    const sending = await deployed(source('{ perMinute: 60 }'));
    const { broadcasts, process } = sending;
    const asked = { people: ['a', 'b', 'c'], idempotencyKey: 'k1' };
    const [one, other] = await Promise.all([broadcasts.send('news', asked), broadcasts.send('news', asked)]);
    assert.equal(one.id, other.id);
    assert.equal(await refused(broadcasts.send('news', { ...asked, people: ['d'] })), 'IDEMPOTENCY_KEY_REUSED');
    await process.pipelines.service(TENANT).deploy(source('{ perMinute: 60 }', '', '{ set: { done: true } }'));
    const info = await until(sending, one.id, isOver);
    assert.equal(info.version, 1);
    const versions = (await queryAll(sending.world.tenant.state, RUNS)).map(
      ({ value }: { readonly value: JsonObject }) => value['version'],
    );
    assert.deepEqual(versions, [1, 1, 1]);
  });

  it('is refused when it cannot be sent', async () => {
    const { broadcasts, process } = await deployed();
    await process.pipelines.service(TENANT).deploy('pipeline: other\ntrigger: { manual: {} }\nsteps: [ { action: crm.a } ]');
    assert.equal(await refused(broadcasts.send('none', { people: ['a'] })), 'PIPELINE_UNKNOWN');
    assert.equal(await refused(broadcasts.send('other', { people: ['a'] })), 'INPUT_INVALID');
    assert.equal(await refused(broadcasts.send('news', { people: ['a', ''] })), 'INPUT_INVALID');
    assert.equal(await refused(broadcasts.send('news', { people: ['a'], perMinute: 0 })), 'INPUT_INVALID');
    await process.pipelines.service(TENANT).pause('news');
    assert.equal(await refused(broadcasts.send('news', { people: ['a'] })), 'PIPELINE_PAUSED');
  });

  it('acts on real people in production only', async () => {
    const { process, broadcasts } = await deployed();
    await process.pipelines.service(TENANT).deploy(source(), { environment: 'development' });
    const sent = { people: ['p1'], environment: 'development' } as const;
    await assert.rejects(broadcasts.send('news', { ...sent, isTest: false }), { code: 'INPUT_INVALID' });
    assert.equal((await broadcasts.send('news', sent)).total, 1);
  });
});
