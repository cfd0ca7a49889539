import assert from 'node:assert/strict';
import { eventOf, job, keysOf, LEADS, PEOPLE, put } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';

const MARKER = 'q8Zx-marker';

/** Nothing that says who somebody is may be readable on the disk. */
export function testSecrecy(open: OpenStores): void {
  describe('on the disk', () => {
    it(
      'there is no payload, address or identity in the clear',
      withStores(open, async ({ stores, rawBytes }) => {
        if (rawBytes === undefined) return;
        const address = `${MARKER}@example.invalid`;
        const payload = { address, note: MARKER };
        await stores.state.defineTables([LEADS, PEOPLE]);
        const state = stores.state.tenant(keysOf('acme'));
        await stores.log
          .tenant(keysOf('acme'))
          .append([eventOf('visible-id', { person: `userId:${MARKER}`, payload: JSON.stringify(payload) })]);
        const claimed = { workerId: 'w', leaseMs: 1_000 };
        await state.commit([
          put({ id: 'visible-key', email: address, note: MARKER }),
          put({ identity: `email:${address}`, profileId: 'p' }, 0, PEOPLE),
          { op: 'count', counter: `cap:${address}`, by: 1 },
          { op: 'emit', event: eventOf('e', { person: MARKER, payload: JSON.stringify(payload) }) },
          job('waiting', { payload }),
          job('dead', { payload, claimedBy: claimed }),
          { op: 'bury', jobId: 'dead', fence: 1, error: payload },
        ]);
        const bytes = await rawBytes();
        assert.ok(bytes.includes('visible-id'), 'what may be seen is seen');
        assert.ok(bytes.includes('visible-key'), 'what may be seen is seen');
        assert.ok(!bytes.includes(MARKER));
      }),
    );
  });
}
