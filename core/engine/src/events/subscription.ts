import type { LoggedEvent, Logger } from '@tendril/plugin-api';
import type { OpenTenant } from '../tenants/index.ts';
import type { Feed } from './feed.ts';

/** A listener that is further behind is moved forward: it watches the present, the log keeps the past. */
const MAX_BEHIND = 10_000;

/** Calls back for each event appended from now on, in order. @returns how to stop */
export function createSubscription(options: {
  readonly tenant: OpenTenant;
  readonly feed: Feed;
  readonly log: Logger;
  readonly listener: (event: LoggedEvent) => void;
}): () => void {
  const { tenant, feed, log, listener } = options;
  let isStopped = false;
  let isReading = false;
  let position: number | undefined;
  let head = 0;
  let firstNew = Infinity;

  // A function, because the listener may stop the subscription.
  const hasStopped = (): boolean => isStopped;

  async function read(): Promise<void> {
    // Where the log ended may have been read after the first append of this process.
    if (position === undefined) position = Math.min(await start, firstNew - 1);
    while (!hasStopped() && position < head) {
      position = Math.max(position, head - MAX_BEHIND);
      const events = await feed.read(tenant, position, 500);
      if (events.length === 0) return;
      for (const event of events) {
        position = event.position;
        if (hasStopped()) return;
        listener(event);
      }
    }
  }

  function wake(): void {
    if (isReading || isStopped) return;
    isReading = true;
    read()
      .catch((error: unknown) => {
        log.warn({ tenantId: tenant.tenant.id, err: error }, 'a subscription could not read the log; it goes on with the next event');
      })
      .finally(() => {
        isReading = false;
      });
  }

  const stopListening = feed.onHead((tenantId, newHead, first) => {
    if (tenantId !== tenant.tenant.id) return;
    firstNew = Math.min(firstNew, first ?? Infinity);
    head = Math.max(head, newHead);
    wake();
  });
  const start = tenant.log.head();
  start.catch(() => undefined);
  return () => {
    isStopped = true;
    stopListening();
  };
}
