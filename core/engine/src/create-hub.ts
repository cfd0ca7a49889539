import { fetch as undiciFetch } from 'undici';
import type { Clock, Logger } from '@tendril/plugin-api';
import { createAnalytics } from './analytics/index.ts';
import type { AnalyticsRoom } from './analytics/index.ts';
import { createActionPath, createDynamicFields, DYNAMIC_FIELDS } from './actions/index.ts';
import type { CreatedActionPath } from './actions/index.ts';
import { CONTRIBUTIONS_EXPIRING, createContributions } from './contributions.ts';
import { systemRandom, systemTimers } from './environment.ts';
import type { Random, Timers } from './environment.ts';
import { createEventSchemas, DEFAULT_INGEST_LIMITS, EVENT_FAULT_POINTS, hubEvent, shareResolvedPeople } from './events/index.ts';
import type { EventFaultPoint, IngestLimits } from './events/index.ts';
import { createFoundation } from './foundation.ts';
import type { Foundation } from './foundation.ts';
import { createGovernor, RESERVATIONS, RESERVATIONS_KEPT_MS } from './governor/index.ts';
import type { Hub, HubRole, TenantHub } from './hub.ts';
import { readHealth } from './hub-health.ts';
import { readMetrics } from './hub-metrics.ts';
import { createPipelines, RUN_FAULT_POINTS } from './pipelines/index.ts';
import type { Pipelines, RunFaultPoint } from './pipelines/index.ts';
import { createLimiter, createLockKeeper, createPluginHost, createSourceHost, outside } from './plugins/index.ts';
import type { IncidentBudget, Isolation, LockKeeper, NetworkOptions, OpenFolder, PluginHost, PluginSource } from './plugins/index.ts';
import type { Stores, WakeUps, WorkRole } from './ports.ts';
import { takeInBrought } from './take-in-brought.ts';
import { createResolvePeople } from './resolve-people.ts';
import { createTenantHub } from './tenant-hub.ts';
import type { CreatedTenantHub, Rooms } from './tenant-hub.ts';
import { createConnections, createRefreshGrant } from './vault/index.ts';
import type { Connections } from './vault/index.ts';

/** What a hub is made of. The engine opens no files and reads no environment: it is handed everything. */
export interface HubOptions {
  /** Open; whoever opened them closes them after `stop`. */
  readonly stores: Stores;
  /** 32 bytes that wrap the keys of all tenants. */
  readonly masterKey: Uint8Array;
  readonly log: Logger;
  readonly plugins: readonly PluginSource[];
  /** Finds the installed plugins again, when they are to be reloaded; `plugins` once more unless given. */
  readonly findPlugins?: () => Promise<readonly PluginSource[]>;
  /** Runs plugins that are not `isTrusted`. Without it every plugin is trusted and runs in this process: hand in nothing else then. Closed by `stop`. */
  readonly isolation?: Isolation;
  /** When a plugin that fails as no sound one does is stopped for a tenant: after 5 incidents in 10 minutes unless told. */
  readonly incidentBudget?: IncidentBudget;
  /** The system's unless given. */
  readonly clock?: Clock;
  /** The system's unless given. */
  readonly timers?: Timers;
  /** The system's unless given. */
  readonly random?: Random;
  /** Where people reach the hub from outside, without a slash at the end; asked when a link is made. */
  readonly publicUrl?: () => string;
  /** `host:port` or `host` that plugins may reach although the address is private: sandboxes, a local mail sink. */
  readonly allowedEgress?: readonly string[];
  /** More of what the operator says about the network. */
  readonly network?: NetworkOptions;
  /** When ingest says no. */
  readonly limits?: IngestLimits;
  /** How long a job is held without being renewed, in milliseconds, and so how long what a killed process held stands still; 10,000 unless told. */
  readonly leaseMs?: number;
  /** How processes that share the stores call each other; needless where one process is alone. Whoever made it closes it after `stop`. */
  readonly wakeUps?: WakeUps;
  /** Makes this process's plugins those of the installation, instead of taking no work when others are; true unless told. */
  readonly acceptsLock?: boolean;
  /** Makes the folder of a plugin and tenant and tells its path, for plugins that keep files of their own; refused without it. */
  readonly openFolder?: OpenFolder;
  /** Fresh stores in memory, for dry runs and rehearsals; these are refused without it. */
  readonly createScratchStores?: (options: { readonly clock: Clock }) => Stores;
  /** Called at each of `HUB_FAULT_POINTS`; for tests that kill the process there. */
  readonly faultPoint?: (name: HubFaultPoint) => void;
}

