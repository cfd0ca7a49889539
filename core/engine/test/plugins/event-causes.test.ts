import assert from 'node:assert/strict';
import type { LoggedEvent } from '@tendril/plugin-api';
import { EventCauses } from '../../src/plugins/event-causes.ts';

function event(id: string, userId: string, hops: number): LoggedEvent {
  return {
    id,
    position: 1,
    kind: 'track',
    name: 'Something Done',
    appId: 'app',
    isTest: false,
    occurredAt: 0,
    receivedAt: 0,
    identities: { userId },
    properties: {},
    traits: {},
    context: {},
    isImported: false,
    hops,
  };
}

describe('causes of what a consumer emits', () => {
  const causes = new EventCauses([event('m1', 'u1', 3), event('m/2', 'u1', 5), event('m3', 'u2', 1)]);

  it('are named by the discriminator, as a whole or before a slash', () => {
    assert.deepEqual(causes.of({ name: 'e', discriminator: 'm1' }).causedBy, { eventId: 'm1' });
    assert.deepEqual(causes.of({ name: 'e', discriminator: 'm1/vip/p1' }).causedBy, { eventId: 'm1' });
    assert.deepEqual(causes.of({ name: 'e', discriminator: 'm/2/vip' }).causedBy, { eventId: 'm/2' });
  });

  it('are the last of the same person otherwise, or nobody in particular', () => {
    assert.deepEqual(causes.of({ name: 'e', identities: { userId: 'u1' } }).causedBy, { eventId: 'm/2' });
    assert.deepEqual(causes.of({ name: 'e', discriminator: 'other/m1' }), { hops: 1 });
  });
});
