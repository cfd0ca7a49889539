import type { HubClient } from '../../hub-client.ts';
import { pluginPath } from '../../operator/hub-plugin.ts';

/** A call of one of the plugin's handlers, as the hub tells it. */
export interface FollowedCall {
  readonly handler: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly attempt: number;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  readonly input?: unknown;
  readonly output?: unknown;
}

const RECONNECT_MS = 500;

/**
 * Gives every call of the plugin's handlers from now on, until the signal. A connection that breaks is made again.
 *
 * @param onTrouble told once for every time that calls cannot be followed
 */
export async function followCalls(
  hub: HubClient,
  id: string,
  signal: AbortSignal,
  { onCall, onTrouble }: { readonly onCall: (call: FollowedCall) => void; readonly onTrouble: (reason: string) => void },
): Promise<void> {
  let isFollowing = true;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      for await (const { data } of hub.messages('GET', pluginPath(id, '/calls'), undefined, signal)) {
        isFollowing = true;
        const call = readCall(data);
        if (call !== undefined) onCall(call);
      }
    } catch (error) {
      if (isOver()) return;
      if (isFollowing) onTrouble(error instanceof Error ? error.message : 'unknown');
      isFollowing = false;
    }
    await pause(RECONNECT_MS, signal);
  }
}

/** Messages that are no call, such as a greeting, are none. */
function readCall(data: string): FollowedCall | undefined {
  if (!data.startsWith('{')) return undefined;
  const value = JSON.parse(data) as Partial<FollowedCall>;
  return typeof value.handler === 'string' && typeof value.outcome === 'string' ? (value as FollowedCall) : undefined;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
