import { TendrilError } from '@tendril/plugin-api';
import type { PollHandler } from '@tendril/plugin-api';
import { ask, memberOf, textOf } from '../client.ts';
import type { NewContactsItem, NewContactsTriggerInput } from '../gen/manifest.gen.ts';

const PAGE_SIZE = 100;

/**
 * Asks for contacts that were made since the last poll. The first poll starts no runs: it notes the time. The hub commits the
 * cursor together with the runs; an item that comes twice starts one run, by `primaryKey`.
 */
export const newContacts: PollHandler<NewContactsTriggerInput, NewContactsItem> = async ({ list }, call, cursor) => {
  if (typeof cursor !== 'string') return { items: [], cursor: new Date(call.clock.now()).toISOString() };
  const query = new URLSearchParams({
    limit: String(PAGE_SIZE),
    created_from: cursor,
    ...(list === undefined ? {} : { list }),
  });
  const answer = await ask(call, { method: 'GET', path: `/contacts?${query.toString()}` });
  const contacts = memberOf(answer, 'data');
  if (!Array.isArray(contacts)) throw new TendrilError('UPSTREAM_UNAVAILABLE', { reason: 'the answer has another shape', field: 'data' });
  const newest: unknown = contacts.at(-1);
  const newestAt = newest === undefined ? cursor : textOf(newest, 'created_at');
  // A full page may go on; one that did not get further would be asked for again and again.
  return { items: contacts.map(toItem), cursor: newestAt, hasMore: contacts.length >= PAGE_SIZE && newestAt !== cursor };
};

function toItem(contact: unknown): NewContactsItem {
  const name = memberOf(contact, 'name');
  return { id: textOf(contact, 'id'), email: textOf(contact, 'email'), ...(typeof name === 'string' ? { name } : {}) };
}
