import { CONTRACT_VERSION, TendrilError } from '@tendril/plugin-api';
import type { Clock, EffectCheck, Json, JsonObject, Logger } from '@tendril/plugin-api';
import type { Connection as ManifestConnection } from '@tendril/schemas';
import type { ConsumerDefinition } from '../events/index.ts';
import type { Timers } from '../environment.ts';
import type { InstalledPlugin, PluginCatalogue, PluginFault, TenantPlugins } from '../hub.ts';
import type { JobWorker } from '../jobs/index.ts';
import type { TableSpec } from '../ports.ts';
import type { TenantOpener } from '../tenants/index.ts';
import { AGENTS } from './agents/agents-table.ts';
import { createPluginAgents } from './agents/plugin-agents.ts';
import type { PluginAgents } from './agents/plugin-agents.ts';
import { installGuard } from './broker/guard.ts';
import { createNetwork } from './broker/network.ts';
import type { Network, NetworkOptions } from './broker/network.ts';
import { checkManifests } from './check/check-manifests.ts';
import { fault } from './check/fault.ts';
import { requiredIds } from './check/check-requirements.ts';
import type {
  CheckedPlugin,
  CompiledSchema,
  Isolation,
  LoadedAction,
  LoadedPlugin,
  PluginIncident,
  PluginSource,
  SourceDescription,
} from './contract.ts';
import { describeSources } from './describe-sources.ts';
import { Enablement } from './enablement.ts';
import { ENABLED, SETTINGS } from './enablement-tables.ts';
import { loadFault } from './examine-plugin.ts';
import { openRunner } from './open-runner.ts';
import { MIGRATIONS } from './migrations/migrations-table.ts';
import { createTableMigrations } from './migrations/table-migrations.ts';
import type { TableMigrations } from './migrations/table-migrations.ts';
import { createRunDriver } from './plugin-drivers.ts';
import { lockPlugins } from './lock.ts';
import type { PluginLock } from './lock.ts';
import { LOCKS } from './lock-keeper.ts';
import { createKeyValueSweeper } from './key-value-sweeper.ts';
import { KEY_VALUES } from './key-value-table.ts';
import { toLoadedActions, toLoadedPlugin } from './loaded-plugin.ts';
import { toConsumerDefinitions } from './plugin-consumers.ts';
import type { PluginRun, RunForTenant } from './plugin-consumers.ts';
import type { PluginRoutes } from './contributions.ts';
import { createPluginRoutes } from './plugin-routes.ts';
import { createPluginSchedules } from './plugin-schedules.ts';
import { createPluginTriggers } from './plugin-triggers.ts';
import type { PluginTriggers } from './plugin-triggers.ts';
import { runHandler } from './run-handler.ts';
import type { HandlerResult } from './run-handler.ts';
import type { CallAction } from './handler-run.ts';

/** What the host needs of the hub. */
export interface PluginHostOptions {
  /** All installed plugins; they are checked together. */
  readonly sources: readonly PluginSource[];
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** What the operator says about the network: sandboxes to allow, limits. */
  readonly network?: NetworkOptions;
  /** Runs plugins that are not `isTrusted`; without it all run in this process. */
  readonly isolation?: Isolation | undefined;
  /** The call path, which is built on top of the host: `(nested) => actionPath.callNested(nested)`. */
  readonly callAction: CallAction;
}

/** What an action or its check is run with, beside the action. */
export type ActionRun = Omit<PluginRun, 'plugin' | 'handler' | 'ceiling' | 'timeoutMs'> & { readonly timeoutMs?: number };

/** A kind of connection as the vault needs it. */
export interface DescribedConnectionKind {
  readonly schema: JsonObject;
  readonly secretFields: readonly string[];
  readonly testAction?: string;
  readonly oauth2?: JsonObject;
}

