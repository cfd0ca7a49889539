import type { TenantLog } from '../../ports.ts';
import { decodeEvent } from '../../events/index.ts';
import type { LoggedEvent } from '@tendril/plugin-api';
import { pinEvent } from '../runs/records.ts';
import type { PinnedEvent } from '../runs/records.ts';
import type { Arrival } from './wait-record.ts';

const PAGE_SIZE = 200;

/** Which events of a person are looked for in the log. */
export interface LookBack {
  readonly log: TenantLog;
  /** `userId:…`, `anonymousId:…`. */
  readonly identities: readonly string[];
  readonly event: string;
  readonly isTest: boolean;
  /** Exclusive. */
  readonly after: number;
  /** Exclusive; to the log's end without it. */
  readonly before?: number;
  /** Events that were taken in later do not count, in epoch milliseconds. */
  readonly until?: number | undefined;
  readonly isWanted: (event: PinnedEvent) => boolean;
}

/** What of an event a wait goes by before its condition is asked. */
export interface Wanted {
  readonly event: string;
  readonly isTest: boolean;
  readonly after: number;
  readonly until?: number | undefined;
}

/** Whether an event can end a wait, but for its condition. What was imported is history, and ends nothing. */
export function canEnd(wanted: Wanted, event: LoggedEvent): boolean {
  return (
    event.name === wanted.event &&
    event.isTest === wanted.isTest &&
    !event.isImported &&
    event.position > wanted.after &&
    event.receivedAt <= (wanted.until ?? Infinity)
  );
}

/** The first event in the log that a wait is for. */
export async function findInLog(options: LookBack): Promise<Arrival | undefined> {
  const { log, identities, after, isWanted } = options;
  if (identities.length === 0) return undefined;
  let found: Arrival | undefined;
  let { before } = options;
  for (;;) {
    const page = await log.readPerson(identities, PAGE_SIZE, before);
    for (const stored of page) {
      if (stored.position <= after) return found;
      const event = decodeEvent(stored);
      const pinned = canEnd(options, event) ? pinEvent(event) : undefined;
      if (pinned !== undefined && isWanted(pinned)) found = { event: pinned, position: stored.position };
    }
    before = page.at(-1)?.position;
    if (before === undefined || page.length < PAGE_SIZE) return found;
  }
}
