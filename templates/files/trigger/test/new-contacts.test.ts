import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeCall } from '@tendril/testkit';
import { newContacts } from '../src/triggers/new-contacts.ts';

describe('{{id}}.new_contacts', () => {
  const now = Date.UTC(2026, 0, 1);
  const answering = (data: unknown, seen: string[] = []) =>
    fakeCall({
      now,
      fetch: (request) => {
        seen.push(request.url);
        return Response.json({ data });
      },
    });

  it('notes the time at the first poll and asks nothing', async () => {
    const seen: string[] = [];
    assert.deepEqual(await newContacts({}, answering([], seen), undefined), { items: [], cursor: '2026-01-01T00:00:00.000Z' });
    assert.deepEqual(seen, []);
  });

  it('gives what was made since, and goes on from the newest', async () => {
    const seen: string[] = [];
    const contact = { id: 'c-1', email: 'ada@example.invalid', name: null, created_at: '2026-01-02T00:00:00Z' };
    const call = answering([contact], seen);
    assert.deepEqual(await newContacts({ list: 'newsletter' }, call, '2026-01-01T00:00:00Z'), {
      items: [{ id: 'c-1', email: 'ada@example.invalid' }],
      cursor: '2026-01-02T00:00:00Z',
      hasMore: false,
    });
    assert.deepEqual(seen, ['https://api.example.com/v1/contacts?limit=100&created_from=2026-01-01T00%3A00%3A00Z&list=newsletter']);
  });

  it('stays where it is when there is nothing new', async () => {
    assert.deepEqual(await newContacts({}, answering([]), 'then'), { items: [], cursor: 'then', hasMore: false });
  });

  it('asks again at once after a full page, unless that would not get further', async () => {
    const page = (createdAt: string) =>
      Array.from({ length: 100 }, (_, index) => ({ id: `c-${index}`, email: 'a@example.invalid', created_at: createdAt }));
    assert.equal((await newContacts({}, answering(page('later')), 'then')).hasMore, true);
    assert.equal((await newContacts({}, answering(page('then')), 'then')).hasMore, false);
  });

  it('does not take an answer of another shape for no contacts', async () => {
    await assert.rejects(newContacts({}, answering('none'), 'then'), { code: 'UPSTREAM_UNAVAILABLE' });
  });
});