/** The installed plugins, and the one way to their handlers. */
export interface PluginHost {
  /**
   * Checks all manifests, then loads the sound plugins, each behind those it requires. Puts the guard on the process.
   *
   * @throws TendrilError MANIFEST_INVALID with all faults when a plugin that is required is among the faulty
   */
  start(): Promise<void>;
  /** Runs stop hooks, at most 5 seconds each, and closes connections. */
  stop(): Promise<void>;
  readonly catalogue: PluginCatalogue;
  /** What is loaded; empty before `start`. */
  lock(): PluginLock;
  /** Tables of this room and of all loaded plugins; complete after `start`. */
  tables(): readonly TableSpec[];
  plugin(id: string): LoadedPlugin | undefined;
  /** By full name. */
  action(name: string): LoadedAction | undefined;
  actions(): readonly LoadedAction[];
  /** Actions that implement a capability, in the order of loading. */
  providers(capability: string): readonly LoadedAction[];
  /** @throws TendrilError PLUGIN_SETTINGS_INVALID when the tenant has yet to give a setting */
  assertConfigured(tenantId: string, plugin: LoadedPlugin): Promise<void>;
  enabled(tenantId: string): ReadonlySet<string> | Promise<ReadonlySet<string>>;
  tenantPlugins(tenantId: string): TenantPlugins;
  consumers(): readonly ConsumerDefinition[];
  /** Takes up the plugins' schedules with a worker, and plans them for all tenants. */
  startSchedules(worker: JobWorker): Promise<void>;
  /** For the vault. */
  describeKind(plugin: string, kind: string): DescribedConnectionKind | undefined;
  /** Schemas of events that loaded plugins contribute, by name. */
  eventSchemas(): ReadonlyMap<string, CompiledSchema>;
  /** Triggers of the loaded plugins. */
  sources(): readonly SourceDescription[];
  /** Running triggers of the loaded plugins. Does not ask whether the plugin is enabled. */
  readonly triggers: PluginTriggers;
  readonly agents: PluginAgents;
  readonly migrations: Pick<TableMigrations, 'progress'>;
  /** HTTP routes of the loaded plugins. */
  readonly routes: PluginRoutes;
  /** The hub's own network, for token endpoints. */
  readonly network: Network;
  /** Does not ask whether the plugin is enabled, nor validate: that is the call path's. @throws TendrilError */
  runAction(tenantId: string, action: LoadedAction, input: JsonObject, run: ActionRun): Promise<HandlerResult<Json>>;
  runCheck(tenantId: string, action: LoadedAction, input: JsonObject, run: ActionRun): Promise<EffectCheck<Json>>;
}