/** Name of a line at which a test may kill the process. */
export type HubFaultPoint = EventFaultPoint | RunFaultPoint;

/** All of them, of every room. */
export const HUB_FAULT_POINTS: readonly HubFaultPoint[] = [...EVENT_FAULT_POINTS, ...RUN_FAULT_POINTS];

const DEFAULT_GRACE_MS = 10_000;
const DEFAULT_LEASE_MS = 10_000;
const ALL_ROLES: readonly HubRole[] = ['api', 'worker', 'scheduler', 'analytics'];

/**
 * Checks and loads the plugins, and wires the rooms. Nothing follows the log or takes jobs before `start`.
 *
 * @throws TendrilError MANIFEST_INVALID when a plugin that the operator marked as required is faulty
 * @throws TendrilError VAULT_KEY_MISSING, STORE_UNAVAILABLE
 */
export async function createHub(options: HubOptions): Promise<Hub> {
  const { hub } = await createHubWithRooms(options);
  return hub;
}

/** A hub with the rooms behind its face, for the conformance kit: one attempt at a call, without the runs around it. */
export async function createHubWithRooms(options: HubOptions): Promise<{ readonly hub: Hub; readonly rooms: HubRooms }> {
  const late: { hub?: Hub } = {};
  const rooms = await createRooms(options, (tenantId) => present(late.hub).tenant(tenantId));
  late.hub = new RunningHub(rooms, options.acceptsLock ?? true);
  return { hub: late.hub, rooms };
}

/** What of a hub's inside the conformance kit drives. */
export type HubRooms = Pick<Rooms, 'actions' | 'connections' | 'consumers' | 'host' | 'tenants'>;

