import type { Response } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import type { ObservedCall } from '@tendril/engine';
import type { RouteRequest } from '../http/route.ts';

/** Open streams of the calls of plugins. */
export interface PluginCalls {
  /**
   * Answers with a stream that stays open for as long as `isStillIn` says so.
   *
   * @throws TendrilError PLUGIN_UNKNOWN; REQUEST_THROTTLED when the tenant has too many
   */
  open(res: Response, request: RouteRequest<{ readonly id: string }, unknown, unknown>, isStillIn: () => Promise<boolean>): void;
  /** Ends every stream, so that the server can stop. */
  closeAll(): void;
}

const STREAMS_PER_TENANT = 10;
const MOST_WAITING = 100;
const HEARTBEAT_MS = 15_000;

/** Makes the register of these streams. */
export function createPluginCalls(): PluginCalls {
  const streams = new Map<Response, { readonly tenantId: string; readonly end: () => void }>();
  return {
    open: (res, { tenant, path }, isStillIn) => {
      const tenantId = tenant.tenant.id;
      if ([...streams.values()].filter((stream) => stream.tenantId === tenantId).length >= STREAMS_PER_TENANT)
        throw new TendrilError('REQUEST_THROTTLED', { limit: STREAMS_PER_TENANT, retryAfterSeconds: 5 });
      const teller = createTeller(res);
      const stop = tenant.plugins.observe(path.id, teller.tell);
      res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      res.write('retry: 2000\nevent: hello\ndata: {}\n\n');
      res.on('drain', teller.flush);
      const heartbeat = setInterval(() => {
        // A store that is away for a moment does not end the stream.
        isStillIn().then(
          (isIn) => (isIn ? void res.write(': still here\n\n') : end()),
          () => undefined,
        );
      }, HEARTBEAT_MS);
      const end = (): void => {
        clearInterval(heartbeat);
        stop();
        streams.delete(res);
        res.end();
      };
      streams.set(res, { tenantId, end });
      res.on('close', end);
    },
    closeAll: () => {
      for (const { end } of streams.values()) end();
    },
  };
}

/** A reader that is slower than the calls loses the oldest of those that wait, and is told how many. */
function createTeller(res: Response): { readonly tell: (call: ObservedCall) => void; readonly flush: () => void } {
  const waiting: ObservedCall[] = [];
  let dropped = 0;
  const send = (event: string, data: object): void => void res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  function flush(): void {
    if (dropped > 0) {
      send('dropped', { count: dropped });
      dropped = 0;
    }
    while (!res.writableNeedDrain) {
      const next = waiting.shift();
      if (next === undefined) return;
      send('call', { ...next, startedAt: new Date(next.startedAt).toISOString() });
    }
  }
  return {
    flush,
    tell: (call) => {
      waiting.push(call);
      if (waiting.length > MOST_WAITING) {
        waiting.shift();
        dropped += 1;
      }
      if (!res.writableNeedDrain) flush();
    },
  };
}
