import assert from 'node:assert/strict';
import { job, keysOf, LEADS, put } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';

/** The contract of what is known about jobs whose leases run out. */
export function testJobDeaths(open: OpenStores): void {
  describe('leases that run out', () => {
    it(
      'are counted in a row, until the holder writes anything',
      withStores(open, async ({ stores, clock }) => {
        await stores.state.defineTables([LEADS]);
        const state = stores.state.tenant(keysOf('acme'));
        await state.commit([job('j')]);
        const claim = async (): Promise<{ fence: number; deaths: number }> => {
          clock.advance(2_000);
          const [claimed] = await stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 1_000, kinds: ['run'] });
          return { fence: claimed?.fence ?? 0, deaths: claimed === undefined ? -1 : (claimed.deaths ?? 0) };
        };
        assert.equal((await claim()).deaths, 0);
        assert.equal((await claim()).deaths, 1);
        const second = await claim();
        assert.equal(second.deaths, 2);
        assert.deepEqual(await state.commit([{ op: 'held', jobId: 'j', fence: second.fence }, put({ id: 'l1' })]), { ok: true });
        assert.equal((await claim()).deaths, 1, 'what was written counts as progress');
        const fourth = await claim();
        assert.equal(fourth.deaths, 2);
        await state.commit([{ op: 'reschedule', jobId: 'j', fence: fourth.fence, dueAt: clock.now(), attempts: 0 }]);
        assert.equal((await claim()).deaths, 0);
      }),
    );

    it(
      'are not written down by a changeset that fails, and are by a birth',
      withStores(open, async ({ stores, clock }) => {
        await stores.state.defineTables([LEADS]);
        const state = stores.state.tenant(keysOf('acme'));
        await state.commit([job('j', { claimedBy: { workerId: 'w', leaseMs: 1_000 } })]);
        clock.advance(2_000);
        const [first] = await stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 1_000, kinds: ['run'] });
        assert.equal(first?.deaths, 1);
        const refused = await state.commit([{ op: 'held', jobId: 'j', fence: first.fence }, put({ id: 'l1' }, 7)]);
        assert.equal(refused.ok, false);
        clock.advance(2_000);
        const [second] = await stores.state.jobs.claimDue('w', { limit: 1, leaseMs: 1_000, kinds: ['run'] });
        assert.equal(second?.deaths, 2);
      }),
    );
  });
}
