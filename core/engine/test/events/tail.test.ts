import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import { decodeEvent, toNewEvent } from '../../src/events/index.ts';
import { Tail } from '../../src/events/tail.ts';

function event(position: number): LoggedEvent {
  const stored = { id: `m${position}`, kind: 'track', name: 'x', appId: 'a', occurredAt: 1, receivedAt: 2, identities: { userId: 'u' } };
  return decodeEvent({ position, payload: JSON.stringify(stored) });
}

const positions = (events: readonly LoggedEvent[]): readonly number[] => events.map(({ position }) => position);

describe('the tail', () => {
  it('gives what follows without a gap, and nothing of another tenant', () => {
    const tail = new Tail();
    for (const position of [4, 2, 3, 6]) tail.add('one', event(position), 100);
    assert.deepEqual(positions(tail.read('one', 1, 10)), [2, 3, 4]);
    assert.deepEqual(positions(tail.read('one', 1, 2)), [2, 3]);
    assert.deepEqual(tail.read('one', 4, 10), []);
    assert.deepEqual(positions(tail.read('one', 5, 10)), [6]);
    assert.deepEqual(tail.read('two', 1, 10), []);
  });

  it('stays within its budget by dropping what came first, of whichever tenant', () => {
    const tail = new Tail(600 * 400);
    for (let position = 1; position <= 2_000; position += 1) tail.add(position <= 1_000 ? 'first' : 'second', event(position), 100);
    assert.deepEqual(tail.read('first', 0, 10), []);
    assert.deepEqual(tail.read('first', 990, 10), []);
    assert.deepEqual(positions(tail.read('second', 1_997, 10)), [1_998, 1_999, 2_000]);
    assert.ok(tail.read('second', 1_800, 1_000).length === 200);
    assert.deepEqual(tail.read('second', 1_000, 10), []);
  });

  it('gives events over the edges of what it keeps together', () => {
    const tail = new Tail();
    for (let position = 1; position <= 600; position += 1) tail.add('one', event(position), 10);
    assert.deepEqual(
      positions(tail.read('one', 0, 1_000)),
      Array.from({ length: 600 }, (_, i) => i + 1),
    );
  });
});

describe('stored events', () => {
  it('come back as they went, with what was left out filled in', () => {
    const full: LoggedEvent = {
      id: 'm1',
      position: 7,
      kind: 'hub',
      name: 'tendril.x',
      appId: '_hub',
      isTest: true,
      occurredAt: 1,
      receivedAt: 2,
      identities: { userId: 'u', anonymousId: 'a' },
      properties: { a: [1, null, 'ü'] },
      traits: { email: 'a@example.invalid' },
      context: { ip: '192.0.2.1' },
      isImported: true,
      causedBy: { runId: 'r' },
      hops: 3,
      requestId: 'q',
    };
    const { position: _, ...unplaced } = full;
    const stored = toNewEvent(unplaced);
    assert.deepEqual(decodeEvent({ position: 7, payload: stored.payload }), full);
    assert.equal(stored.person, 'userId:u');
    const bare = event(1);
    assert.deepEqual([bare.properties, bare.traits, bare.context, bare.hops, bare.isTest, bare.isImported], [{}, {}, {}, 0, false, false]);
  });
});
