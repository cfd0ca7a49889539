import type { Response } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import type { TenantHub } from '@tendril/engine';
import { openFeed } from './feed.ts';
import type { Feed } from './feed.ts';

/** All open streams of server-sent events. */
export interface Streams {
  /** Answers with a stream that stays open. @throws TendrilError REQUEST_THROTTLED when the tenant has too many */
  open(res: Response, tenant: TenantHub): void;
  noteChange(tenantId: string, topic: string): void;
  /** Ends every stream, so that the server can stop. */
  closeAll(): void;
}

// At most three messages each time: under twenty a second.
const FLUSH_EVERY_MS = 160;
const HEARTBEAT_MS = 15_000;

interface OpenStream {
  readonly tenantId: string;
  readonly feed: Feed;
  end(): void;
}

/** Makes the register of streams. */
export function createStreams(limitPerTenant: number): Streams {
  const streams = new Set<OpenStream>();

  function ofTenant(tenantId: string): readonly OpenStream[] {
    return [...streams].filter((stream) => stream.tenantId === tenantId);
  }

  return {
    open(res, tenant) {
      const tenantId = tenant.tenant.id;
      if (ofTenant(tenantId).length >= limitPerTenant) throw new TendrilError('REQUEST_THROTTLED', { limit: limitPerTenant, retryAfterSeconds: 5 });
      const stream = { tenantId, ...startStream(res, tenant) };
      streams.add(stream);
      res.on('close', () => {
        streams.delete(stream);
        stream.end();
      });
    },
    noteChange(tenantId, topic) {
      for (const { feed } of ofTenant(tenantId)) feed.noteChange(topic);
    },
    closeAll() {
      for (const stream of streams) stream.end();
    },
  };
}

function startStream(res: Response, tenant: TenantHub): { readonly feed: Feed; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  const feed = openFeed(tenant, schedule);
  const heartbeat = setInterval(() => res.write(': still here\n\n'), HEARTBEAT_MS);

  // A reader that is slower than the news gets fewer, fuller messages instead of a queue that grows.
  function schedule(): void {
    if (timer !== undefined || res.writableNeedDrain) return;
    timer = setTimeout(flush, FLUSH_EVERY_MS);
  }

  function flush(): void {
    timer = undefined;
    for (const { event, data } of feed.drain()) res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  res.on('drain', schedule);
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  res.write('retry: 2000\nevent: hello\ndata: {}\n\n');
  return {
    feed,
    end() {
      clearInterval(heartbeat);
      clearTimeout(timer);
      feed.close();
      res.end();
    },
  };
}
