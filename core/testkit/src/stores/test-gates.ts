import assert from 'node:assert/strict';
import type { Claim, JobGate, JobQueue, NewJob, StateStore, TenantState } from '@tendril/engine/ports';
import { hasCode, job, keysOf } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';

const two = { kind: 'concurrency', key: 'api', limit: 2 } as const satisfies JobGate;
const one = { kind: 'concurrency', key: 'one', limit: 1 } as const satisfies JobGate;
const lane = { kind: 'serial', key: 'person' } as const satisfies JobGate;
const slow = { kind: 'throttle', key: 'mail', limit: 2, periodMs: 1_000, burst: 1 } as const satisfies JobGate;

const idsOf = (claims: readonly Claim[]): readonly string[] => claims.map(({ id }) => id);

async function claim(jobs: JobQueue, limit = 10, workerId = 'w1'): Promise<readonly Claim[]> {
  return await jobs.claimDue(workerId, { limit, leaseMs: 1_000 });
}

async function claimIds(jobs: JobQueue, limit = 10): Promise<readonly string[]> {
  return idsOf(await claim(jobs, limit));
}

async function add(state: TenantState, ids: readonly string[], gates: readonly JobGate[], more: Partial<NewJob> = {}): Promise<void> {
  await state.commit(ids.map((id, i) => job(id, { gates, order: i, ...more })));
}

async function finish(state: TenantState, { id, fence }: Claim): Promise<void> {
  assert.deepEqual(await state.commit([{ op: 'finish', jobId: id, fence }]), { ok: true });
}

async function putBack(state: TenantState, { id, fence }: Claim, dueAt: number): Promise<void> {
  assert.deepEqual(await state.commit([{ op: 'reschedule', jobId: id, fence, dueAt, attempts: 0 }]), { ok: true });
}

async function statusOf(state: StateStore, gate: JobGate): Promise<readonly [held: number, waiting: number]> {
  const [status] = await state.jobs.gates('acme', [gate]);
  return [status?.held ?? -1, status?.waiting ?? -1];
}

function first(claims: readonly Claim[]): Claim {
  assert.ok(claims[0]);
  return claims[0];
}

