import assert from 'node:assert/strict';
import { Analytics } from '@segment/analytics-node';
import { ALL_KINDS, startHub, kindsOf } from './hub-under-test.ts';
import type { HubUnderTest } from './hub-under-test.ts';

describe("Segment's library for Node, with the host changed", () => {
  let hub: HubUnderTest;
  beforeEach(async () => void (hub = await startHub()));
  afterEach(() => hub.close());

  it('delivers every kind of call', async () => {
    const analytics = new Analytics({ writeKey: hub.writeKey, host: hub.url });
    const failures: unknown[] = [];
    analytics.on('error', (failure) => failures.push(failure));
    analytics.identify({ userId: 'u-1', traits: { email: 'ada@example.invalid' } });
    analytics.track({ userId: 'u-1', event: 'Order Completed', properties: { total: 12.5 } });
    analytics.page({ anonymousId: 'a-1', name: 'Home' });
    analytics.screen({ userId: 'u-1', name: 'Start' });
    analytics.group({ userId: 'u-1', groupId: 'g-1' });
    analytics.alias({ userId: 'u-1', previousId: 'a-1' });
    await analytics.closeAndFlush();
    assert.deepEqual(failures, []);
    assert.deepEqual(kindsOf(await hub.events()), ALL_KINDS);
    const track = (await hub.events()).find(({ kind }) => kind === 'track');
    assert.deepEqual([track?.name, track?.identities.userId, track?.properties], ['Order Completed', 'u-1', { total: 12.5 }]);
    assert.equal(typeof track?.id, 'string');
  });

  it('reports a wrong key to its user instead of trying for ever', async () => {
    const analytics = new Analytics({ writeKey: 'wk_wrong', host: hub.url, flushAt: 1 });
    const failure = new Promise<{ readonly code: string }>((resolve) => analytics.on('error', resolve));
    analytics.track({ userId: 'u-1', event: 'A' });
    assert.equal((await failure).code, 'delivery_failure');
    await analytics.closeAndFlush();
    assert.deepEqual(await hub.events(), []);
  });
});
