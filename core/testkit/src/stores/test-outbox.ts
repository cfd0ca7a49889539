import assert from 'node:assert/strict';
import { eventOf, keysOf } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';

/** The contract of the outbox. */
export function testOutbox(open: OpenStores): void {
  describe('the outbox', () => {
    it(
      'gives emitted events of all tenants, oldest first, until they are removed',
      withStores(open, async ({ stores, reopen }) => {
        const { outbox } = stores.state;
        let heard = 0;
        const stop = outbox.onEmit(() => {
          heard += 1;
        });
        await stores.state.tenant(keysOf('acme')).commit([
          { op: 'emit', event: eventOf('a') },
          { op: 'emit', event: eventOf('b') },
        ]);
        await stores.state.tenant(keysOf('globex')).commit([{ op: 'emit', event: eventOf('c') }]);
        assert.equal(heard, 2);
        stop();
        const items = await outbox.take(10);
        assert.deepEqual(
          items.map(({ tenantId, event }) => [tenantId, event]),
          [
            ['acme', eventOf('a')],
            ['acme', eventOf('b')],
            ['globex', eventOf('c')],
          ],
        );
        assert.deepEqual(
          (await outbox.take(2)).map(({ id }) => id),
          items.slice(0, 2).map(({ id }) => id),
        );
        await outbox.remove([]);
        await outbox.remove(items.slice(0, 2).map(({ id }) => id));
        await outbox.remove(items.slice(0, 1).map(({ id }) => id));
        const { state } = await reopen();
        await state.tenant(keysOf('globex')).counters([]);
        assert.deepEqual(
          (await state.outbox.take(10)).map(({ event }) => event.messageId),
          ['c'],
        );
      }),
    );
  });
}
