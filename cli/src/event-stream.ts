import type { HubClient } from './hub-client.ts';
import { fetchHub, readAnswer } from './hub-client.ts';
import { readFrames } from './sse.ts';
import type { Frame } from './sse.ts';

/** An event as the API gives it. */
export interface StreamedEvent {
  readonly id: string;
  readonly position: number;
  readonly kind: string;
  readonly name: string;
  readonly appId: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly identities: { readonly userId?: string; readonly anonymousId?: string };
  readonly [field: string]: unknown;
}

/** What following the log needs. */
export interface Following {
  readonly hub: HubClient;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Called once it follows: events from now on are not missed. */
  readonly onReady?: () => void;
  /** Called for one event after another, in the order of the log; the next waits for it. */
  readonly onEvent: (event: StreamedEvent) => Promise<void> | void;
}

const RECONNECT_MS = 1000;

/**
 * Gives every event that enters the log from now on, once and in order, until the signal. The hub's stream tells that there is
 * news and shows the newest; what it leaves out, and what passed while the stream was broken, is read from the log.
 *
 * @throws HubUnreachable when the first connection fails; TendrilError as the hub answers
 */
export async function followLog({ hub, signal, onReady, onEvent }: Following): Promise<void> {
  const [newest] = await hub.list<StreamedEvent>('/v1/events', 1);
  let position = newest?.position ?? 0;
  const state = { isFollowing: false };
  const isOver = (): boolean => signal.aborted;

  async function give(events: readonly StreamedEvent[]): Promise<void> {
    for (const event of events.toSorted((one, other) => one.position - other.position)) {
      if (isOver()) return;
      if (event.position <= position) continue;
      position = event.position;
      await onEvent(event);
    }
  }

  async function catchUp(): Promise<void> {
    await give(await eventsAfter(hub, position));
  }

  async function onMessage({ event, data }: Frame): Promise<void> {
    if (event === 'hello') {
      await catchUp();
      if (!state.isFollowing) onReady?.();
      state.isFollowing = true;
    } else if (event === 'events') {
      const { items } = JSON.parse(data) as { readonly items: readonly StreamedEvent[] };
      const oldest = Math.min(...items.map((item) => item.position));
      await (oldest > position + 1 ? catchUp() : give(items));
    }
  }

  while (!isOver()) {
    try {
      await readStream(hub, signal, onMessage);
    } catch (error) {
      if (isOver()) return;
      if (!state.isFollowing) throw error;
    }
    await pause(RECONNECT_MS, signal);
  }
}

/** Events behind a position, read backwards from the newest. */
async function eventsAfter(hub: HubClient, position: number): Promise<readonly StreamedEvent[]> {
  const events: StreamedEvent[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor === undefined ? {} : { cursor }) });
    const page: { items: readonly StreamedEvent[]; nextCursor?: string } = await hub.request('GET', `/v1/events?${query.toString()}`);
    events.push(...page.items.filter((event) => event.position > position));
    cursor = page.items.every((event) => event.position > position) ? page.nextCursor : undefined;
  } while (cursor !== undefined);
  return events;
}

async function readStream(hub: HubClient, signal: AbortSignal, onMessage: (message: Frame) => Promise<void>): Promise<void> {
  const { url, key, keyOrigin } = hub.address;
  const response = await fetchHub(url, '/v1/stream', { headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' }, signal });
  if (!response.ok || response.body === null) {
    await readAnswer(url, response, { key: keyOrigin });
    return;
  }
  for await (const frame of readFrames(response.body)) await onMessage(frame);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
