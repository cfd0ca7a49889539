import assert from 'node:assert/strict';
import { stateAfter } from '../../src/events/consumers/state-after.ts';
import type { Change, TableSpec, TenantState } from '../../src/ports.ts';
import { createTestEngine, createTestEvents } from '../support/engine.ts';

const THINGS: TableSpec = { name: 'test.things', key: 'id', indexes: { bySize: { fields: ['size'] } }, personal: [] };
const KEYS = ['a', 'b', 'c', 'd', 'never'];

const put = (id: string, size: number, expect?: number): Change => ({
  op: 'put',
  table: THINGS,
  value: { id, size },
  ...(expect !== undefined && { expect }),
});
const remove = (key: string): Change => ({ op: 'delete', table: THINGS, key });

describe('the state as a commit in flight will leave it', () => {
  async function open(): Promise<TenantState> {
    const engine = await createTestEngine();
    await engine.stores.state.defineTables([THINGS]);
    const { tenant } = await createTestEvents(engine, 'acme');
    await tenant.state.commit([put('a', 1), put('b', 2)]);
    return tenant.state;
  }

  for (const [name, changes] of Object.entries({
    'rows that are written under a condition': [put('a', 10, 1), put('c', 3, 0)],
    'rows that are written without one': [put('a', 10), put('c', 3)],
    'a row that is written twice': [put('a', 10, 1), put('a', 11, 2), put('c', 3, 0), put('c', 4)],
    'rows that are deleted': [remove('a'), remove('never')],
    'a row that is deleted and written again': [remove('a'), put('a', 5, 0)],
    'nothing at all': [],
  } satisfies Record<string, readonly Change[]>)) {
    it(`is what the store says afterwards, with ${name}`, async () => {
      const state = await open();
      let committed: () => void = () => undefined;
      const ahead = stateAfter(state, changes, new Promise<void>((resolve) => (committed = resolve)));
      // Asked before the commit; what only the store can tell waits for it.
      const [rows, page] = [ahead.get(THINGS, KEYS), ahead.query(THINGS, { index: 'bySize' })];
      assert.deepEqual(await state.commit(changes), { ok: true });
      committed();
      assert.deepEqual(await rows, await state.get(THINGS, KEYS));
      assert.deepEqual((await page).items, (await state.query(THINGS, { index: 'bySize' })).items);
    });
  }

  it('knows rows before they are there, each time another copy', async () => {
    const ahead = stateAfter(await open(), [put('a', 10, 1)], new Promise(() => undefined));
    const [first] = await ahead.get(THINGS, ['a']);
    const [second] = await ahead.get(THINGS, ['a']);
    assert.deepEqual(first, { key: 'a', version: 2, value: { id: 'a', size: 10 } });
    assert.notEqual(first?.value, second?.value);
  });

  it('ends with the commit that fails', async () => {
    const state = await open();
    let fail: (error: Error) => void = () => undefined;
    const rows = stateAfter(state, [put('a', 10)], new Promise((_, reject) => (fail = reject))).get(THINGS, ['a']);
    fail(new Error('lost'));
    await assert.rejects(rows, /lost/);
  });
});
