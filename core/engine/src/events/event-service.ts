import { TendrilError } from '@tendril/plugin-api';
import type { LoggedEvent, Logger, Page } from '@tendril/plugin-api';
import type { EventService } from '../hub.ts';
import type { StoredEvent } from '../ports.ts';
import type { OpenTenant } from '../tenants/index.ts';
import { decodeEvent } from './event-codec.ts';
import type { Feed } from './feed.ts';
import type { Ingest } from './ingest.ts';
import { listQuarantine } from './quarantine.ts';
import { createSubscription } from './subscription.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** Reading the log of one tenant back. */
export function createEventService(options: {
  readonly tenant: OpenTenant;
  readonly feed: Feed;
  readonly ingest: Ingest;
  readonly log: Logger;
}): EventService {
  const { tenant, feed, ingest, log } = options;
  const starts = new Map<number, number>();
  return {
    list: async (filter) => {
      const limit = checkedLimit(filter.limit);
      const before = checkedCursor(filter.cursor);
      if (filter.person === undefined) return toPage(await tenant.log.readLatest(limit, before, filter.name), limit);
      return listPerson(tenant, { ...filter, person: filter.person }, limit, before);
    },
    subscribe: (listener) => createSubscription({ tenant, feed, log, listener }),
    head: () => tenant.log.head(),
    countSince: async (receivedAt) => {
      const head = await tenant.log.head();
      const known = starts.get(receivedAt);
      const start = known ?? (await firstSince(tenant, receivedAt, head));
      // Whoever asks by the day asks about the same instant again; only an answer that later events cannot move is kept.
      if (start <= head && known === undefined) starts.clear();
      if (start <= head) starts.set(receivedAt, start);
      return head - start + 1;
    },
    quarantined: (filter = {}) => listQuarantine(tenant.state, { ...filter, limit: checkedLimit(filter.limit) }),
    replayQuarantine: (ids) => ingest.replayQuarantine(ids),
  };
}

/** The first position that was received at the instant or later, one behind the head where there is none: positions are in the order of arrival. */
export async function firstSince({ log }: Pick<OpenTenant, 'log'>, receivedAt: number, head: number): Promise<number> {
  let [low, high] = [1, head + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [stored] = await log.get([middle]);
    if (stored !== undefined && decodeEvent(stored).receivedAt >= receivedAt) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function listPerson(
  tenant: OpenTenant,
  filter: { readonly person: string; readonly name?: string },
  limit: number,
  before: number | undefined,
): Promise<Page<LoggedEvent>> {
  const people = /^(?:userId|anonymousId):/.test(filter.person)
    ? [filter.person]
    : [`userId:${filter.person}`, `anonymousId:${filter.person}`];
  const found: LoggedEvent[] = [];
  let below = before;
  for (;;) {
    const events = (await tenant.log.readPerson(people, limit, below)).map(decodeEvent);
    for (const event of events) {
      below = event.position;
      if (filter.name !== undefined && event.name !== filter.name) continue;
      found.push(event);
      if (found.length === limit) return { items: found, nextCursor: String(below) };
    }
    if (events.length < limit) return { items: found };
  }
}

function toPage(stored: readonly StoredEvent[], limit: number): Page<LoggedEvent> {
  const items = stored.map(decodeEvent);
  const last = items.at(-1);
  return items.length < limit || last === undefined ? { items } : { items, nextCursor: String(last.position) };
}

function checkedLimit(limit = DEFAULT_LIMIT): number {
  if (!Number.isInteger(limit) || limit < 1)
    throw new TendrilError('INPUT_INVALID', { pointer: '/limit', expected: `a whole number from 1 to ${MAX_LIMIT}` });
  return Math.min(limit, MAX_LIMIT);
}

function checkedCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^[1-9]\d{0,15}$/.test(cursor))
    throw new TendrilError('INPUT_INVALID', { pointer: '/cursor', expected: 'nextCursor of the page before' });
  return Number(cursor);
}
