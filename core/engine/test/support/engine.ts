import { createMemoryStores } from '@tendril/testkit/stores';
import { createEventSchemas, createEventService, createIngest, EVENT_TABLES, Feed, IngestCounters } from '../../src/events/index.ts';
import type { EventSchemas, Ingest, IngestLimits } from '../../src/events/index.ts';
import type { App, EventService } from '../../src/hub.ts';
import type { Random } from '../../src/environment.ts';
import type { LogStatus, Stores } from '../../src/ports.ts';
import { createTenants, TENANT_TABLES } from '../../src/tenants/index.ts';
import type { OpenTenant, Tenants } from '../../src/tenants/index.ts';
import { createKeyring, VAULT_TABLES } from '../../src/vault/index.ts';
import type { VaultKeyring } from '../../src/vault/index.ts';
import { FakeTime, fakeRandom, recordingLog } from './world.ts';

/** Tenants over stores in memory, with the time standing still. */
export interface TestEngine {
  readonly time: FakeTime;
  readonly random: Random;
  readonly stores: Stores;
  readonly keyring: VaultKeyring;
  readonly tenants: Tenants;
  readonly log: ReturnType<typeof recordingLog>;
}

/** A fresh engine, or another process over the stores of `other`. */
export async function createTestEngine(other?: TestEngine): Promise<TestEngine> {
  const time = other?.time ?? new FakeTime();
  const random = other?.random ?? fakeRandom();
  const stores = other?.stores ?? createMemoryStores({ clock: time });
  await stores.state.defineTables([...TENANT_TABLES, ...VAULT_TABLES, ...EVENT_TABLES]);
  const keyring = createKeyring({ state: stores.state, masterKey: new Uint8Array(32).fill(7), random });
  const tenants = createTenants({ stores, keyring, clock: time });
  return { time, random, stores, keyring, tenants, log: recordingLog() };
}

/** The event room of one tenant. */
export interface TestEvents {
  readonly tenant: OpenTenant;
  readonly app: App;
  readonly feed: Feed;
  readonly schemas: EventSchemas;
  readonly counters: IngestCounters;
  readonly ingest: Ingest;
  readonly events: EventService;
}

/** Makes the tenant when it is not there, and the event room over it. */
export async function createTestEvents(
  engine: TestEngine,
  tenantId: string,
  options: { readonly feed?: Feed; readonly limits?: IngestLimits; readonly logStatus?: () => LogStatus } = {},
): Promise<TestEvents> {
  if ((await engine.tenants.admin.get(tenantId)) === undefined) await engine.tenants.admin.create({ id: tenantId, name: tenantId });
  const tenant = await engine.tenants.open(tenantId);
  const { time: clock, random, log, stores } = engine;
  const feed = options.feed ?? new Feed({ log: stores.log, timers: engine.time, logger: log });
  const schemas = createEventSchemas({ state: tenant.state, clock, log });
  const counters = new IngestCounters();
  const ingest = createIngest({
    tenant,
    feed,
    schemas,
    counters,
    logStatus: options.logStatus ?? (() => stores.log.status()),
    limits: options.limits ?? { waitingEvents: 1_000, waitingBytes: 1_000_000 },
    clock,
    random,
    log,
  });
  const app: App = { id: 'app_1', name: 'shop', isTest: false, environment: 'production', origins: [], createdAt: 0 };
  return { tenant, app, feed, schemas, counters, ingest, events: createEventService({ tenant, feed, ingest, log }) };
}