/** The contract of limits that are decided when a job is claimed. */
export function testGates(open: OpenStores): void {
  describe('gates', () => {
    it(
      'hold no more jobs at a time than their limit, and call in the next when one ends',
      withStores(open, async ({ stores: { state } }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b', 'c', 'd', 'e'], [two]);
        const [a, b, ...others] = await claim(state.jobs);
        assert.ok(a && b);
        assert.deepEqual([a.id, b.id, others.length], ['a', 'b', 0]);
        assert.deepEqual(await statusOf(state, two), [2, 3]);
        assert.equal((await state.jobs.nextDueAt()) === 0, false, 'who waits at a gate is not due');
        assert.deepEqual(await state.jobs.counts(), [{ tenantId: 'acme', kind: 'run', state: 'waiting', count: 5 }]);
        await finish(acme, a);
        assert.deepEqual(await claimIds(state.jobs), ['c']);
        await acme.commit([{ op: 'bury', jobId: 'b', fence: b.fence, error: {} }]);
        assert.deepEqual(await claimIds(state.jobs), ['d']);
        assert.deepEqual(await claimIds(state.jobs), []);
        assert.deepEqual(await statusOf(state, two), [2, 1]);
      }),
    );

    it(
      'tell listeners that a job was called in',
      withStores(open, async ({ stores: { state }, clock }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b'], [one], { dueAt: clock.now() - 7 });
        const a = first(await claim(state.jobs));
        const heard: number[] = [];
        state.jobs.onDue((dueAt) => heard.push(dueAt));
        await finish(acme, a);
        assert.deepEqual(heard, [clock.now() - 7]);
      }),
    );

    it(
      'do not let jobs that wait use up what others could take',
      withStores(open, async ({ stores: { state } }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(
          acme,
          Array.from({ length: 150 }, (_, i) => `gated-${String(i)}`),
          [one],
        );
        await acme.commit([job('free', { priority: 9 })]);
        assert.deepEqual(await claimIds(state.jobs, 2), ['gated-0', 'free']);
        assert.deepEqual(await statusOf(state, one), [1, 149]);
      }),
    );

    it(
      'are left when a job is put back, but for serial ones',
      withStores(open, async ({ stores: { state }, clock }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b'], [one, lane]);
        await acme.commit([job('c', { gates: [one], order: 5 })]);
        const a = first(await claim(state.jobs));
        await putBack(acme, a, clock.now() + 50);
        assert.deepEqual(
          [await statusOf(state, one), await statusOf(state, lane)],
          [
            [0, 1],
            [1, 1],
          ],
        );
        const [c, ...others] = await claim(state.jobs);
        assert.deepEqual([c?.id, others], ['c', []], 'b waits for a, which sleeps');
        clock.advance(50);
        assert.deepEqual(await claimIds(state.jobs), [], 'a has its lane and waits for c');
        assert.ok(c);
        await finish(acme, c);
        const again = first(await claim(state.jobs));
        assert.equal(again.id, 'a');
        await finish(acme, again);
        await finish(acme, first(await claim(state.jobs)));
        assert.deepEqual(
          [await statusOf(state, one), await statusOf(state, lane)],
          [
            [0, 0],
            [0, 0],
          ],
        );
      }),
    );

    it(
      'of a lane let jobs through in their order, however many workers claim at once',
      withStores(open, async ({ stores: { state }, clock }) => {
        const acme = state.tenant(keysOf('acme'));
        const names = Array.from({ length: 12 }, (_, i) => `j${String((i * 7) % 12)}`);
        await Promise.all(names.map((id, order) => acme.commit([job(id, { gates: [lane], order })])));
        const done: string[] = [];
        for (let turn = 0; done.length < names.length && turn < 60; turn += 1) {
          const claims = (await Promise.all(['w1', 'w2', 'w3'].map((workerId) => claim(state.jobs, 4, workerId)))).flat();
          assert.ok(claims.length <= 1);
          for (const held of claims) {
            if (turn % 3 === 0) {
              await putBack(acme, held, clock.now() + 10);
            } else {
              done.push(held.id);
              await finish(acme, held);
            }
          }
          clock.advance(10);
        }
        assert.deepEqual(done, names);
      }),
    );

    it(
      'keep the order of a lane when its first job waits at another gate',
      withStores(open, async ({ stores: { state } }) => {
        const acme = state.tenant(keysOf('acme'));
        await acme.commit([job('busy', { gates: [one] })]);
        const busy = first(await claim(state.jobs));
        await acme.commit([job('first', { gates: [one, lane], order: 1 }), job('second', { gates: [lane], order: 2 })]);
        assert.deepEqual(await claimIds(state.jobs), []);
        await finish(acme, busy);
        assert.deepEqual(await claimIds(state.jobs), ['first']);
      }),
    );

    it(
      'are held on by a job whose lease ran out, until it is claimed again and ends',
      withStores(open, async ({ stores: { state }, clock, reopen }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b'], [one, lane]);
        await claim(state.jobs);
        clock.advance(1_000);
        assert.deepEqual(await statusOf(state, one), [1, 0]);
        const reopened = (await reopen()).state;
        const again = reopened.tenant(keysOf('acme'));
        await again.counters([]);
        const a = first(await claim(reopened.jobs));
        assert.equal(a.id, 'a');
        assert.deepEqual(await claimIds(reopened.jobs), []);
        await finish(again, a);
        assert.deepEqual(await claimIds(reopened.jobs), ['b']);
      }),
    );

    it(
      'spread first claims: the burst at once, the others one interval after another',
      withStores(open, async ({ stores: { state }, clock }) => {
        const acme = state.tenant(keysOf('acme'));
        const start = clock.now();
        const gate: JobGate = { ...slow, burst: 2 };
        await add(acme, ['a', 'b', 'c', 'd'], [gate]);
        assert.deepEqual(await claimIds(state.jobs), ['a', 'b']);
        assert.equal(await state.jobs.nextDueAt(), start + 500);
        await acme.commit([{ op: 'wake', jobId: 'c', dueAt: start }, job('d', { dueAt: start })]);
        assert.deepEqual(await claimIds(state.jobs), [], 'waking does not hurry a throttle');
        clock.advance(500);
        const c = first(await claim(state.jobs));
        assert.equal(c.id, 'c');
        await putBack(acme, c, clock.now());
        assert.deepEqual(await claimIds(state.jobs), ['c'], 'only the first claim is spread');
        clock.advance(499);
        assert.deepEqual(await claimIds(state.jobs), []);
        clock.advance(1);
        assert.ok((await claimIds(state.jobs)).includes('d'));
      }),
    );

    it(
      'forget a throttle that came to rest',
      withStores(open, async ({ stores: { state }, clock }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b'], [slow]);
        assert.deepEqual(await claimIds(state.jobs), ['a']);
        clock.advance(3_600_000);
        for (const held of await claim(state.jobs)) await finish(acme, held);
        clock.advance(3_600_000);
        await claim(state.jobs);
        await add(acme, ['c', 'd'], [slow]);
        assert.deepEqual(await claimIds(state.jobs), ['c']);
        clock.advance(500);
        assert.deepEqual(await claimIds(state.jobs), ['d']);
      }),
    );

    it(
      'follow the limit that was told last',
      withStores(open, async ({ stores: { state } }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b', 'c', 'd'], [one]);
        const a = first(await claim(state.jobs));
        await acme.commit([job('raised', { gates: [{ ...one, limit: 3 }], order: 9 })]);
        const raised = first(await claim(state.jobs, 1));
        assert.equal(raised.id, 'raised');
        const b = first(await claim(state.jobs));
        assert.equal(b.id, 'b');
        assert.deepEqual(await claimIds(state.jobs), []);
        await acme.commit([job('lowered', { gates: [one], order: 10 })]);
        assert.deepEqual(await claimIds(state.jobs), []);
        await finish(acme, a);
        await finish(acme, b);
        assert.deepEqual(await claimIds(state.jobs), []);
        await finish(acme, raised);
        assert.deepEqual(await claimIds(state.jobs), ['c']);
      }),
    );

    it(
      'are not jumped by waking a job that waits, nor by asking for it again',
      withStores(open, async ({ stores: { state }, clock }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b', 'c'], [one], { dueAt: clock.now() });
        const a = first(await claim(state.jobs));
        await acme.commit([{ op: 'wake', jobId: 'c', dueAt: 0 }, job('c', { dueAt: 0, gates: [one] })]);
        assert.deepEqual(await claimIds(state.jobs), []);
        await finish(acme, a);
        assert.deepEqual(await claimIds(state.jobs), ['b']);
      }),
    );

    it(
      'let one through that is only to end, wherever it waits, and keep no place for it',
      withStores(open, async ({ stores: { state }, clock }) => {
        const acme = state.tenant(keysOf('acme'));
        const now = clock.now();
        await acme.commit([
          job('a', { gates: [one, lane], order: 1, dueAt: now }),
          job('in-lane', { gates: [lane, slow], order: 2, dueAt: now }),
          job('next', { gates: [lane], order: 3, dueAt: now }),
          job('asleep', { gates: [one], order: 4, dueAt: now + 60_000 }),
          job('called', { gates: [one], order: 5, dueAt: now }),
          job('behind', { gates: [one], order: 6, dueAt: now }),
        ]);
        const a = first(await claim(state.jobs));
        assert.deepEqual(await claimIds(state.jobs), []);
        const past = (jobId: string) => acme.commit([{ op: 'wake', jobId, dueAt: now, pastGates: true }]);
        for (const jobId of ['in-lane', 'asleep', 'a', 'nobody']) assert.deepEqual(await past(jobId), { ok: true });
        const ending = await claim(state.jobs, 10);
        assert.deepEqual(
          ending.map(({ id }) => id),
          ['in-lane', 'asleep'],
        );
        assert.deepEqual([await statusOf(state, lane), await statusOf(state, one)], [[1, 1], [1, 2]]); // prettier-ignore
        for (const claimed of ending) await finish(acme, claimed);
        assert.deepEqual(await claimIds(state.jobs), [], 'nobody has left a place');
        await finish(acme, a);
        await past('called');
        const rest = await claim(state.jobs, 10);
        assert.deepEqual(rest.map(({ id }) => id).toSorted(), ['behind', 'called', 'next']);
        for (const claimed of rest) await finish(acme, claimed);
        assert.deepEqual([await statusOf(state, lane), await statusOf(state, one)], [[0, 0], [0, 0]]); // prettier-ignore
      }),
    );

    it(
      'are passed anew by a job that stays when it is finished, and by one that was buried',
      withStores(open, async ({ stores: { state }, clock }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b'], [one, lane]);
        const a = first(await claim(state.jobs));
        await acme.commit([job('a', { dueAt: clock.now() })]);
        await finish(acme, a);
        assert.deepEqual(await statusOf(state, one), [0, 0]);
        const b = first(await claim(state.jobs));
        assert.equal(b.id, 'b', 'it was due earlier');
        await acme.commit([{ op: 'bury', jobId: 'b', fence: b.fence, error: {} }]);
        const again = first(await claim(state.jobs));
        assert.equal(again.id, 'a');
        await acme.commit([{ op: 'wake', jobId: 'b', dueAt: clock.now() }]);
        assert.deepEqual(await claimIds(state.jobs), []);
        await finish(acme, again);
        assert.deepEqual(await claimIds(state.jobs), ['b']);
      }),
    );

    it(
      'call in others when a job that was called finds another gate full',
      withStores(open, async ({ stores: { state } }) => {
        const acme = state.tenant(keysOf('acme'));
        const other: JobGate = { kind: 'concurrency', key: 'other', limit: 1 };
        await acme.commit([
          job('a', { gates: [one], order: 1 }),
          job('b', { gates: [other], order: 2 }),
          job('both', { gates: [one, other], order: 3 }),
          job('c', { gates: [one], order: 4 }),
        ]);
        const [a, b] = await claim(state.jobs);
        assert.ok(a && b);
        assert.deepEqual(
          [await statusOf(state, one), await statusOf(state, other)],
          [
            [1, 2],
            [1, 0],
          ],
        );
        await finish(acme, a);
        const c = first(await claim(state.jobs));
        assert.equal(c.id, 'c');
        await finish(acme, c);
        await finish(acme, b);
        assert.deepEqual(await claimIds(state.jobs), ['both']);
      }),
    );

    it(
      "of one tenant are not another tenant's",
      withStores(open, async ({ stores: { state } }) => {
        for (const tenantId of ['acme', 'globex']) await add(state.tenant(keysOf(tenantId)), ['a', 'b'], [one]);
        assert.equal((await claim(state.jobs)).length, 2);
        assert.deepEqual(await state.jobs.gates('nobody', [one, lane]), [
          { held: 0, waiting: 0 },
          { held: 0, waiting: 0 },
        ]);
      }),
    );

    it(
      'are refused when they are out of bounds, twice the same, or those of a job that is born claimed',
      withStores(open, async ({ stores: { state } }) => {
        const acme = state.tenant(keysOf('acme'));
        const bad: readonly (readonly JobGate[])[] = [
          [{ ...one, limit: 0 }],
          [{ ...one, limit: 1.5 }],
          [{ ...lane, key: '' }],
          [{ ...slow, periodMs: 0 }],
          [{ ...slow, burst: 0 }],
          [one, { ...one, limit: 2 }],
          Array.from({ length: 17 }, (_, i) => ({ ...lane, key: String(i) })),
        ];
        for (const gates of bad) await assert.rejects(acme.commit([job('j', { gates })]), hasCode('INPUT_INVALID'));
        const born = job('j', { gates: [one], claimedBy: { workerId: 'w', leaseMs: 1 } });
        await assert.rejects(acme.commit([born]), hasCode('INPUT_INVALID'));
        await assert.rejects(acme.commit([job('j', { order: 0.5 })]), hasCode('INPUT_INVALID'));
        assert.deepEqual(await acme.commit([job('j', { gates: [], claimedBy: { workerId: 'w', leaseMs: 1 } })]), { ok: true });
        assert.deepEqual(await state.jobs.counts(), [{ tenantId: 'acme', kind: 'run', state: 'waiting', count: 1 }]);
      }),
    );

    it(
      'keep nothing of a changeset that was refused',
      withStores(open, async ({ stores: { state } }) => {
        const acme = state.tenant(keysOf('acme'));
        await add(acme, ['a', 'b'], [one]);
        const a = first(await claim(state.jobs));
        const refused = await acme.commit([
          { op: 'finish', jobId: 'a', fence: a.fence },
          { op: 'held', jobId: 'a', fence: a.fence },
        ]);
        assert.deepEqual(refused, { ok: false, failed: 1, reason: 'fence' });
        assert.deepEqual(await statusOf(state, one), [1, 1]);
        assert.deepEqual(await claimIds(state.jobs), []);
        await finish(acme, a);
        assert.deepEqual(await claimIds(state.jobs), ['b']);
      }),
    );
  });
}
