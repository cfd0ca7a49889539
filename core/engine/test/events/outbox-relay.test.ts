import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import { createOutboxRelay, hubEvent } from '../../src/events/index.ts';
import { createTestEngine, createTestEvents } from '../support/engine.ts';
import type { TestEngine, TestEvents } from '../support/engine.ts';

function relayOf(engine: TestEngine, room: TestEvents): ReturnType<typeof createOutboxRelay> {
  return createOutboxRelay({
    outbox: engine.stores.state.outbox,
    tenants: engine.tenants,
    feed: room.feed,
    timers: engine.time,
    log: engine.log,
  });
}

function ended(run: string): ReturnType<typeof hubEvent> {
  return hubEvent({
    name: 'tendril.run.ended',
    cause: run,
    occurredAt: 5,
    isTest: false,
    properties: { run },
    causeHops: 2,
    identities: { userId: 'u1' },
  });
}

describe('the outbox', () => {
  it('brings emitted events to the log of their tenant, at once while awake', async () => {
    const engine = await createTestEngine();
    const one = await createTestEvents(engine, 'one');
    const two = await createTestEvents(engine, 'two');
    const relay = relayOf(engine, one);
    await one.tenant.state.commit([{ op: 'emit', event: ended('r0') }]);
    await relay.start();
    await engine.time.until(async () => (await one.events.head()) === 1, 0);
    await two.tenant.state.commit([
      { op: 'emit', event: ended('r1') },
      { op: 'emit', event: ended('r2') },
    ]);
    await engine.time.until(async () => (await two.events.head()) === 2, 0);
    const [event] = (await one.events.list({})).items;
    assert.equal(event?.kind, 'hub');
    assert.equal(event.hops, 3);
    assert.deepEqual(event.identities, { userId: 'u1' });
    assert.equal((await engine.stores.state.outbox.take(10)).length, 0);
    await relay.stop();
  });

  it('opens the tenants that another process makes, whose work it may have to take over', async () => {
    const engine = await createTestEngine();
    const room = await createTestEvents(engine, 'one');
    const { tenants } = await createTestEngine(engine);
    const opened = new Set<string>();
    const open = (tenantId: string): ReturnType<typeof tenants.open> => {
      opened.add(tenantId);
      return tenants.open(tenantId);
    };
    const relay = relayOf({ ...engine, tenants: { ...tenants, open } }, room);
    await relay.start();
    assert.deepEqual([...opened], ['one']);
    await engine.tenants.admin.create({ id: 'two', name: 'Two' });
    await engine.time.advance(10_000);
    assert.deepEqual([...opened], ['one', 'two']);
    await relay.stop();
  });

  it('appends once what is relayed twice: after dying before the removal, and by two processes', async () => {
    const engine = await createTestEngine();
    const room = await createTestEvents(engine, 'one');
    const { outbox } = engine.stores.state;
    const remove = outbox.remove.bind(outbox);
    let failures = 2;
    Object.assign(outbox, {
      remove: async (ids: readonly number[]) => {
        if ((failures -= 1) >= 0) throw new TendrilError('STORE_UNAVAILABLE');
        await remove(ids);
      },
    });
    const first = relayOf(engine, room);
    const second = relayOf(engine, room);
    await room.tenant.state.commit([
      { op: 'emit', event: ended('r1') },
      { op: 'emit', event: ended('r1') },
    ]);
    await Promise.all([first.start(), second.start()]);
    await engine.time.until(async () => (await outbox.take(10)).length === 0, 100);
    assert.equal(await room.events.head(), 1);
    assert.ok(engine.log.lines.some(({ level }) => level === 'warn'));
    await Promise.all([first.stop(), second.stop()]);
  });

  it('derives the same message id of the same cause, and cuts loops', () => {
    assert.equal(ended('r1').messageId, ended('r1').messageId);
    assert.notEqual(ended('r1').messageId, ended('r2').messageId);
    const input = { name: 'tendril.x', cause: 'c', occurredAt: 0, isTest: true };
    assert.notEqual(hubEvent({ ...input, discriminator: '1' }).messageId, hubEvent({ ...input, discriminator: '2' }).messageId);
    assert.match(hubEvent({ ...input, causeHops: 15 }).payload, /"hops":16/);
    assert.throws(() => hubEvent({ ...input, causeHops: 16 }), { code: 'EVENT_HOPS_EXCEEDED' });
  });
});
