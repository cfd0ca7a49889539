import assert from 'node:assert/strict';
import { keysOf } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';

/** The contract of counters. */
export function testCounters(open: OpenStores): void {
  describe('counters', () => {
    it(
      'add up to their limit, which the sum may reach but not exceed',
      withStores(open, async ({ stores }) => {
        const state = stores.state.tenant(keysOf('acme'));
        const count = (by: number, max?: number) =>
          state.commit([max === undefined ? { op: 'count', counter: 'cap', by } : { op: 'count', counter: 'cap', by, max }]);
        assert.deepEqual(await state.counters(['cap', 'none']), [0, 0]);
        assert.deepEqual(await count(2, 3), { ok: true });
        assert.deepEqual(await count(2, 3), { ok: false, failed: 0, reason: 'limit' });
        assert.deepEqual(await count(1, 3), { ok: true });
        assert.deepEqual(await count(-2), { ok: true });
        assert.deepEqual(await count(0.5), { ok: true });
        assert.deepEqual(await state.counters(['cap']), [1.5]);
      }),
    );

    it(
      'never exceed it when many count at once',
      withStores(open, async ({ stores }) => {
        const state = stores.state.tenant(keysOf('acme'));
        const results = await Promise.all(Array.from({ length: 40 }, () => state.commit([{ op: 'count', counter: 'cap', by: 1, max: 7 }])));
        assert.equal(results.filter((result) => result.ok).length, 7);
        assert.deepEqual(await state.counters(['cap']), [7]);
      }),
    );

    it(
      'are gone after their end and begin anew',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        const expiresAt = clock.now() + 1_000;
        await state.commit([{ op: 'count', counter: 'day', by: 5, max: 5, expiresAt }]);
        clock.advance(999);
        assert.deepEqual(await state.counters(['day']), [5]);
        clock.advance(1);
        assert.deepEqual(await state.counters(['day']), [0]);
        assert.deepEqual(await state.commit([{ op: 'count', counter: 'day', by: 3, max: 5, expiresAt: clock.now() + 10 }]), { ok: true });
        assert.deepEqual(await state.counters(['day']), [3]);
        clock.advance(3_600_000);
        await stores.state.jobs.claimDue('sweeps', { limit: 1, leaseMs: 1 });
        assert.deepEqual(await state.counters(['day']), [0]);
      }),
    );
  });
}
