import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import { ask, memberOf, textOf } from '../client.ts';
import type { Contact, ListContactsInput, ListContactsOutput } from '../gen/manifest.gen.ts';

const PAGE_SIZE = 100;
const MOST_PAGES = 20;

/** Reads page after page, until there is none or there are enough. */
export const listContacts: ActionHandler<ListContactsInput, ListContactsOutput> = async ({ createdAfter }, call) => {
  const items: Contact[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = new URLSearchParams({
      limit: String(PAGE_SIZE),
      ...(createdAfter === undefined ? {} : { created_after: createdAfter }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    const answer = await ask(call, { method: 'GET', path: `/contacts?${query.toString()}` });
    items.push(...listOf(answer).map(toContact));
    const next = memberOf(answer, 'next');
    if (typeof next !== 'string' || next === '') return { items, hasMore: false };
    cursor = next;
  }
  return { items, hasMore: true };
};

function listOf(answer: unknown): readonly unknown[] {
  const list = memberOf(answer, 'data');
  if (Array.isArray(list)) return list;
  throw new TendrilError('UPSTREAM_UNAVAILABLE', { reason: 'the answer has another shape', field: 'data' });
}

function toContact(contact: unknown): Contact {
  const name = memberOf(contact, 'name');
  return { id: textOf(contact, 'id'), email: textOf(contact, 'email'), ...(typeof name === 'string' ? { name } : {}) };
}
