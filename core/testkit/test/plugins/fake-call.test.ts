import assert from 'node:assert/strict';
import { fakeCall } from '@tendril/testkit';

const tables = { things: { key: 'id', indexes: { by_size: { fields: ['size'] } } } };

describe('fakeCall', () => {
  it('keeps claims over calls until their window ends', async () => {
    const first = fakeCall({ settings: { windowSeconds: 60 } });
    const second = first.next({ idempotencyKey: 'run-2' });
    assert.equal(await first.kv.claim('k', first.idempotencyKey, first.settings.windowSeconds), true);
    assert.equal(await second.kv.claim('k', second.idempotencyKey, 60), false);
    second.advance(60_000);
    assert.equal(await second.kv.claim('k', second.idempotencyKey, 60), true);
  });

  it('commits what a handler gathered before the next one reads', async () => {
    const first = fakeCall({ tables, rows: { things: [{ id: 'a', size: 2 }] } });
    first.changes.put('things', { id: 'b', size: 1 }, 'absent');
    assert.equal(await first.table('things').get('b'), undefined);
    const page = await first.next().table('things').query({ index: 'by_size' });
    assert.deepEqual(
      page.items.map(({ key }) => key),
      ['b', 'a'],
    );
  });

  it('tells of a condition that does not hold', async () => {
    const call = fakeCall({ tables, rows: { things: [{ id: 'a' }] } });
    call.changes.put('things', { id: 'a' }, 'absent');
    await assert.rejects(call.commit(), { code: 'CONFLICT' });
  });

  it('refuses what was not given', async () => {
    const call = fakeCall();
    assert.throws(() => call.table('things'), { code: 'PERMISSION_DENIED' });
    assert.throws(() => call.connection, { code: 'CONNECTION_MISSING' });
    assert.throws(() => call.permit, { code: 'PERMISSION_DENIED' });
    await assert.rejects(call.fetch('https://example.com/'), { code: 'EGRESS_DENIED' });
    await assert.rejects(call.actions.call('people.get@1', {}), { code: 'PERMISSION_DENIED' });
  });
});
