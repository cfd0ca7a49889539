import assert from 'node:assert/strict';
import type { Change, CommitResult } from '@tendril/engine/ports';
import { createSqliteStores } from '../../src/sqlite/create-sqlite-stores.ts';
import { closeStores, inFolder } from '../folder.ts';
import { hasCode, keys, LEADS } from '../support.ts';

const put = (id: string, expect = 0): Change => ({ op: 'put', table: LEADS, value: { id, score: 1 }, expect });
const count: Change = { op: 'count', counter: 'n', by: 1 };
const never: Change = { op: 'count', counter: 'full', by: 1, max: 0 };

describe('changesets that share a commit', () => {
  it(
    'leave nothing behind when they are refused or wrong, and cost their neighbours nothing, time and again',
    inFolder(async (folder) => {
      const stores = await createSqliteStores({ folder });
      await stores.state.defineTables([LEADS]);
      const state = stores.state.tenant(keys);
      // The second time they come while groups are still written with care.
      for (const round of ['a', 'b']) {
        const asked: readonly PromiseSettledResult<CommitResult>[] = await Promise.allSettled([
          state.commit([put(`${round}1`), count]),
          // Refused after it has written.
          state.commit([put(`${round}2`), count, never]),
          // Refused before.
          state.commit([put(`${round}1`), count]),
          // Not a number that JSON can carry, behind a change that can be written.
          state.commit([put(`${round}3`), count, { op: 'job', job: { id: 'j', kind: 'k', priority: 5, dueAt: NaN } }]),
          state.commit([put(`${round}4`), count]),
        ]);
        const results: readonly unknown[] = asked.map((one) =>
          one.status === 'fulfilled' ? one.value : hasCode('INPUT_INVALID')(one.reason),
        );
        assert.deepEqual(results, [
          { ok: true },
          { ok: false, failed: 2, reason: 'limit' },
          { ok: false, failed: 0, reason: 'version' },
          true,
          { ok: true },
        ]);
      }
      assert.deepEqual(await state.counters(['n', 'full']), [4, 0]);
      const page = await state.query(LEADS, { index: 'byScore', equals: { score: 1 } });
      assert.deepEqual(page.items.map(({ key }) => key).toSorted(), ['a1', 'a4', 'b1', 'b4']);
      await closeStores(stores);
    }),
  );

  it(
    'are written as they were when they were handed over, whatever happens to their objects, with members that are missing',
    inFolder(async (folder) => {
      const stores = await createSqliteStores({ folder });
      await stores.state.defineTables([LEADS]);
      const state = stores.state.tenant(keys);
      const value = { id: 'x', score: 1, deep: { quoted: '"\\\u2028é', list: [1, null] } };
      await state.commit([]);
      const written = state.commit([{ op: 'put', table: LEADS, value }]);
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      value.score = 2;
      await written;
      const [row] = await state.get(LEADS, ['x']);
      assert.deepEqual(row?.value, { ...value, score: 1 });
      assert.equal((await state.query(LEADS, { index: 'byScore', equals: { score: 1 } })).items.length, 1);
      await assert.rejects(state.commit([{ op: 'put', table: LEADS, value: { score: 1 } }]), hasCode('INPUT_INVALID'));
      await closeStores(stores);
    }),
  );
});
