import type { Response } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import type { RouteRequest } from '../http/route.ts';
import { openFeed } from './feed.ts';
import type { Feed } from './feed.ts';
import type { ReadOverview } from './overview.ts';

/** All open streams of server-sent events. */
export interface Streams {
  /**
   * Answers with a stream that stays open for as long as `isStillIn` says so, which is asked before anything is told.
   *
   * @throws TendrilError REQUEST_THROTTLED when the tenant has too many
   */
  open(res: Response, request: Asked, isStillIn: () => Promise<boolean>): void;
  readonly noteChange: (tenantId: string, topic: string) => void;
  /** Ends every stream, so that the server can stop. */
  closeAll(): void;
}

/** What streams are made with. */
export interface StreamNeeds {
  readonly limitPerTenant: number;
  readonly readOverview: ReadOverview;
  readonly onFault: (failure: unknown, requestId: string) => void;
}

type Asked = RouteRequest<unknown, unknown, unknown>;

// At most three messages each time, and one overview a second: under twenty a second.
const FLUSH_EVERY_MS = 170;
const OVERVIEW_EVERY_MS = 1_000;
const HEARTBEAT_MS = 15_000;

interface OpenStream {
  readonly tenantId: string;
  readonly feed: Feed;
  end(): void;
}

/** Makes the register of streams. */
export function createStreams({ limitPerTenant, readOverview, onFault }: StreamNeeds): Streams {
  const streams = new Set<OpenStream>();

  function ofTenant(tenantId: string): readonly OpenStream[] {
    return [...streams].filter((stream) => stream.tenantId === tenantId);
  }

  return {
    open(res, request, isStillIn) {
      const tenantId = request.tenant.tenant.id;
      if (ofTenant(tenantId).length >= limitPerTenant)
        throw new TendrilError('REQUEST_THROTTLED', { limit: limitPerTenant, retryAfterSeconds: 5 });
      const overview = readSafely(
        () => readOverview(request),
        (failure) => onFault(failure, request.requestId),
      );
      const stream = {
        tenantId,
        ...startStream(res, request, {
          readOverview: overview,
          isStillIn: readSafely(isStillIn, (failure) => onFault(failure, request.requestId)),
        }),
      };
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

// A store that is away for a moment must not end the stream that will show its return.
function readSafely<Value>(read: () => Promise<Value>, onFault: (failure: unknown) => void): () => Promise<Value | undefined> {
  return async () => {
    try {
      return await read();
    } catch (failure) {
      onFault(failure);
      return undefined;
    }
  };
}

interface StreamReads {
  readonly readOverview: () => Promise<object | undefined>;
  /** `undefined` when it cannot be told now. */
  readonly isStillIn: () => Promise<boolean | undefined>;
}

function startStream(res: Response, request: Asked, { readOverview, isStillIn }: StreamReads): { readonly feed: Feed; end(): void } {
  let flushTimer: NodeJS.Timeout | undefined;
  let overviewTimer: NodeJS.Timeout | undefined;
  const feed = openFeed(request.tenant, schedule);
  const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS);
  const send = (event: string, data: object): void => void res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

  // A reader that is slower than the news gets fewer, fuller messages instead of a queue that grows.
  function schedule(): void {
    if (flushTimer !== undefined || res.writableNeedDrain) return;
    flushTimer = setTimeout(() => void flush(), FLUSH_EVERY_MS);
  }

  /** A key that was revoked and a session that was ended tell nobody anything more. */
  async function mayGoOn(): Promise<boolean> {
    if ((await isStillIn()) === false) end();
    return !res.writableEnded;
  }

  async function beat(): Promise<void> {
    if (await mayGoOn()) res.write(': still here\n\n');
  }

  async function flush(): Promise<void> {
    if (!(await mayGoOn())) return;
    flushTimer = undefined;
    const messages = feed.drain();
    for (const { event, data } of messages) send(event, data);
    if (messages.length > 0) overviewTimer ??= setTimeout(() => void sendOverview(), OVERVIEW_EVERY_MS);
  }

  async function sendOverview(): Promise<void> {
    const overview = (await mayGoOn()) ? await readOverview() : undefined;
    overviewTimer = undefined;
    if (overview !== undefined && !res.writableEnded) send('overview', overview);
  }

  res.on('drain', schedule);
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  res.write('retry: 2000\nevent: hello\ndata: {}\n\n');
  return { feed, end };

  function end(): void {
    clearInterval(heartbeat);
    clearTimeout(flushTimer);
    clearTimeout(overviewTimer);
    feed.close();
    res.end();
  }
}
