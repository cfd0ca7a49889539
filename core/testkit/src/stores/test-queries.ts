import assert from 'node:assert/strict';
import type { Json, TableQuery } from '@tendril/plugin-api';
import type { TableSpec, TenantState } from '@tendril/engine/ports';
import { allKeys, hasCode, keysOf, LEADS, PEOPLE, put } from './stores-fixture.ts';
import type { OpenStores } from './stores-fixture.ts';
import { withStores } from './with-stores.ts';
import type { TestedStores } from './with-stores.ts';

async function filled({ stores }: TestedStores): Promise<TenantState> {
  await stores.state.defineTables([LEADS, PEOPLE]);
  const state = stores.state.tenant(keysOf('acme'));
  await state.commit([
    put({ id: 'a', stage: 'hot', score: 0.5, day: 1, tags: ['x', 'y'], email: 'a@example.invalid' }),
    put({ id: 'b', stage: 'hot', score: 0.5, day: 1, tags: ['y'], email: 'b@example.invalid' }),
    put({ id: 'c', stage: 'hot', score: -2, day: 1, tags: [] }),
    put({ id: 'd', stage: 'cold', score: 5, day: 2 }),
    put({ id: 'e', stage: 'cold', day: 2, tags: ['x', 'x', 'z'] }),
    put({ id: 'f', score: 12 }),
    put({ id: 'g', stage: 'hot', score: 100, day: 1 }),
  ]);
  return state;
}

