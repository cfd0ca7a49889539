import { setTimeout } from 'node:timers/promises';
import { createHub } from '@tendril/engine';
import type { LoggedEvent } from '@tendril/plugin-api';
import { createServer } from '@tendril/server';
import { createMemoryStores } from '@tendril/testkit/stores';

/** A hub that Segment's libraries are pointed at. */
export interface HubUnderTest {
  readonly url: string;
  readonly writeKey: string;
  /** Events of the log, oldest first. */
  events(): Promise<readonly LoggedEvent[]>;
  /** Waits for so many events. */
  until(count: number): Promise<readonly LoggedEvent[]>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 10;
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Starts an engine without plugins, its stores in memory, behind the server. */
export async function startHub(): Promise<HubUnderTest> {
  const hub = await createHub({ stores: createMemoryStores(), masterKey: new Uint8Array(32).fill(7), log, plugins: [] });
  await hub.admin.create({ id: 'acme', name: 'Acme' });
  const tenant = await hub.tenant('acme');
  const app = await tenant.apps.create({ name: 'Shop', isTest: true, origins: ['*'] });
  const { secret: writeKey } = await tenant.keys.create({ kind: 'write', appId: app.id });
  const clock = { now: () => Date.now() };
  const server = createServer({ hub, log, clock, defaultTenantId: 'acme', sessionSecret: 'x'.repeat(32), isProduction: false });
  const listening = await server.listen(0, '127.0.0.1');

  async function events(): Promise<readonly LoggedEvent[]> {
    const { items } = await tenant.events.list({ limit: 100 });
    return items.toReversed();
  }

  return {
    url: listening.url,
    writeKey,
    events,
    async until(count) {
      for (;;) {
        const seen = await events();
        if (seen.length >= count) return seen;
        await setTimeout(LOOK_EVERY_MS);
      }
    },
    async close() {
      await listening.close();
      await hub.stop();
    },
  };
}

/** Kinds of events, sorted, to compare what was sent with what arrived. */
export function kindsOf(events: readonly LoggedEvent[]): readonly string[] {
  return events.map(({ kind }) => kind).toSorted();
}

/** Every kind of call of the tracking API, sorted. */
export const ALL_KINDS: readonly string[] = ['alias', 'group', 'identify', 'page', 'screen', 'track'];
