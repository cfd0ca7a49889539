import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { LoggedEvent } from '@tendril/plugin-api';
import type { RawCall } from '../../src/hub.ts';
import { createTestEngine, createTestEvents } from '../support/engine.ts';
import { settled } from '../support/world.ts';

const request = { receivedAt: 1_000, requestId: 'req_1' };

function track(messageId: string, properties: RawCall = {}, event = 'Order'): RawCall {
  return { type: 'track', event, userId: 'u1', messageId, properties };
}

const needsTotal = {
  type: 'object',
  required: ['total'],
  properties: { total: { type: 'number' }, code: { type: 'string', pattern: '^(a+)+$' } },
};

describe('ingest', () => {
  it('takes in the good calls of a batch whatever the others are', async () => {
    const room = await createTestEvents(await createTestEngine(), 'acme');
    await room.schemas.put('Order', needsTotal);
    const outcomes = await room.ingest.accept(
      room.app,
      [track('m1', { total: 1 }), track('m2', {}), { type: 'nonsense' }, track('m1', { total: 1 }), track('m3', { total: 3 })],
      request,
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['accepted', 'quarantined', 'refused', 'duplicate', 'accepted'],
    );
    assert.deepEqual(outcomes[1], { status: 'quarantined', messageId: 'm2', reason: "/ must have required property 'total'" });
    assert.deepEqual(outcomes[3], { status: 'duplicate', messageId: 'm1', position: 1 });
    const { items } = await room.events.list({});
    assert.deepEqual(
      items.map(({ id, position }) => [id, position]),
      [
        ['m3', 2],
        ['m1', 1],
      ],
    );
  });

  it('drops what is delivered a second time', async () => {
    const room = await createTestEvents(await createTestEngine(), 'acme');
    await room.ingest.accept(room.app, [track('m1'), track('m2')], request);
    const again = await room.ingest.accept(room.app, [track('m1'), track('m3')], request);
    assert.deepEqual(
      again.map(({ status }) => status),
      ['duplicate', 'accepted'],
    );
    assert.equal(await room.events.head(), 3);
  });

  it('keeps two tenants apart, message ids and schemas too', async () => {
    const engine = await createTestEngine();
    const one = await createTestEvents(engine, 'one');
    const two = await createTestEvents(engine, 'two');
    await one.schemas.put('Order', needsTotal);
    assert.equal((await one.ingest.accept(one.app, [track('m1')], request))[0]?.status, 'quarantined');
    assert.equal((await two.ingest.accept(two.app, [track('m1')], request))[0]?.status, 'accepted');
    assert.equal((await one.events.quarantined()).items.length, 1);
    assert.equal((await two.events.quarantined()).items.length, 0);
    assert.equal(await one.events.head(), 0);
  });

  it('keeps what fails with its problems and takes it in once the schema is mended', async () => {
    const engine = await createTestEngine();
    const room = await createTestEvents(engine, 'acme');
    await room.schemas.put('Order', { ...needsTotal, additionalProperties: false });
    await room.ingest.accept(room.app, [track('m1', { total: 'a lot', 'x/y': 1 }), track('m2', { total: 2, extra: 1 })], {
      ...request,
      ip: '192.0.2.1',
    });
    const { items } = await room.events.quarantined();
    assert.deepEqual(items.find(({ messageId }) => messageId === 'm1')?.problems, [
      { pointer: '/x~1y', message: 'is not allowed here' },
      { pointer: '/total', message: 'must be number' },
    ]);
    assert.deepEqual(await room.events.replayQuarantine(), { accepted: 0, stillInvalid: 2 });
    assert.deepEqual(await room.schemas.put('Order', needsTotal), { version: 2 });
    assert.deepEqual(await room.events.replayQuarantine(), { accepted: 1, stillInvalid: 1 });
    const [event] = (await room.events.list({})).items;
    assert.equal(event?.id, 'm2');
    assert.equal(event.isImported, true);
    assert.equal(event.context['ip'], '192.0.2.1');
    await room.schemas.remove('Order');
    assert.deepEqual(await room.events.replayQuarantine(items.map(({ id }) => id)), { accepted: 1, stillInvalid: 0 });
    assert.deepEqual((await room.events.quarantined()).items, []);
    assert.deepEqual(await room.events.replayQuarantine(), { accepted: 0, stillInvalid: 0 });
    // The versions go on counting after a removal.
    assert.deepEqual(await room.schemas.put('Order', needsTotal), { version: 3 });
  });

  it('appends a replayed event once though it dies before the quarantine forgets it', async () => {
    const room = await createTestEvents(await createTestEngine(), 'acme');
    await room.schemas.put('Order', needsTotal);
    await room.ingest.accept(room.app, [track('m1')], request);
    await room.schemas.remove('Order');
    const commit = room.tenant.state.commit.bind(room.tenant.state);
    Object.assign(room.tenant.state, { commit: async () => Promise.reject(new TendrilError('STORE_UNAVAILABLE')) });
    await assert.rejects(room.events.replayQuarantine(), { code: 'STORE_UNAVAILABLE' });
    Object.assign(room.tenant.state, { commit });
    assert.deepEqual(await room.events.replayQuarantine(), { accepted: 1, stillInvalid: 0 });
    assert.equal(await room.events.head(), 1);
  });

  it('answers nothing when the quarantine could not be kept', async () => {
    const room = await createTestEvents(await createTestEngine(), 'acme');
    await room.schemas.put('Order', needsTotal);
    Object.assign(room.tenant.state, { commit: async () => Promise.reject(new TendrilError('STORE_FULL')) });
    await assert.rejects(room.ingest.accept(room.app, [track('m1'), track('m2', { total: 1 })], request), { code: 'STORE_FULL' });
  });

  it('checks traits where a call is about traits', async () => {
    const room = await createTestEvents(await createTestEngine(), 'acme');
    await room.schemas.put('$identify', { type: 'object', required: ['email'] });
    const outcomes = await room.ingest.accept(
      room.app,
      [
        { type: 'identify', userId: 'u' },
        { type: 'identify', userId: 'u', traits: { email: 'a@example.invalid' } },
      ],
      request,
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['quarantined', 'accepted'],
    );
  });

  it('refuses schemas that are none, that need the network or that could take for ever', async () => {
    const room = await createTestEvents(await createTestEngine(), 'acme');
    for (const schema of [
      { type: 'strng' },
      { $ref: 'https://example.invalid/schema' },
      { pattern: '(?<=a)b' },
      { pattern: '(' },
      { description: 'x'.repeat(70_000) },
    ]) {
      await assert.rejects(room.schemas.put('Order', schema), { code: 'INPUT_INVALID' }, JSON.stringify(schema).slice(0, 80));
    }
    await room.schemas.put('Order', needsTotal);
    const started = performance.now();
    await room.ingest.accept(room.app, [track('m1', { total: 1, code: `${'a'.repeat(5_000)}!` })], request);
    assert.ok(performance.now() - started < 5_000, 'a pattern took exponential time');
  });

  it('says no before memory grows', async () => {
    const room = await createTestEvents(await createTestEngine(), 'acme', { logStatus: () => ({ waitingEvents: 1_001, waitingBytes: 0 }) });
    await assert.rejects(
      room.ingest.accept(room.app, [track('m1')], request),
      (error: unknown) => TendrilError.is(error) && error.code === 'OVERLOADED' && error.details['retryAfterMs'] === 1_000,
    );
    assert.deepEqual(room.counters.metric().values, [{ labels: { tenant: 'acme', outcome: 'overloaded' }, value: 1 }]);
  });

  it('refuses what does not match once the quarantine is full', async () => {
    const engine = await createTestEngine();
    const room = await createTestEvents(engine, 'acme', { limits: { waitingEvents: 10, waitingBytes: 10, quarantinedEvents: 2 } });
    await room.schemas.put('Order', needsTotal);
    await room.ingest.accept(room.app, [track('m1'), track('m2')], request);
    engine.time.freeze(10_000);
    const outcomes = await room.ingest.accept(room.app, [track('m3'), track('m4', { total: 1 })], request);
    assert.deepEqual(outcomes[0], { status: 'refused', code: 'EVENT_INVALID', reason: "/ must have required property 'total'" });
    assert.equal(outcomes[1]?.status, 'accepted');
    await room.schemas.remove('Order');
    await room.events.replayQuarantine();
    await room.schemas.put('Order', needsTotal);
    engine.time.freeze(10_000);
    assert.equal((await room.ingest.accept(room.app, [track('m5')], request))[0]?.status, 'quarantined');
  });

  it('gives back events as they came, by page, name and person', async () => {
    const room = await createTestEvents(await createTestEngine(), 'acme');
    const calls = Array.from({ length: 25 }, (_, i) => ({
      ...track(`m${i}`, { i }, i % 2 === 0 ? 'Even' : 'Odd'),
      userId: i < 10 ? 'u1' : 'u2',
    }));
    await room.ingest.accept(room.app, calls, request);
    const first = await room.events.list({ limit: 20 });
    const second = await room.events.list({ limit: 20, ...(first.nextCursor === undefined ? {} : { cursor: first.nextCursor }) });
    assert.deepEqual(
      [...first.items, ...second.items].map(({ position }) => position),
      Array.from({ length: 25 }, (_, i) => 25 - i),
    );
    assert.equal(second.nextCursor, undefined);
    assert.equal((await room.events.list({ name: 'Even' })).items.length, 13);
    assert.equal((await room.events.list({ person: 'u1' })).items.length, 10);
    assert.equal((await room.events.list({ person: 'userId:u1', name: 'Odd', limit: 3 })).items.length, 3);
    assert.deepEqual((await room.events.list({ person: 'nobody' })).items, []);
    await assert.rejects(room.events.list({ limit: 0 }), { code: 'INPUT_INVALID' });
    await assert.rejects(room.events.list({ cursor: 'x' }), { code: 'INPUT_INVALID' });
  });

  it('tells subscribers of what comes from now on, until they stop', async () => {
    const engine = await createTestEngine();
    const room = await createTestEvents(engine, 'acme');
    const other = await createTestEvents(engine, 'other', { feed: room.feed });
    await room.ingest.accept(room.app, [track('m0')], request);
    const seen: LoggedEvent[] = [];
    const stop = room.events.subscribe((event) => seen.push(event));
    await room.ingest.accept(room.app, [track('m1'), track('m2')], request);
    await other.ingest.accept(other.app, [track('m9')], request);
    await settled();
    assert.deepEqual(
      seen.map(({ id, position }) => [id, position]),
      [
        ['m1', 2],
        ['m2', 3],
      ],
    );
    stop();
    await room.ingest.accept(room.app, [track('m3')], request);
    await settled();
    assert.equal(seen.length, 2);
  });
});