/** The contract of queries and aggregates. */
export function testQueries(open: OpenStores): void {
  describe('queries', () => {
    it(
      'answer in the order of the index, ties by key, in both directions and on pages of any size',
      withStores(open, async (opened) => {
        const state = await filled(opened);
        const ascending = ['f', 'e', 'd', 'c', 'a', 'b', 'g'];
        for (const limit of [1, 2, 3, 7, 100]) {
          assert.deepEqual(await allKeys(state, { index: 'byScore', limit }), ascending, `ascending by ${String(limit)}`);
          assert.deepEqual(
            await allKeys(state, { index: 'byScore', order: 'descending', limit }),
            ascending.toReversed(),
            `descending by ${String(limit)}`,
          );
          assert.deepEqual(await allKeys(state, { limit }), ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
          assert.deepEqual(await allKeys(state, { order: 'descending', limit }), ['g', 'f', 'e', 'd', 'c', 'b', 'a']);
        }
      }),
    );

    it(
      'end the last page without a cursor',
      withStores(open, async (opened) => {
        const state = await filled(opened);
        assert.equal((await state.query(LEADS, { limit: 7 })).nextCursor, undefined);
        assert.notEqual((await state.query(LEADS, { limit: 6 })).nextCursor, undefined);
      }),
    );

    it(
      'fix a prefix and bound the field behind it, within the type of the bound',
      withStores(open, async (opened) => {
        const state = await filled(opened);
        const cases: readonly [TableQuery, readonly string[]][] = [
          [{ index: 'byScore', equals: { stage: 'hot' } }, ['c', 'a', 'b', 'g']],
          [{ index: 'byScore', equals: { stage: 'hot' }, from: 0.5 }, ['a', 'b', 'g']],
          [{ index: 'byScore', equals: { stage: 'hot' }, to: 0.5 }, ['c']],
          [{ index: 'byScore', equals: { stage: 'hot' }, from: -2, to: 100, order: 'descending' }, ['b', 'a', 'c']],
          [{ index: 'byScore', equals: { stage: 'cold' }, to: 100 }, ['d']],
          [{ index: 'byScore', equals: { stage: 'cold', score: null } }, ['e']],
          [{ index: 'byScore', equals: { stage: null } }, ['f']],
          [{ index: 'byScore', equals: { score: 0.5, stage: 'hot' } }, ['a', 'b']],
          [{ index: 'byScore', from: 'd' }, ['c', 'a', 'b', 'g']],
          [{ index: 'byDay', equals: { day: 1 }, from: 'hot', to: 'hou' }, ['c', 'a', 'b', 'g']],
          [{ index: 'byScore', equals: { stage: 'none' } }, []],
          [{ equals: { id: 'c' } }, ['c']],
          [{ from: 'c', to: 'e' }, ['c', 'd']],
          [{ from: 'c', to: 'e', order: 'descending' }, ['d', 'c']],
          [{ from: 'f' }, ['f', 'g']],
        ];
        for (const [query, keys] of cases) {
          assert.deepEqual(await allKeys(state, query), keys, JSON.stringify(query));
          assert.deepEqual(await allKeys(state, { ...query, limit: 1 }), keys, JSON.stringify(query));
        }
      }),
    );

    it(
      'find a row by each element of an array, once, and by null when it is empty',
      withStores(open, async (opened) => {
        const state = await filled(opened);
        const byTag = (tags: Json): Promise<readonly string[]> => allKeys(state, { index: 'byTag', equals: { tags } });
        assert.deepEqual(await byTag('x'), ['a', 'e']);
        assert.deepEqual(await byTag('y'), ['a', 'b']);
        assert.deepEqual(await byTag(null), ['c', 'd', 'f', 'g']);
        await state.commit([put({ id: 'a', tags: ['z'] })]);
        assert.deepEqual(await byTag('x'), ['e']);
        assert.deepEqual(await byTag('z'), ['a', 'e']);
        await state.commit([{ op: 'delete', table: LEADS, key: 'e' }]);
        assert.deepEqual(await byTag('z'), ['a']);
      }),
    );

    it(
      'order values of all types, numbers and strings exactly',
      withStores(open, async ({ stores }) => {
        const table: TableSpec = {
          name: 'x.values',
          key: 'id',
          indexes: { byValue: { fields: ['value'] }, byPair: { fields: ['value', 'id'] } },
          personal: [],
        };
        await stores.state.defineTables([table]);
        const state = stores.state.tenant(keysOf('acme'));
        const values: readonly Json[] = [
          null,
          false,
          true,
          -1.7e308,
          -1_000,
          -1,
          -0.5,
          -5e-324,
          0,
          5e-324,
          0.1,
          1,
          2,
          10,
          1e21,
          1.7e308,
          '',
          '\0',
          '\0a',
          'A',
          'a',
          'a\0',
          'a\0\0',
          'a\0b',
          'a ',
          'aa',
          'b',
          'z',
          '\u00e9',
          '\uffff',
          '\u{1f331}',
        ];
        const rows = values.map((value, i) => ({ id: `k${String(i).padStart(3, '0')}`, value }));
        await state.commit(rows.map((row) => put(row, 0, table)));
        for (const index of ['byValue', 'byPair']) {
          assert.deepEqual(
            await allKeys(state, { index, limit: 4 }, table),
            rows.map(({ id }) => id),
          );
          for (const [i, { id, value }] of rows.entries()) {
            assert.deepEqual(await allKeys(state, { index, equals: { value } }, table), [id], JSON.stringify(value));
            if (typeof value !== 'number') continue;
            const numbers = rows.filter((row, at) => typeof row.value === 'number' && at >= i).map((row) => row.id);
            assert.deepEqual(await allKeys(state, { index, from: value }, table), numbers);
          }
        }
      }),
    );

    it(
      'tell long strings apart that begin alike',
      withStores(open, async ({ stores }) => {
        const table: TableSpec = { name: 'x.long', key: 'id', indexes: { byText: { fields: ['text'], unique: true } }, personal: [] };
        await stores.state.defineTables([table]);
        const state = stores.state.tenant(keysOf('acme'));
        const long = 'é'.repeat(4_000);
        assert.deepEqual(await state.commit([put({ id: 'a', text: `${long}1` }, 0, table), put({ id: 'b', text: `${long}2` }, 0, table)]), {
          ok: true,
        });
        assert.deepEqual(await state.commit([put({ id: 'c', text: `${long}1` }, 0, table)]), { ok: false, failed: 0, reason: 'unique' });
        assert.deepEqual(await allKeys(state, { index: 'byText', equals: { text: `${long}2` } }, table), ['b']);
      }),
    );

    it(
      'find personal fields by equality only',
      withStores(open, async (opened) => {
        const state = await filled(opened);
        assert.deepEqual(await allKeys(state, { index: 'byEmail', equals: { email: 'b@example.invalid' } }), ['b']);
        await assert.rejects(state.query(LEADS, { index: 'byEmail', from: 'a' }), hasCode('INPUT_INVALID'));
        await assert.rejects(state.aggregate(LEADS, { index: 'byEmail', groupBy: 'email' }), hasCode('INPUT_INVALID'));
        await state.commit([
          put({ identity: 'userId:7', profileId: 'p' }, 0, PEOPLE),
          put({ identity: 'email:a@example.invalid', profileId: 'p' }, 0, PEOPLE),
        ]);
        assert.deepEqual((await allKeys(state, { index: 'byProfile', equals: { profileId: 'p' }, limit: 1 }, PEOPLE)).toSorted(), [
          'email:a@example.invalid',
          'userId:7',
        ]);
        assert.deepEqual(await allKeys(state, { equals: { identity: 'userId:7' } }, PEOPLE), ['userId:7']);
        assert.equal((await allKeys(state, { limit: 1 }, PEOPLE)).length, 2);
        await assert.rejects(state.query(PEOPLE, { from: 'a' }), hasCode('INPUT_INVALID'));
        assert.deepEqual(await state.commit([{ op: 'delete', table: PEOPLE, key: 'userId:7', expect: 1 }]), { ok: true });
        assert.deepEqual(await allKeys(state, { index: 'byProfile' }, PEOPLE), ['email:a@example.invalid']);
      }),
    );

    it(
      'refuse what they cannot answer',
      withStores(open, async (opened) => {
        const state = await filled(opened);
        const wrong: readonly TableQuery[] = [
          { index: 'none' },
          { index: 'byScore', equals: { score: 1 } },
          { index: 'byScore', equals: { stage: 'hot', score: 1, more: 2 } },
          { index: 'byScore', equals: { stage: 'hot', score: 1 }, from: 1 },
          { equals: { stage: 'hot' } },
          { limit: 0 },
          { limit: 1_001 },
          { limit: 1.5 },
          { index: 'byScore', cursor: '!' },
        ];
        for (const query of wrong) await assert.rejects(state.query(LEADS, query), hasCode('INPUT_INVALID'), JSON.stringify(query));
        await assert.rejects(state.aggregate(LEADS, { index: 'byScore', groupBy: 'score' }), hasCode('INPUT_INVALID'));
        await assert.rejects(state.aggregate(LEADS, { index: 'byScore', of: 'day' }), hasCode('INPUT_INVALID'));
      }),
    );

    it(
      'count, group and sum from an index',
      withStores(open, async (opened) => {
        const state = await filled(opened);
        assert.deepEqual(await state.aggregate(LEADS, { index: 'byScore' }), [{ group: null, count: 7 }]);
        assert.deepEqual(await state.aggregate(LEADS, { index: 'byScore', groupBy: 'stage' }), [
          { group: null, count: 1 },
          { group: 'cold', count: 2 },
          { group: 'hot', count: 4 },
        ]);
        assert.deepEqual(await state.aggregate(LEADS, { index: 'byScore', equals: { stage: 'hot' }, of: 'score' }), [
          { group: null, count: 4, sum: 0.5 + 0.5 + 100 - 2, minimum: -2, maximum: 100 },
        ]);
        assert.deepEqual(await state.aggregate(LEADS, { index: 'byDay', equals: { day: 2 }, groupBy: 'stage', of: 'score' }), [
          { group: 'cold', count: 2, sum: 5, minimum: 5, maximum: 5 },
        ]);
        assert.deepEqual(await state.aggregate(LEADS, { index: 'byScore', equals: { stage: 'hot' }, from: 0, to: 1 }), [
          { group: null, count: 2 },
        ]);
        assert.deepEqual(await state.aggregate(LEADS, { index: 'byScore', equals: { stage: 'none' }, of: 'score' }), [
          { group: null, count: 0, sum: 0 },
        ]);
        assert.deepEqual(await state.aggregate(LEADS, { index: 'byScore', equals: { stage: 'none' }, groupBy: 'score' }), []);
        assert.deepEqual(await state.aggregate(LEADS, { index: 'byTag', groupBy: 'tags' }), [
          { group: null, count: 4 },
          { group: 'x', count: 2 },
          { group: 'y', count: 2 },
          { group: 'z', count: 1 },
        ]);
      }),
    );

    it(
      'follow a changed definition of an index',
      withStores(open, async (opened) => {
        await filled(opened);
        const changed: TableSpec = { ...LEADS, indexes: { byScore: { fields: ['score'] }, byDay: { fields: ['day'] } } };
        const stores = await opened.reopen();
        await stores.state.defineTables([changed]);
        const state = stores.state.tenant(keysOf('acme'));
        assert.deepEqual(await allKeys(state, { index: 'byScore', from: 1, limit: 2 }, changed), ['d', 'f', 'g']);
        assert.deepEqual(await allKeys(state, { index: 'byDay', equals: { day: 2 } }, changed), ['d', 'e']);
        await assert.rejects(state.query(changed, { index: 'byTag' }), hasCode('INPUT_INVALID'));
        await stores.state.defineTables([LEADS]);
        assert.deepEqual(await allKeys(state, { index: 'byTag', equals: { tags: 'x' } }), ['a', 'e']);
        assert.deepEqual(await allKeys(state, { index: 'byScore', equals: { stage: 'cold' } }), ['e', 'd']);
      }),
    );
  });
}