async function createRooms(
  options: HubOptions,
  tenantHub: (tenantId: string) => Promise<TenantHub>,
): Promise<Rooms & { readonly actions: CreatedActionPath }> {
  const { stores, log, clock = { now: () => Date.now() }, timers = systemTimers, random = systemRandom } = options;
  // The rooms above the plugins are known to those below by what they do, once they are there.
  const late: { actions?: CreatedActionPath; pipelines?: Pipelines; locks?: LockKeeper; reloaded?: Reloaded; analytics?: AnalyticsRoom } =
    {};
  const actionsLater = (): CreatedActionPath => present(late.actions);
  const resolvePeople = createResolvePeople(actionsLater);
  const recallPeople = shareResolvedPeople(resolvePeople);
  const foundation = await createFoundation({
    stores,
    masterKey: options.masterKey,
    clock,
    timers,
    random,
    log,
    leaseMs: options.leaseMs ?? DEFAULT_LEASE_MS,
    resolvePeople: recallPeople,
    fault: options.faultPoint,
    wakeUps: options.wakeUps,
    mayClaim: () => present(late.locks).isCurrent(),
  });
  const { tenants, worker, consumers } = foundation;
  const host = createPluginHost({
    sources: options.plugins,
    tenants,
    clock,
    timers,
    log,
    network: { ...options.network, allow: [...(options.network?.allow ?? []), ...(options.allowedEgress ?? [])] },
    isolation: options.isolation,
    findPlugins: options.findPlugins,
    incidentBudget: options.incidentBudget,
    defineTables: (tables) => stores.state.defineTables(tables),
    isInstalled: (id) => late.locks?.isInstalled(id) === true,
    reloaded: () => present(late.reloaded)(),
    rebuildAnalytics: (tenantId) => present(late.analytics).rebuild(tenantId),
    ownsAnalytics: () => late.analytics?.isOwner() !== false,
    callAction: (nested) => actionsLater().callNested(nested),
    takeIn: async (tenantId, batch) => takeInBrought((await tenantHub(tenantId)).ingest, batch, clock.now()),
    startedPipelines: (tenantId, event, isTest) => present(late.pipelines).deployments.startedBy(tenantId, event, isTest),
    openFolder: options.openFolder,
  });
  await host.start();
  const locks = (late.locks = createLockKeeper({ hub: foundation.keyring.hub, lock: () => host.lock(), clock, timers, log }));
  const analytics = (late.analytics = createAnalytics({
    tenants,
    feed: foundation.feed,
    host,
    limit: (tenantId, after) => consumers.limit(tenantId, after),
    resolvePeople,
    recallPeople,
    timers,
    random,
    log,
  }));
  const connections = createVault({
    foundation,
    host,
    clock,
    timers,
    random,
    log,
    actions: actionsLater,
    pipelines: () => present(late.pipelines),
  });
  const governor = createGovernor({ tenants, clock, publicUrl: options.publicUrl ?? (() => '') });
  const actions = (late.actions = createActionPath({
    host,
    connections,
    governor,
    limiter: createLimiter({ clock, timers }),
    clock,
    timers,
  }));
  const dynamicFields = createDynamicFields({ host, actions, connections, tenants, clock, random, log });
  const pipelines = (late.pipelines = createPipelines({
    tenants,
    actions,
    worker,
    connections: (tenantId) => connections.service(tenantId).list(),
    withDynamicFields: (tenantId, action, connection) => dynamicFields.apply(tenantId, action, connection),
    eventSchema: async (tenantId, name) => {
      const { state } = await tenants.open(tenantId);
      const contributed = (): ReturnType<PluginHost['eventSchemas']> => host.eventSchemas(tenantId);
      const schemas = await createEventSchemas({ state, clock, log, contributed }).list();
      return schemas.find((schema) => schema.name === name)?.schema;
    },
    sources: () => host.sources(),
    sourceHost: createSourceHost({ triggers: host.triggers, connections, enabled: (tenantId) => host.enabled(tenantId) }),
    clock,
    timers,
    random,
    log,
    hubEvent,
    lock: () => locks.currentLock(),
    resolvePeople,
    expiring: [
      ...CONTRIBUTIONS_EXPIRING,
      { table: RESERVATIONS, index: 'by_day', keepFrom: (now) => new Date(now - RESERVATIONS_KEPT_MS).toISOString().slice(0, 10) },
    ],
    ...(options.faultPoint === undefined ? {} : { faultPoint: options.faultPoint }),
  }));
  await stores.state.defineTables([DYNAMIC_FIELDS, ...host.tables(), ...governor.tables, ...pipelines.tables]);
  for (const definition of [...host.consumers(), pipelines.triggerConsumer]) consumers.register(definition);
  late.reloaded = createReloaded({ host, consumers, tenants, acceptLock: () => locks.start(options.acceptsLock ?? true) });
  return {
    ...foundation,
    stores,
    clock,
    random,
    log,
    limits: options.limits ?? DEFAULT_INGEST_LIMITS,
    fault: options.faultPoint,
    createScratchStores: options.createScratchStores,
    resolvePeople,
    connections,
    host,
    locks,
    wakeUps: options.wakeUps,
    governor,
    actions,
    dynamicFields,
    pipelines,
    analytics,
    contributions: createContributions({
      host,
      connections,
      tenants,
      pipelineWebhooks: pipelines.triggers.webhooks,
      callAction: (...all) => pipelines.callAction(...all),
      pipelines: (tenantId) => pipelines.service(tenantId),
      clock,
      random,
    }),
  };
}

type Reloaded = () => Promise<void>;

/** The rooms take up what was reloaded. By what they know themselves, so that a reload that was cut short is completed by the next. */
function createReloaded({
  host,
  consumers,
  tenants,
  acceptLock,
}: {
  readonly host: PluginHost;
  readonly consumers: Foundation['consumers'];
  readonly tenants: Foundation['tenants'];
  readonly acceptLock: () => Promise<void>;
}): Reloaded {
  // A plugin that changed is another object.
  const look = (): ReadonlyMap<string, unknown> =>
    new Map(host.consumers().map(({ id }) => [id, host.plugin(id.slice(0, id.indexOf('.')))]));
  let known = look();
  return async () => {
    const now = look();
    for (const id of known.keys()) if (!now.has(id)) consumers.unregister(id);
    for (const definition of host.consumers()) if (known.get(definition.id) !== now.get(definition.id)) consumers.register(definition);
    known = now;
    // Before the consumers: whoever holds another lock takes no more work.
    await acceptLock();
    for (const tenantId of await tenants.ids()) await consumers.refresh(tenantId);
  };
}

interface VaultNeeds {
  readonly foundation: Foundation;
  readonly host: PluginHost;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly actions: () => CreatedActionPath;
  readonly pipelines: () => Pipelines;
}

