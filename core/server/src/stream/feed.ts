import type { LoggedEvent } from '@tendril/plugin-api';
import type { RunInfo, TenantHub } from '@tendril/engine';
import { showEvent } from '../routes/events-router.ts';
import { showRunInfo } from '../routes/show-run.ts';

/** A message of the stream. */
export interface FeedMessage {
  readonly event: 'events' | 'runs' | 'changed';
  readonly data: object;
}

/** What happened at one tenant since it was last asked: everything counted, the newest kept. */
export interface Feed {
  /** Topics of the API whose contents may have changed. */
  noteChange(topic: string): void;
  /** @returns at most one message of each kind, and starts anew */
  drain(): readonly FeedMessage[];
  close(): void;
}

const KEPT = 20;

// Enough for the approvals that a page shows; older ones are found when it is opened again.
const MOST_WAITING = 1_000;

/** Collects what happens at a tenant. @param onNews called once when there is something to drain */
export function openFeed(tenant: TenantHub, onNews: () => void): Feed {
  let events = emptyTally<LoggedEvent>();
  let runs = emptyTally<RunInfo>();
  let topics = new Set<string>();
  const waiting = new Set<string>();

  /** What else has changed with a run: what waits for approval, and how far its broadcast has come. */
  function topicsOf({ id, state, broadcastId }: RunInfo): readonly string[] {
    const wasWaiting = waiting.delete(id);
    const isWaiting = state === 'needs_approval';
    if (isWaiting && waiting.size < MOST_WAITING) waiting.add(id);
    return [...(wasWaiting || isWaiting ? ['approvals'] : []), ...(broadcastId === undefined ? [] : ['broadcasts'])];
  }

  const leave = [
    tenant.events.subscribe((event) => {
      events = add(events, event);
      onNews();
    }),
    tenant.runs.subscribe((run) => {
      for (const topic of topicsOf(run)) topics.add(topic);
      runs = add({ ...runs, newest: runs.newest.filter(({ id }) => id !== run.id) }, run);
      onNews();
    }),
  ];

  function takeMessages(): readonly FeedMessage[] {
    const messages: FeedMessage[] = [];
    if (events.count > 0) messages.push({ event: 'events', data: { count: events.count, items: events.newest.map(showEvent) } });
    if (runs.count > 0) messages.push({ event: 'runs', data: { count: runs.count, items: runs.newest.map(showRunInfo) } });
    if (topics.size > 0) messages.push({ event: 'changed', data: { topics: [...topics] } });
    return messages;
  }

  return {
    noteChange(topic) {
      topics.add(topic);
      onNews();
    },
    drain() {
      const messages = takeMessages();
      events = emptyTally();
      runs = emptyTally();
      topics = new Set();
      return messages;
    },
    close() {
      for (const stop of leave) stop();
    },
  };
}

interface Tally<Item> {
  readonly count: number;
  readonly newest: readonly Item[];
}

function emptyTally<Item>(): Tally<Item> {
  return { count: 0, newest: [] };
}

function add<Item>(tally: Tally<Item>, item: Item): Tally<Item> {
  return { count: tally.count + 1, newest: [item, ...tally.newest.slice(0, KEPT - 1)] };
}
