import assert from 'node:assert/strict';
import type { Claim, JobQueue } from '@tendril/engine/ports';
import { hasCode, job, keysOf } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';

const ids = (claims: readonly Claim[]): readonly string[] => claims.map(({ tenantId, id }) => `${tenantId}/${id}`);

async function claimOne(jobs: JobQueue, workerId = 'w1', leaseMs = 1_000): Promise<Claim> {
  const [claim] = await jobs.claimDue(workerId, { limit: 1, leaseMs });
  assert.ok(claim);
  return claim;
}

/** The contract of the queue. */
export function testJobs(open: OpenStores): void {
  describe('jobs', () => {
    it(
      'are claimed when due, by priority and then by due time, with what they carry',
      withStores(open, async ({ stores, clock }) => {
        const { jobs } = stores.state;
        const now = clock.now();
        await stores.state
          .tenant(keysOf('acme'))
          .commit([
            job('late', { dueAt: now - 1 }),
            job('early', { dueAt: now - 5, payload: { step: 2, who: 'x' } }),
            job('urgent', { priority: 0, dueAt: now }),
            job('idle', { priority: 9, dueAt: now - 100 }),
            job('future', { dueAt: now + 50 }),
          ]);
        const claims = await jobs.claimDue('w1', { limit: 10, leaseMs: 1_000 });
        assert.deepEqual(ids(claims), ['acme/urgent', 'acme/early', 'acme/late', 'acme/idle']);
        assert.deepEqual(
          { ...claims[1], fence: 0 },
          {
            tenantId: 'acme',
            id: 'early',
            kind: 'run',
            priority: 5,
            attempts: 0,
            payload: { step: 2, who: 'x' },
            fence: 0,
            leaseUntil: now + 1_000,
          },
        );
        assert.deepEqual(claims[0]?.payload, {});
        assert.equal(await jobs.nextDueAt(), now + 50);
        clock.advance(50);
        assert.deepEqual(ids(await jobs.claimDue('w1', { limit: 10, leaseMs: 1_000 })), ['acme/future']);
        assert.equal(await jobs.nextDueAt(), now + 1_000);
      }),
    );

    it(
      'are claimed by one worker only, however many ask at once',
      withStores(open, async ({ stores }) => {
        await stores.state.tenant(keysOf('acme')).commit(Array.from({ length: 30 }, (_, i) => job(`j${String(i)}`)));
        const claims = (
          await Promise.all(Array.from({ length: 10 }, (_, i) => stores.state.jobs.claimDue(`w${String(i)}`, { limit: 4, leaseMs: 1_000 })))
        ).flat();
        assert.equal(claims.length, 30);
        assert.equal(new Set(ids(claims)).size, 30);
      }),
    );

    it(
      'go to tenants in turn, so that a backlog holds up nobody else',
      withStores(open, async ({ stores }) => {
        const { state } = stores;
        await state.tenant(keysOf('big')).commit(Array.from({ length: 50 }, (_, i) => job(`b${String(i)}`, { dueAt: 1 })));
        for (const tenantId of ['mid', 'small'])
          await state.tenant(keysOf(tenantId)).commit([job('one', { dueAt: 100 }), job('two', { dueAt: 100 })]);
        const seen: string[] = [];
        for (let i = 0; i < 5; i += 1)
          seen.push(...(await state.jobs.claimDue('w', { limit: 2, leaseMs: 60_000 })).map(({ tenantId }) => tenantId));
        assert.deepEqual([seen.filter((id) => id === 'mid').length, seen.filter((id) => id === 'small').length], [2, 2]);
        const six = await state.jobs.claimDue('w', { limit: 6, leaseMs: 60_000 });
        assert.equal(six.length, 6);
      }),
    );

    it(
      'are claimed of the kinds that a worker asks for',
      withStores(open, async ({ stores }) => {
        await stores.state.tenant(keysOf('acme')).commit([job('r1'), job('c1', { kind: 'consumer' }), job('r2')]);
        assert.deepEqual(ids(await stores.state.jobs.claimDue('w', { limit: 5, leaseMs: 1_000, kinds: ['consumer', 'schedule'] })), [
          'acme/c1',
        ]);
        assert.deepEqual(ids(await stores.state.jobs.claimDue('w', { limit: 5, leaseMs: 1_000 })), ['acme/r1', 'acme/r2']);
      }),
    );

    it(
      'fall due again when the lease runs out, and the fence shuts the first worker out',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        await state.commit([job('j')]);
        const first = await claimOne(stores.state.jobs);
        clock.advance(999);
        assert.deepEqual(await stores.state.jobs.claimDue('w2', { limit: 1, leaseMs: 1_000 }), []);
        clock.advance(1);
        const second = await claimOne(stores.state.jobs, 'w2');
        assert.ok(second.fence > first.fence);
        const changes = [
          { op: 'held', jobId: 'j', fence: first.fence },
          { op: 'finish', jobId: 'j', fence: first.fence },
          { op: 'reschedule', jobId: 'j', fence: first.fence, dueAt: 0, attempts: 1 },
          { op: 'bury', jobId: 'j', fence: first.fence, error: {} },
        ] as const;
        for (const change of changes) assert.deepEqual(await state.commit([change]), { ok: false, failed: 0, reason: 'fence' });
        assert.deepEqual(await state.commit([{ op: 'held', jobId: 'j', fence: second.fence }]), { ok: true });
        assert.deepEqual(await state.commit([{ op: 'finish', jobId: 'j', fence: second.fence }]), { ok: true });
        assert.deepEqual(await state.commit([{ op: 'held', jobId: 'j', fence: second.fence }]), { ok: false, failed: 0, reason: 'fence' });
        assert.equal(await stores.state.jobs.nextDueAt(), undefined);
      }),
    );

    it(
      'give a larger fence to a job that comes again under its old id',
      withStores(open, async ({ stores, reopen }) => {
        await stores.state.tenant(keysOf('acme')).commit([job('j')]);
        const first = await claimOne(stores.state.jobs);
        const state = (await reopen()).state;
        await state.tenant(keysOf('acme')).commit([{ op: 'finish', jobId: 'j', fence: first.fence }, job('j')]);
        const second = await claimOne(state.jobs);
        assert.ok(second.fence > first.fence);
        assert.deepEqual(await state.tenant(keysOf('acme')).commit([{ op: 'held', jobId: 'j', fence: first.fence }]), {
          ok: false,
          failed: 0,
          reason: 'fence',
        });
      }),
    );

    it(
      'are renewed while held',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        await state.commit([job('a'), job('b'), job('c')]);
        const claims = await stores.state.jobs.claimDue('w1', { limit: 3, leaseMs: 1_000 });
        const [a, b] = claims;
        assert.ok(a && b);
        await state.commit([{ op: 'finish', jobId: b.id, fence: b.fence }]);
        clock.advance(900);
        assert.deepEqual(await stores.state.jobs.renew([a, b, { ...a, id: 'c', fence: 1 }], 1_000), {
          held: new Set(['acme/a']),
          woken: new Set(),
        });
        clock.advance(900);
        assert.deepEqual(ids(await stores.state.jobs.claimDue('w2', { limit: 5, leaseMs: 1_000 })), ['acme/c']);
        assert.deepEqual(await stores.state.jobs.renew([], 1_000), { held: new Set(), woken: new Set() });
      }),
    );

    it(
      'say when they are renewed that somebody has woken them since they were claimed',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        await state.commit([job('a'), job('b')]);
        await state.commit([{ op: 'wake', jobId: 'a', dueAt: clock.now() }]);
        const claims = await stores.state.jobs.claimDue('w1', { limit: 2, leaseMs: 1_000 });
        const { held, woken } = await stores.state.jobs.renew(claims, 1_000);
        assert.deepEqual([held, woken], [new Set(['acme/a', 'acme/b']), new Set()], 'not by what came before the claim');
        await state.commit([{ op: 'wake', jobId: 'b', dueAt: clock.now() + 5 }]);
        assert.deepEqual((await stores.state.jobs.renew(claims, 1_000)).woken, new Set(['acme/b']));
        await state.commit([{ op: 'reschedule', jobId: 'b', fence: claims[1]?.fence ?? 0, dueAt: clock.now() + 9_000, attempts: 0 }]);
        clock.advance(5);
        const again = await stores.state.jobs.claimDue('w1', { limit: 2, leaseMs: 1_000 });
        assert.deepEqual((await stores.state.jobs.renew(again, 1_000)).woken, new Set());
      }),
    );

    it(
      'are born claimed, once',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        const born = job('j', { dueAt: 0, claimedBy: { workerId: 'w1', leaseMs: 1_000 } });
        assert.deepEqual(await state.commit([born]), { ok: true });
        assert.deepEqual(await stores.state.jobs.claimDue('w2', { limit: 1, leaseMs: 1_000 }), []);
        assert.deepEqual(await state.commit([{ op: 'held', jobId: 'j', fence: 1 }]), { ok: true });
        assert.deepEqual(await state.commit([born]), { ok: false, failed: 0, reason: 'fence' });
        clock.advance(1_000);
        assert.ok((await claimOne(stores.state.jobs, 'w2')).fence > 1);
      }),
    );

    it(
      'move to the earlier due time when they come again, and stay as they are if absence was asked for',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        const now = clock.now();
        await state.commit([job('j', { dueAt: now + 100 })]);
        await state.commit([{ op: 'job', job: { id: 'j', kind: 'run', priority: 5, dueAt: now }, ifAbsent: true }]);
        assert.equal(await stores.state.jobs.nextDueAt(), now + 100);
        await state.commit([job('j', { dueAt: now + 200 })]);
        assert.equal(await stores.state.jobs.nextDueAt(), now + 100);
        await state.commit([job('j', { dueAt: now + 50 })]);
        assert.equal(await stores.state.jobs.nextDueAt(), now + 50);
      }),
    );

    it(
      'do not lose what comes in while they are held',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        const now = clock.now();
        await state.commit([job('j', { payload: { n: 1 } })]);
        const first = await claimOne(stores.state.jobs);
        await state.commit([job('j', { dueAt: now })]);
        assert.deepEqual(await stores.state.jobs.claimDue('w2', { limit: 1, leaseMs: 1_000 }), []);
        await state.commit([{ op: 'finish', jobId: 'j', fence: first.fence }]);
        const second = await claimOne(stores.state.jobs);
        assert.deepEqual(second.payload, { n: 1 });
        await state.commit([{ op: 'wake', jobId: 'j', dueAt: now }]);
        await state.commit([{ op: 'reschedule', jobId: 'j', fence: second.fence, dueAt: now + 9_000, attempts: 0 }]);
        const third = await claimOne(stores.state.jobs);
        await state.commit([
          { op: 'wake', jobId: 'j', dueAt: now },
          { op: 'finish', jobId: 'j', fence: third.fence },
        ]);
        assert.equal(await stores.state.jobs.nextDueAt(), undefined);
      }),
    );

    it(
      'are rescheduled with attempts and another payload, and are free then',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        await state.commit([job('j', { payload: { step: 1 } })]);
        const first = await claimOne(stores.state.jobs);
        const dueAt = clock.now() + 30;
        assert.deepEqual(
          await state.commit([{ op: 'reschedule', jobId: 'j', fence: first.fence, dueAt, attempts: 3, payload: { step: 2 } }]),
          { ok: true },
        );
        assert.deepEqual(await state.commit([{ op: 'held', jobId: 'j', fence: first.fence }]), { ok: false, failed: 0, reason: 'fence' });
        assert.equal(await stores.state.jobs.nextDueAt(), dueAt);
        clock.advance(30);
        const second = await claimOne(stores.state.jobs);
        assert.deepEqual([second.attempts, second.payload], [3, { step: 2 }]);
        await state.commit([{ op: 'reschedule', jobId: 'j', fence: second.fence, dueAt: clock.now(), attempts: 4 }]);
        assert.deepEqual((await claimOne(stores.state.jobs)).payload, { step: 2 });
      }),
    );

    it(
      'are buried with their error, woken with attempts anew, and not by another job of that id',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        await state.commit([job('j1', { payload: { n: 1 } }), job('j2')]);
        for (const claim of await stores.state.jobs.claimDue('w', { limit: 2, leaseMs: 1_000 })) {
          clock.advance(1);
          await state.commit([{ op: 'bury', jobId: claim.id, fence: claim.fence, error: { code: 'INTERNAL', of: claim.id } }]);
        }
        const now = clock.now();
        assert.deepEqual(await stores.state.jobs.dead('acme', 10), [
          { id: 'j2', kind: 'run', error: { code: 'INTERNAL', of: 'j2' }, buriedAt: now },
          { id: 'j1', kind: 'run', error: { code: 'INTERNAL', of: 'j1' }, buriedAt: now - 1 },
        ]);
        assert.equal((await stores.state.jobs.dead('acme', 1)).length, 1);
        await state.commit([job('j1', { dueAt: 0 })]);
        clock.advance(10_000);
        assert.deepEqual(await stores.state.jobs.claimDue('w', { limit: 2, leaseMs: 1_000 }), []);
        assert.equal(await stores.state.jobs.nextDueAt(), undefined);
        assert.deepEqual(await stores.state.jobs.counts(), [{ tenantId: 'acme', kind: 'run', state: 'dead', count: 2 }]);
        await state.commit([
          { op: 'wake', jobId: 'j1', dueAt: clock.now() },
          { op: 'wake', jobId: 'unknown', dueAt: 0 },
        ]);
        const woken = await claimOne(stores.state.jobs);
        assert.deepEqual([woken.id, woken.attempts, woken.payload], ['j1', 0, { n: 1 }]);
        assert.equal((await stores.state.jobs.dead('acme', 10)).length, 1);
      }),
    );

    it(
      'are refused with an id, kind, time or priority that no store can keep',
      withStores(open, async ({ stores }) => {
        const state = stores.state.tenant(keysOf('acme'));
        const bad = [
          job(''),
          job('x'.repeat(256)),
          job('j', { kind: 'k'.repeat(201) }),
          job('j', { dueAt: NaN }),
          job('j', { priority: 10 }),
          job('j', { priority: 0.5 }),
        ];
        for (const change of bad) await assert.rejects(state.commit([job('beside'), change]), hasCode('INPUT_INVALID'));
        assert.deepEqual(await stores.state.jobs.counts(), []);
      }),
    );

    it(
      'are woken from sleep, never put off',
      withStores(open, async ({ stores, clock }) => {
        const state = stores.state.tenant(keysOf('acme'));
        const now = clock.now();
        await state.commit([job('j', { dueAt: now + 500 })]);
        await state.commit([{ op: 'wake', jobId: 'j', dueAt: now + 900 }]);
        assert.equal(await stores.state.jobs.nextDueAt(), now + 500);
        await state.commit([{ op: 'wake', jobId: 'j', dueAt: now }]);
        assert.equal((await claimOne(stores.state.jobs)).id, 'j');
      }),
    );

    it(
      'tell when a commit makes one due',
      withStores(open, async ({ stores, clock }) => {
        const heard: number[] = [];
        const stop = stores.state.jobs.onDue((dueAt) => heard.push(dueAt));
        const state = stores.state.tenant(keysOf('acme'));
        const now = clock.now();
        await state.commit([job('a', { dueAt: now + 5 }), job('b', { dueAt: now + 3 })]);
        await state.commit([{ op: 'count', counter: 'c', by: 1 }]);
        stop();
        await state.commit([job('c')]);
        assert.deepEqual(heard, [now + 3]);
      }),
    );

    it(
      'outlive reopening',
      withStores(open, async ({ stores, reopen }) => {
        await stores.state.tenant(keysOf('acme')).commit([job('j', { payload: { n: 1 } })]);
        const state = (await reopen()).state;
        await state.tenant(keysOf('acme')).counters([]);
        const claim = await claimOne(state.jobs);
        assert.deepEqual([claim.id, claim.payload], ['j', { n: 1 }]);
      }),
    );

    it(
      "of one tenant are not another tenant's",
      withStores(open, async ({ stores }) => {
        const acme = stores.state.tenant(keysOf('acme'));
        const globex = stores.state.tenant({ ...keysOf('acme'), tenantId: 'globex' });
        await acme.commit([job('j', { claimedBy: { workerId: 'w', leaseMs: 1_000 } })]);
        assert.deepEqual(await globex.commit([{ op: 'finish', jobId: 'j', fence: 1 }]), { ok: false, failed: 0, reason: 'fence' });
        assert.deepEqual(await globex.commit([job('j', { claimedBy: { workerId: 'w', leaseMs: 1_000 } })]), { ok: true });
        assert.deepEqual(await stores.state.jobs.dead('globex', 10), []);
      }),
    );
  });
}