function createVault({ foundation, host, clock, timers, random, log, actions, pipelines }: VaultNeeds): Connections {
  const describeKind = host.describeKind.bind(host);
  const refresh = createRefreshGrant({
    clock,
    describeKind,
    fetch: (url, init) => outside(() => undiciFetch(url, { ...init, dispatcher: host.network.dispatcher })),
  });
  return createConnections({
    tenants: foundation.tenants,
    clock,
    timers,
    random,
    log,
    describeKind,
    refresh,
    test: async ({ tenantId, connection, action, isSandbox }) => {
      await actions().execute({
        tenantId,
        name: action,
        input: {},
        connection,
        idempotencyKey: `test-${random.id()}`,
        attempt: 1,
        caller: { kind: 'hub' },
        isTest: isSandbox,
      });
    },
    onReconnected: async (tenantId, connection) => {
      await pipelines().wakeBlocked(tenantId, connection);
    },
  });
}

class RunningHub implements Hub {
  readonly #rooms: Rooms & { readonly actions: CreatedActionPath };
  readonly #tenantHubs = new Map<string, Promise<CreatedTenantHub>>();
  readonly #acceptsLock: boolean;
  #roles: readonly HubRole[] = [];
  #state: 'made' | 'running' | 'stopping' = 'made';

  constructor(rooms: Rooms & { readonly actions: CreatedActionPath }, acceptsLock: boolean) {
    this.#rooms = rooms;
    this.#acceptsLock = acceptsLock;
  }

  get keys(): Hub['keys'] {
    return this.#rooms.authenticator;
  }

  get plugins(): Hub['plugins'] {
    return this.#rooms.host.catalogue;
  }

  get pluginRoutes(): Hub['pluginRoutes'] {
    return this.#rooms.host.routes;
  }

  get webhooks(): Hub['webhooks'] {
    return this.#rooms.contributions.webhooks;
  }

  readonly admin: Hub['admin'] = {
    create: async (input) => {
      const tenant = await this.#rooms.tenants.admin.create(input);
      // The store gives out emitted events only of tenants whose keys it has seen.
      await this.#rooms.tenants.open(tenant.id);
      await this.#rooms.consumers.refresh(tenant.id);
      await this.#rooms.pipelines.pruning.ensure(tenant.id);
      return tenant;
    },
    list: () => this.#rooms.tenants.admin.list(),
    get: (tenantId) => this.#rooms.tenants.admin.get(tenantId),
  };

  async tenant(tenantId: string): Promise<TenantHub> {
    const found = this.#tenantHubs.get(tenantId);
    if (found !== undefined) return (await found).face;
    const creating = this.#rooms.tenants.open(tenantId).then((tenant) => createTenantHub(this.#rooms, tenant));
    this.#tenantHubs.set(tenantId, creating);
    try {
      return (await creating).face;
    } catch (error) {
      this.#tenantHubs.delete(tenantId);
      throw error;
    }
  }

  async start({ roles = ALL_ROLES }: { readonly roles?: readonly HubRole[] } = {}): Promise<void> {
    if (this.#state !== 'made') return;
    this.#state = 'running';
    this.#roles = roles;
    const { analytics, consumers, feed, host, locks, pipelines, relay, tenants, worker } = this.#rooms;
    await locks.start(this.#acceptsLock);
    await host.reportRevoked();
    feed.start();
    const works = roles.filter((role): role is WorkRole => role === 'worker' || role === 'scheduler');
    if (works.length > 0) {
      await relay.start();
      await host.startSchedules(worker);
    }
    worker.start(works);
    if (roles.includes('worker')) await consumers.start();
    await analytics.start(roles.includes('analytics'));
    if (roles.includes('scheduler')) await Promise.all((await tenants.ids()).map((id) => pipelines.pruning.ensure(id)));
  }

  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    if (this.#state === 'stopping') return;
    const wasRunning = this.#state === 'running';
    this.#state = 'stopping';
    const { analytics, consumers, feed, host, relay, worker } = this.#rooms;
    if (wasRunning) {
      // Consumers hold leases for as long as they follow: they go first, and runs have the grace to themselves.
      const graceMs = options.graceMs ?? DEFAULT_GRACE_MS;
      await consumers.stop(graceMs);
      await worker.stop(graceMs);
      await relay.stop();
      await analytics.stop();
      feed.stop();
    }
    await host.stop();
  }

  health(): ReturnType<Hub['health']> {
    const { host, keyring, locks } = this.#rooms;
    return readHealth({ host, keyring, locks, roles: this.#roles, state: this.#state });
  }

  metrics(): ReturnType<Hub['metrics']> {
    return readMetrics(this.#rooms);
  }
}

function present<Room>(room: Room | undefined): Room {
  if (room === undefined) throw new Error('the hub was used before it was wired');
  return room;
}
