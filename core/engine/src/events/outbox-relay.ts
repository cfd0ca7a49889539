import type { Logger } from '@tendril/plugin-api';
import { pause } from '../environment.ts';
import type { Timers } from '../environment.ts';
import type { OutboxItem, StateStore } from '../ports.ts';
import type { TenantOpener } from '../tenants/index.ts';
import type { EventFault } from './fault-points.ts';
import type { Feed } from './feed.ts';

/** Moves emitted events from the state to the log. */
export interface OutboxRelay {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const BATCH = 500;
/** How often what a dead process left behind is looked for. */
const POLL_MS = 1_000;
const LONGEST_BACKOFF_MS = 10_000;
/** How often tenants that another process made are looked for: should it die, this one takes over what they have to do. */
const TENANTS_EVERY_MS = 5_000;

/**
 * Takes, appends, removes. Dying between the last two appends again, and the log drops the second by its message id;
 * so do two processes that relay the same event.
 */
export function createOutboxRelay(options: {
  readonly outbox: StateStore['outbox'];
  readonly tenants: TenantOpener;
  readonly feed: Feed;
  readonly timers: Timers;
  readonly log: Logger;
  readonly fault?: EventFault | undefined;
}): OutboxRelay {
  const { outbox, tenants, feed, timers, log } = options;
  const stopping = new AbortController();
  let wakeUp = new AbortController();
  let failures = 0;
  let running: Promise<void> | undefined;
  let stopListening: () => void = () => undefined;

  let openedAtMs = -Infinity;

  /** The store gives out only what it can open, jobs as well as events: it must have seen the keys of every tenant. */
  async function openTenants(): Promise<void> {
    if (timers.monotonicMs() - openedAtMs < TENANTS_EVERY_MS) return;
    openedAtMs = timers.monotonicMs();
    const ids = await tenants.ids();
    const opened = await Promise.allSettled(ids.map((tenantId) => tenants.open(tenantId)));
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async function relay(): Promise<boolean> {
    await openTenants().catch((error: unknown) => {
      log.warn({ err: error }, 'not every tenant could be opened; trying again');
    });
    const items = await outbox.take(BATCH);
    if (items.length === 0) return false;
    options.fault?.('outbox.before-append');
    const perTenant = Map.groupBy(items, (item: OutboxItem) => item.tenantId);
    await Promise.all(
      [...perTenant].map(async ([tenantId, group]) => {
        const tenant = await tenants.open(tenantId);
        await feed.append(
          tenant,
          group.map((item) => item.event),
        );
      }),
    );
    options.fault?.('outbox.before-remove');
    await outbox.remove(items.map((item) => item.id));
    options.fault?.('outbox.after-remove');
    return items.length === BATCH;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const wake = (wakeUp = new AbortController());
      try {
        const isMore = await relay();
        failures = 0;
        if (!isMore) await pause(timers, POLL_MS, wake.signal);
      } catch (error) {
        failures += 1;
        log.warn({ err: error, failures }, 'emitted events could not be moved to the log; trying again');
        await pause(timers, Math.min(LONGEST_BACKOFF_MS, 100 * 2 ** Math.min(failures, 10)), stopping.signal);
      }
    }
  }

  return {
    start: async () => {
      await openTenants();
      stopListening = outbox.onEmit(() => {
        wakeUp.abort();
      });
      running ??= run();
    },
    stop: async () => {
      stopListening();
      stopping.abort();
      wakeUp.abort();
      await running;
    },
  };
}
