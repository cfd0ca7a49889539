import { HubUnreachable } from './hub-client.ts';
import type { HubAddress } from './hub-client.ts';

/** An event as the stream gives it. */
export interface StreamedEvent {
  readonly id: string;
  readonly position: number;
  readonly kind: string;
  readonly name: string;
  readonly receivedAt: number;
  readonly identities: { readonly userId?: string; readonly anonymousId?: string };
  readonly [field: string]: unknown;
}

const RECONNECT_MS = 1000;

/**
 * Follows the hub's server-sent events until the signal; connects again when the stream breaks. Events that passed
 * while it was broken are not repeated: the log has them.
 *
 * @throws HubUnreachable when the first connection fails
 */
export async function followStream(hub: HubAddress, signal: AbortSignal, onEvent: (event: StreamedEvent) => void): Promise<void> {
  let isFirst = true;
  while (!signal.aborted) {
    try {
      const response = await fetch(`${hub.url}/v1/stream`, { headers: { authorization: `Bearer ${hub.key}`, accept: 'text/event-stream' }, signal });
      if (!response.ok || response.body === null) throw new HubUnreachable(`The hub at ${hub.url} refused the stream with ${response.status}.`);
      isFirst = false;
      await readFrames(response.body, onEvent);
    } catch (error) {
      if (signal.aborted) return;
      if (isFirst) throw error instanceof HubUnreachable ? error : new HubUnreachable(`The hub at ${hub.url} does not answer.`, { cause: error });
    }
    await pause(RECONNECT_MS, signal);
  }
}

async function readFrames(body: ReadableStream<Uint8Array>, onEvent: (event: StreamedEvent) => void): Promise<void> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      deliver(text.slice(0, end), onEvent);
      text = text.slice(end + 2);
    }
  }
}

function deliver(frame: string, onEvent: (event: StreamedEvent) => void): void {
  const lines = frame.split('\n');
  if (!lines.includes('event: events')) return;
  const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n');
  for (const event of (JSON.parse(data) as { items: readonly StreamedEvent[] }).items) onEvent(event);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
