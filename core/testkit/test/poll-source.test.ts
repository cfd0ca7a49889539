import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { PollHandler } from '@tendril/plugin-api';
import { fakeCall, pollSource } from '../src/index.ts';

const pages: PollHandler = async (input, _call, cursor) => {
  const start = Number(cursor ?? 0);
  const all = input['ids'] as readonly number[];
  return { items: all.slice(start, start + 2).map((id) => ({ id })), cursor: start + 2, hasMore: start + 2 < all.length };
};

describe('polling a source in a test', () => {
  const call = fakeCall({ settings: {} });

  it('goes from page to page, and gives each item once', async () => {
    const polled = await pollSource(pages, { input: { ids: [1, 2, 2, 3, 4] }, call: () => call.next(), primaryKey: '/id' });
    assert.deepEqual(polled, { items: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }], cursor: 6, pages: 3 });
    const again = await pollSource(pages, { input: { ids: [1, 2, 2, 3, 4, 5, 6] }, call: () => call.next(), cursor: 6 });
    assert.deepEqual(again.items, [{ id: 6 }]);
  });

  it('fails for a source that never ends, and for items that nothing tells apart', async () => {
    const isFaulty = (error: unknown): boolean => TendrilError.is(error) && error.code === 'PLUGIN_FAULTY';
    const endless: PollHandler = async () => ({ items: [{ id: 1 }], hasMore: true });
    await assert.rejects(pollSource(endless, { input: {}, call: () => call.next() }), isFaulty);
    await assert.rejects(pollSource(pages, { input: { ids: [1] }, call: () => call.next(), primaryKey: '/key' }), isFaulty);
  });
});
