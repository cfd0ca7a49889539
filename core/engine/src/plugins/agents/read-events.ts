import type { LoggedEvent } from '@tendril/plugin-api';
import { decodeEvent, MAX_HOPS } from '../../events/index.ts';
import type { TenantLog } from '../../ports.ts';

const PAGE = 1_000;
/** Events that are of no concern are passed over; this bounds how many at one tick. */
const MOST_PAGES = 20;

/** What an agent is to see, and how far that goes. */
export interface Seen {
  readonly events: readonly LoggedEvent[];
  readonly cursor: number;
  readonly hasMore: boolean;
}

/**
 * The next events that an agent wants, at most 1,000. What test apps send is not for it, nor what stands at the end of a
 * chain of causes: whatever it did about that would be cut.
 */
export async function readEvents(log: TenantLog, after: number, isWanted: (name: string) => boolean): Promise<Seen> {
  const events: LoggedEvent[] = [];
  let cursor = after;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const stored = await log.read(cursor, PAGE);
    for (const event of stored) {
      const decoded = decodeEvent(event);
      if (isWanted(decoded.name) && !decoded.isTest && decoded.hops < MAX_HOPS) events.push(decoded);
      cursor = event.position;
      if (events.length === PAGE) return { events, cursor, hasMore: true };
    }
    if (stored.length < PAGE) return { events, cursor, hasMore: false };
  }
  return { events, cursor, hasMore: true };
}
