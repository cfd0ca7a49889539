import assert from 'node:assert/strict';
import type { Change } from '@tendril/engine/ports';
import { eventOf, hasCode, job, keysOf, LEADS, PEOPLE, put } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';
import type { TestedStores } from './with-stores.ts';

async function stateOf({ stores }: TestedStores) {
  await stores.state.defineTables([LEADS, PEOPLE]);
  return stores.state.tenant(keysOf('acme'));
}

/** The contract of commits. */
export function testChangesets(open: OpenStores): void {
  describe('changesets', () => {
    it(
      'write rows whose versions count the writes',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        assert.deepEqual(await state.commit([put({ id: 'l1', score: 1 })]), { ok: true });
        assert.deepEqual(await state.commit([put({ id: 'l1', score: 2 }), put({ id: 'l2', nested: { a: [1, null, 'x'] } })]), { ok: true });
        assert.deepEqual(await state.get(LEADS, ['l2', 'none', 'l1']), [
          { key: 'l2', version: 1, value: { id: 'l2', nested: { a: [1, null, 'x'] } } },
          undefined,
          { key: 'l1', version: 2, value: { id: 'l1', score: 2 } },
        ]);
        assert.deepEqual(await state.get(LEADS, []), []);
      }),
    );

    it(
      'hold the version that a write expects, 0 for a row that must not exist',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        assert.deepEqual(await state.commit([put({ id: 'l1' }, 0)]), { ok: true });
        assert.deepEqual(await state.commit([put({ id: 'l1' }, 0)]), { ok: false, failed: 0, reason: 'version' });
        assert.deepEqual(await state.commit([put({ id: 'l1' }, 1)]), { ok: true });
        assert.deepEqual(await state.commit([put({ id: 'l1' }, 1)]), { ok: false, failed: 0, reason: 'version' });
        assert.deepEqual(await state.commit([put({ id: 'l2' }, 3)]), { ok: false, failed: 0, reason: 'version' });
        assert.deepEqual(await state.commit([{ op: 'delete', table: LEADS, key: 'l1', expect: 1 }]), {
          ok: false,
          failed: 0,
          reason: 'version',
        });
        assert.deepEqual(await state.commit([{ op: 'delete', table: LEADS, key: 'l1', expect: 2 }]), { ok: true });
        assert.deepEqual(await state.commit([{ op: 'delete', table: LEADS, key: 'l1', expect: 2 }]), {
          ok: false,
          failed: 0,
          reason: 'version',
        });
        assert.deepEqual(await state.commit([{ op: 'delete', table: LEADS, key: 'l1' }]), { ok: true });
        assert.deepEqual(await state.get(LEADS, ['l1']), [undefined]);
      }),
    );

    it(
      'see what came before in the same changeset',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        assert.deepEqual(
          await state.commit([
            put({ id: 'l1', n: 1 }, 0),
            put({ id: 'l1', n: 2 }, 1),
            { op: 'delete', table: LEADS, key: 'l1', expect: 2 },
            put({ id: 'l1', n: 3 }, 0),
          ]),
          { ok: true },
        );
        assert.deepEqual(await state.get(LEADS, ['l1']), [{ key: 'l1', version: 1, value: { id: 'l1', n: 3 } }]);
      }),
    );

    it(
      'refuse a second row with the same unique value, but not nulls, not the row itself, not another tenant',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        assert.deepEqual(await state.commit([put({ id: 'l1', email: 'a@example.invalid' })]), { ok: true });
        assert.deepEqual(await state.commit([put({ id: 'l2', email: 'a@example.invalid' })]), { ok: false, failed: 0, reason: 'unique' });
        assert.deepEqual(await state.commit([put({ id: 'l1', email: 'a@example.invalid', score: 2 })]), { ok: true });
        assert.deepEqual(await state.commit([put({ id: 'l3' }), put({ id: 'l4', email: null }), put({ id: 'l5' })]), { ok: true });
        assert.deepEqual(
          await state.commit([put({ id: 'l6', email: 'b@example.invalid' }), put({ id: 'l7', email: 'b@example.invalid' })]),
          { ok: false, failed: 1, reason: 'unique' },
        );
        assert.deepEqual(await state.get(LEADS, ['l6', 'l7']), [undefined, undefined]);
        assert.deepEqual(await state.commit([{ op: 'delete', table: LEADS, key: 'l1' }, put({ id: 'l2', email: 'a@example.invalid' })]), {
          ok: true,
        });
        assert.deepEqual(
          await state.commit([put({ id: 'l2', email: 'c@example.invalid' }), put({ id: 'l8', email: 'a@example.invalid' })]),
          { ok: true },
        );
        const other = opened.stores.state.tenant({ ...keysOf('acme'), tenantId: 'globex' });
        assert.deepEqual(await other.commit([put({ id: 'l1', email: 'a@example.invalid' })]), { ok: true });
      }),
    );

    it(
      'write all or nothing, whichever condition of a mixed changeset fails',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        await state.commit([
          put({ id: 'taken', email: 'a@example.invalid' }),
          { op: 'count', counter: 'cap', by: 5 },
          job('held', { claimedBy: { workerId: 'w', leaseMs: 1_000 } }),
        ]);
        const good: readonly Change[] = [
          put({ id: 'new', email: 'n@example.invalid', tags: ['x'] }, 0),
          { op: 'count', counter: 'other', by: 1 },
          job('job-new'),
          { op: 'emit', event: eventOf('e1') },
          { op: 'held', jobId: 'held', fence: 1 },
          { op: 'reschedule', jobId: 'held', fence: 1, dueAt: 5, attempts: 1 },
        ];
        const failing: readonly [Change, string][] = [
          [put({ id: 'taken' }, 0), 'version'],
          [put({ id: 'x', email: 'a@example.invalid' }), 'unique'],
          [{ op: 'count', counter: 'cap', by: 1, max: 5 }, 'limit'],
          [{ op: 'held', jobId: 'held', fence: 7 }, 'fence'],
          [{ op: 'finish', jobId: 'gone', fence: 1 }, 'fence'],
          [{ op: 'delete', table: LEADS, key: 'taken', expect: 9 }, 'version'],
          [job('held', { claimedBy: { workerId: 'v', leaseMs: 1 } }), 'fence'],
        ];
        for (const [change, reason] of failing)
          assert.deepEqual(await state.commit([...good, change]), { ok: false, failed: good.length, reason });
        assert.deepEqual(await state.get(LEADS, ['new']), [undefined]);
        assert.deepEqual((await state.query(LEADS, { index: 'byTag', equals: { tags: 'x' } })).items, []);
        assert.deepEqual(await state.counters(['cap', 'other']), [5, 0]);
        assert.deepEqual(await opened.stores.state.outbox.take(10), []);
        assert.deepEqual(await opened.stores.state.jobs.counts(), [{ tenantId: 'acme', kind: 'run', state: 'waiting', count: 1 }]);
        assert.deepEqual(await state.commit([...good]), { ok: true });
        assert.deepEqual(
          (await state.get(LEADS, ['new'])).map((row) => row?.version),
          [1],
        );
        assert.equal((await opened.stores.state.outbox.take(10)).length, 1);
        assert.deepEqual(await state.commit([]), { ok: true });
      }),
    );

    it(
      'fail one by one when many share a commit',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        const results = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            state.commit([put({ id: `own-${String(i)}` }), put({ id: `contested-${String(i % 10)}` }, 0)]),
          ),
        );
        assert.equal(results.filter((result) => result.ok).length, 10);
        const rows = await state.get(
          LEADS,
          results.map((_, i) => `own-${String(i)}`),
        );
        assert.deepEqual(
          rows.map((row) => row !== undefined),
          results.map((result) => result.ok),
        );
      }),
    );

    it(
      'refuse a bad row alone, without harm to those beside it',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        const bad = [{}, { id: 7 }, { id: '' }, { id: 'x'.repeat(201) }, { id: null }];
        const results = await Promise.allSettled([
          state.commit([put({ id: 'before' })]),
          ...bad.map((value) => state.commit([put({ id: 'beside' }), put(value)])),
          state.commit([put({ id: 'after' })]),
        ]);
        assert.deepEqual(
          results.map(({ status }) => status),
          ['fulfilled', ...bad.map(() => 'rejected'), 'fulfilled'],
        );
        for (const result of results) if (result.status === 'rejected') assert.ok(hasCode('INPUT_INVALID')(result.reason));
        assert.deepEqual(
          (await state.get(LEADS, ['before', 'beside', 'after'])).map((row) => row?.key),
          ['before', undefined, 'after'],
        );
      }),
    );

    it(
      'keep tenants apart and survive reopening',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        const other = opened.stores.state.tenant({ ...keysOf('acme'), tenantId: 'globex' });
        await state.commit([
          put({ id: 'l1', of: 'acme', tags: ['t'] }),
          { op: 'count', counter: 'c', by: 1 },
          put({ identity: 'userId:7', profileId: 'p1' }, 0, PEOPLE),
        ]);
        await other.commit([
          put({ id: 'l1', of: 'globex', tags: ['t'] }),
          { op: 'count', counter: 'c', by: 2 },
          put({ identity: 'userId:7', profileId: 'p2' }, 0, PEOPLE),
        ]);
        const stores = await opened.reopen();
        await stores.state.defineTables([LEADS, PEOPLE]);
        for (const [tenantId, profileId, count] of [
          ['acme', 'p1', 1],
          ['globex', 'p2', 2],
        ] as const) {
          const again = stores.state.tenant({ ...keysOf('acme'), tenantId });
          assert.deepEqual(
            (await again.query(LEADS, { index: 'byTag', equals: { tags: 't' } })).items.map((row) => row.value['of']),
            [tenantId],
          );
          assert.deepEqual(await again.counters(['c']), [count]);
          assert.deepEqual(await again.get(PEOPLE, ['userId:7']), [
            { key: 'userId:7', version: 1, value: { identity: 'userId:7', profileId } },
          ]);
        }
      }),
    );

    it(
      'open nothing with another key',
      withStores(open, async (opened) => {
        const state = await stateOf(opened);
        await state.commit([put({ id: 'l1' })]);
        const wrong = opened.stores.state.tenant({ ...keysOf('acme'), dataKeys: keysOf('acme', 2).dataKeys });
        await assert.rejects(wrong.get(LEADS, ['l1']), hasCode('VAULT_TAMPERED'));
        const missing = opened.stores.state.tenant({ ...keysOf('acme'), currentKeyId: 3, dataKeys: { 3: new Uint8Array(32) } });
        await assert.rejects(missing.get(LEADS, ['l1']), hasCode('VAULT_KEY_MISSING'));
        assert.deepEqual((await opened.stores.state.tenant(keysOf('acme')).get(LEADS, ['l1'])).length, 1);
      }),
    );
  });
}
