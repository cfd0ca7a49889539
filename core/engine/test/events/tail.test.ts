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
    const tail = new Tail(6_000);
    for (let position = 1; position <= 1_000; position += 1) tail.add(position % 2 === 0 ? 'even' : 'odd', event(position), 100);
    assert.deepEqual(tail.read('odd', 0, 10), []);
    assert.deepEqual(positions(tail.read('odd', 998, 10)), [999]);
    assert.deepEqual(positions(tail.read('even', 999, 10)), [1_000]);
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
