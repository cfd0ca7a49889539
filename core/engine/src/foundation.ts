import type { Clock, Logger } from '@tendril/plugin-api';
import type { Random, Timers } from './environment.ts';
import { CONSUMER_JOB, createConsumers, createOutboxRelay, EVENT_TABLES, Feed, IngestCounters } from './events/index.ts';
import type { Consumers, EventFault, OutboxRelay, ResolvePeople } from './events/index.ts';
import { createJobWorker } from './jobs/index.ts';
import type { JobWorker } from './jobs/index.ts';
import type { Stores, WakeUps } from './ports.ts';
import { createAuthenticator, createTenants, TENANT_TABLES } from './tenants/index.ts';
import type { Authenticator, Tenants } from './tenants/index.ts';
import { createKeyring, VAULT_TABLES } from './vault/index.ts';
import type { VaultKeyring } from './vault/index.ts';

/** What the rooms below the plugins need. */
export interface FoundationOptions {
  readonly stores: Stores;
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  /** In milliseconds. */
  readonly leaseMs: number;
  /** Finds the profiles of events; comes from the rooms above. */
  readonly resolvePeople: ResolvePeople;
  readonly fault?: EventFault | undefined;
  readonly wakeUps?: WakeUps | undefined;
  /** Whether this process may take work now. */
  readonly mayClaim: () => Promise<boolean>;
}

/** The rooms that know nothing of plugins: tenants, keys, the log and its followers, jobs. */
export interface Foundation {
  readonly keyring: VaultKeyring;
  readonly tenants: Tenants;
  readonly authenticator: Authenticator;
  readonly feed: Feed;
  readonly counters: IngestCounters;
  readonly worker: JobWorker;
  readonly consumers: Consumers;
  readonly relay: OutboxRelay;
}

/** One process may run as many of these at once; more only wait for each other. */
const CONSUMERS_AT_ONCE = 2_000;

/** Builds them; nothing runs yet. Makes the tables known that they need themselves. */
export async function createFoundation(options: FoundationOptions): Promise<Foundation> {
  const { stores, clock, timers, random, log, fault } = options;
  await stores.state.defineTables([...TENANT_TABLES, ...VAULT_TABLES, ...EVENT_TABLES]);
  const keyring = createKeyring({ state: stores.state, masterKey: options.masterKey, random });
  const tenants = createTenants({ stores, keyring, clock });
  const authenticator = createAuthenticator({ tenants, hub: keyring.hub, clock });
  const feed = new Feed({ log: stores.log, timers, logger: log, heads: options.wakeUps });
  const worker = createJobWorker({
    queue: stores.state.jobs,
    tenants,
    clock,
    timers,
    random,
    log,
    workerId: `worker_${random.id()}`,
    leaseMs: options.leaseMs,
    wakeUps: options.wakeUps,
    mayClaim: options.mayClaim,
  });
  const consumers = createConsumers({
    tenants,
    feed,
    clock,
    timers,
    random,
    log,
    hasRoom: () => worker.hasRoom(CONSUMER_JOB),
    resolvePeople: () => options.resolvePeople,
    fault,
  });
  worker.register(CONSUMER_JOB, (lease) => consumers.follow(lease), { concurrency: CONSUMERS_AT_ONCE, attempts: Infinity });
  const relay = createOutboxRelay({ outbox: stores.state.outbox, tenants, feed, timers, log, fault });
  return { keyring, tenants, authenticator, feed, counters: new IngestCounters(), worker, consumers, relay };
}