/** @returns a host that does nothing before `start` */
export function createPluginHost(options: PluginHostOptions): PluginHost {
  const { sources, tenants, clock, timers, log, callAction, isolation } = options;
  const network = createNetwork(options.network);
  const environment = {
    clock,
    timers,
    log,
    network,
    callAction,
    runDriver: createRunDriver({ plugins: () => plugins, enabled, runForTenant: (...all) => runForTenant(...all) }),
  };
  const plugins = new Map<string, LoadedPlugin>();
  const actions = new Map<string, LoadedAction>();
  const providers = new Map<string, LoadedAction[]>();
  const faults: PluginFault[] = [];
  let lock: PluginLock = { hash: '', plugins: [] };
  const enablement = new Enablement({ tenants, clock, plugins: () => plugins });
  let takeOffGuard = (): void => undefined;

  const migrations = createTableMigrations({ tenants, clock, log, plugins: () => plugins });

  const runForTenant: RunForTenant = async (tenantId, run, work) => {
    const tenant = await tenants.open(tenantId);
    await migrations.assertReady(tenantId, run.plugin);
    const settings = (await enablement.of(tenantId)).settingsOf(run.plugin);
    return runHandler({ ...run, tenant, settings }, environment, (call) => work(run.plugin.runner, call));
  };
  const schedules = createPluginSchedules({ tenants, clock, plugins: () => plugins, enabled, runForTenant });

  const agents = createPluginAgents({
    tenants,
    clock,
    plugins: () => plugins,
    actionsOf: (name) => [actions.get(name) ?? providers.get(name) ?? []].flat(),
    enabled,
    runForTenant,
  });
  const sweeper = createKeyValueSweeper({ tenants, clock });

  async function plan(tenantId: string): Promise<void> {
    await schedules.plan(tenantId);
    await sweeper.plan(tenantId);
    await agents.plan(tenantId);
    await migrations.plan(tenantId, await enabled(tenantId));
  }

  async function enabled(tenantId: string): Promise<ReadonlySet<string>> {
    return (await enablement.of(tenantId)).enabled;
  }

  async function isEnabled(tenantId: string, plugin: string): Promise<boolean> {
    return (await enabled(tenantId)).has(plugin);
  }

  function reachesOut({ manifest: { permissions } }: LoadedPlugin): boolean {
    if ((permissions?.hosts ?? []).length > 0) return true;
    const callable = (permissions?.actions ?? []).flatMap((name) => actions.get(name) ?? providers.get(name) ?? []);
    return callable.some(({ action }) => action.effect !== 'read');
  }

  function report({ plugin, tenantId: tenant, kind, reason }: PluginIncident): void {
    log.error({ plugin, tenant, kind, reason }, 'a plugin did what no sound plugin does');
  }

  async function load(plugin: CheckedPlugin): Promise<void> {
    const broken = requiredIds(plugin).filter((id) => !plugins.has(id));
    if (broken.length > 0) {
      faults.push(
        fault(plugin, { pointer: '/requires', message: `requires ${broken.join(', ')}, which did not load` }, 'PLUGIN_REQUIREMENT_MISSING'),
      );
      return;
    }
    try {
      const loaded = toLoadedPlugin(plugin, await openRunner(plugin, { isolation, report }));
      plugins.set(plugin.id, loaded);
      for (const action of toLoadedActions(loaded)) {
        actions.set(action.name, action);
        const capability = action.action.implements;
        if (capability !== undefined) providers.set(capability, [...(providers.get(capability) ?? []), action]);
      }
    } catch (error) {
      faults.push(loadFault(plugin, error));
    }
  }

  async function start(): Promise<void> {
    takeOffGuard = installGuard();
    const checked = await checkManifests(sources, CONTRACT_VERSION);
    faults.push(...checked.faults);
    for (const plugin of checked.plugins) await load(plugin);
    lock = await lockPlugins(plugins.values());
    const files = new Set(sources.filter(({ isRequired }) => isRequired === true).map(({ file }) => file));
    if (faults.some(({ file }) => files.has(file))) {
      takeOffGuard();
      throw new TendrilError('MANIFEST_INVALID', { faults });
    }
  }

  async function stop(): Promise<void> {
    for (const plugin of [...plugins.values()].toReversed()) {
      await plugin.runner.stop().catch((error: unknown) => log.warn({ err: error, plugin: plugin.id }, 'plugin did not stop cleanly'));
    }
    await isolation?.close();
    await network.close();
    takeOffGuard();
  }

  function runOf(action: LoadedAction, run: ActionRun): PluginRun {
    const { effect, idempotency = 'natural', retryAfterHeaders } = action.action;
    return {
      ...run,
      plugin: action.plugin,
      handler: `action ${action.id}`,
      ceiling: { effect, idempotency },
      timeoutMs: Math.min(run.timeoutMs ?? action.timeoutMs, action.timeoutMs),
      ...(retryAfterHeaders !== undefined && { retryAfterHeaders }),
    };
  }

  return {
    start,
    stop,
    network,
    agents,
    migrations,
    triggers: createPluginTriggers({ plugins: () => plugins, runForTenant }),
    routes: createPluginRoutes({ plugins: () => plugins, tenants, enabled, runForTenant }),
    lock: () => lock,
    catalogue: { list: () => installed(sources, plugins), faults: () => faults },
    tables: () => [
      ENABLED,
      SETTINGS,
      KEY_VALUES,
      LOCKS,
      AGENTS,
      MIGRATIONS,
      ...[...plugins.values()].flatMap((plugin) => [...plugin.tables.values()]),
    ],
    plugin: (id) => plugins.get(id),
    action: (name) => actions.get(name),
    actions: () => [...actions.values()],
    providers: (capability) => providers.get(capability) ?? [],
    assertConfigured: async (tenantId, plugin) => {
      (await enablement.of(tenantId)).settingsOf(plugin);
    },
    enabled: (tenantId) => {
      const known = enablement.of(tenantId);
      return known instanceof Promise ? known.then((value) => value.enabled) : known.enabled;
    },
    tenantPlugins: (tenantId) => ({
      list: async () => {
        const known = await enablement.of(tenantId);
        return installed(sources, plugins).map((plugin) => ({
          ...plugin,
          isEnabled: known.enabled.has(plugin.id),
          settings: known.rawSettingsOf(plugin.id),
          settingsSchema: asObject(plugins.get(plugin.id)?.schemas.settings.schema),
        }));
      },
      enable: async (id) => {
        await enablement.enable(tenantId, id);
        await plan(tenantId);
      },
      disable: (id) => enablement.disable(tenantId, id),
      configure: (id, settings) => enablement.configure(tenantId, id, settings),
    }),
    consumers: () => [...plugins.values()].flatMap((plugin) => toConsumerDefinitions(plugin, { isEnabled, reachesOut, runForTenant })),
    startSchedules: async (worker) => {
      schedules.register(worker);
      sweeper.register(worker);
      agents.register(worker);
      migrations.register(worker);
      for (const tenantId of await tenants.ids()) await plan(tenantId);
    },
    describeKind: (plugin, kind) => describeKind(plugins.get(plugin), kind),
    sources: () => [...plugins.values()].flatMap(describeSources),
    eventSchemas: () => new Map([...plugins.values()].flatMap((plugin) => [...plugin.schemas.events])),
    runAction: (tenantId, action, input, run) =>
      runForTenant(tenantId, { ...runOf(action, run), input }, async (runner, call) => {
        const handler = runner.action(action.id);
        if (handler === undefined)
          throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: action.plugin.id, missing: [`action ${action.id}`] });
        return handler(input, call);
      }),
    runCheck: async (tenantId, action, input, run) => {
      const { output } = await runForTenant(
        tenantId,
        { ...runOf(action, run), ceiling: { effect: 'read', idempotency: 'natural' }, handler: `check ${action.id}`, input },
        async (runner, call) => {
          const handler = runner.check(action.id);
          return handler === undefined ? ({ effect: 'unknown' } as const) : handler(input, call);
        },
      );
      return output;
    },
  };
}

function installed(sources: readonly PluginSource[], plugins: ReadonlyMap<string, LoadedPlugin>): readonly InstalledPlugin[] {
  return sources.map((source) => {
    const loaded = [...plugins.values()].find((plugin) => plugin.source === source);
    const manifest = (loaded?.manifest ?? asObject(source.manifest)) as JsonObject;
    const { version, description } = source.packageJson;
    const id = loaded?.id ?? textOr(manifest['id'], source.folder);
    return {
      id,
      title: textOr(manifest['title'], id),
      description: textOr(description, ''),
      version: textOr(version, ''),
      state: loaded === undefined ? 'faulty' : 'loaded',
      actions: Object.keys(loaded?.manifest.contributes.actions ?? {}).map((action) => `${id}.${action}`),
      permissions: asObject(manifest['permissions']),
    };
  });
}

function describeKind(plugin: LoadedPlugin | undefined, kind: string): DescribedConnectionKind | undefined {
  const kinds: Readonly<Record<string, ManifestConnection>> = plugin?.manifest.connections ?? {};
  const described = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (plugin === undefined || described === undefined) return undefined;
  const schema = asObject(plugin.schemas.connections.get(kind)?.schema);
  const secretFields = Object.entries(asObject(schema['properties']))
    .filter(([, field]) => asObject(field)['writeOnly'] === true || asObject(field)['x-secret'] === true)
    .map(([name]) => name);
  return {
    schema,
    secretFields,
    ...(described.test !== undefined && { testAction: `${plugin.id}.${described.test}` }),
    ...(described.oauth2 !== undefined && { oauth2: described.oauth2 as unknown as JsonObject }),
  };
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
