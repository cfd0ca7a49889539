import { TendrilError } from '@tendril/plugin-api';
import type { InstalledPlugin } from '../hub.ts';
import type { TableSpec } from '../ports.ts';
import { AGENTS } from './agents/agents-table.ts';
import { createPluginAgents } from './agents/plugin-agents.ts';
import { installGuard } from './broker/guard.ts';
import { createNetwork } from './broker/network.ts';
import { CallObservers } from './call-observers.ts';
import type { LoadedPlugin } from './contract.ts';
import { contributedSchemas } from './contributed-schemas.ts';
import { createRunForTenant } from './create-run-for-tenant.ts';
import { describeKind } from './describe-kind.ts';
import { describeSources } from './describe-sources.ts';
import { dependantsOf } from './enabled-requirements.ts';
import { Enablement } from './enablement.ts';
import { CONDITIONS, ENABLED, SETTINGS } from './enablement-tables.ts';
import { DEFAULT_INCIDENT_BUDGET, Incidents } from './incidents.ts';
import { describeInstalled } from './installed-plugins.ts';
import { createKeyValueSweeper } from './key-value-sweeper.ts';
import { KEY_VALUES } from './key-value-table.ts';
import { createPluginLoader } from './load-plugins.ts';
import { LOCKS } from './lock-keeper.ts';
import { MIGRATIONS } from './migrations/migrations-table.ts';
import { createTableMigrations } from './migrations/table-migrations.ts';
import { toConsumerDefinitions } from './plugin-consumers.ts';
import { createRunDriver, hasDriver } from './plugin-drivers.ts';
import type { PluginHost, PluginHostOptions } from './plugin-host.ts';
import { createPluginData } from './plugin-data.ts';
import { isWithin } from './permissions/grants.ts';
import { READY_PIPELINES } from './ready-pipelines.ts';
import { createReload } from './plugin-reload.ts';
import { createPluginRoutes } from './plugin-routes.ts';
import { createPluginSchedules } from './plugin-schedules.ts';
import { NO_PLUGINS } from './plugin-set.ts';
import type { PluginSet } from './plugin-set.ts';
import { createPluginTriggers } from './plugin-triggers.ts';
import { createActionRuns } from './run-actions.ts';
import { RunnerUses } from './runner-uses.ts';
import { refused } from './tenant-enablement.ts';
import type { TenantEnablement } from './tenant-enablement.ts';
import { createTenantPlugins } from './tenant-plugins.ts';
import { createPluginWebhooks } from './webhooks/plugin-webhooks.ts';
import { DELIVERIES, PLUGIN_WEBHOOKS } from './webhooks/tables.ts';

/** @returns a host that does nothing before `start` */
export function createPluginHost(options: PluginHostOptions): PluginHost {
  const { sources, tenants, clock, timers, log, callAction, isolation } = options;
  let set = NO_PLUGINS;
  let isStopping = false;
  const plugins = (): PluginSet['plugins'] => set.plugins;
  const network = createNetwork(options.network);
  const environment = {
    clock,
    timers,
    log,
    network,
    callAction,
    takeIn: options.takeIn,
    startedPipelines: options.startedPipelines,
    openFolder: options.openFolder,
    rebuildAnalytics: options.rebuildAnalytics,
    runDriver: createRunDriver({
      plugins,
      enabled,
      runForTenant: (...all) => runForTenant(...all),
      owns: (contract) => contract !== 'analytics' || options.ownsAnalytics?.() !== false,
    }),
  };
  const missing = (id: string): TendrilError =>
    new TendrilError(options.isInstalled?.(id) === true ? 'PLUGIN_NOT_INSTALLED_HERE' : 'PLUGIN_UNKNOWN', { plugin: id });
  const enablement = new Enablement({ tenants, clock, plugins, missing });
  const uses = new RunnerUses(log);
  const observers = new CallObservers(clock);
  const data = createPluginData({ tenants, clock, enablement, plugins });
  const incidents = new Incidents({
    tenants,
    clock,
    log,
    budget: options.incidentBudget ?? DEFAULT_INCIDENT_BUDGET,
    changed: (tenantId) => {
      enablement.changed(tenantId);
    },
  });
  const loader = createPluginLoader({ isolation, report: incidents.report });
  let takeOffGuard = (): void => undefined;

  const migrations = createTableMigrations({ tenants, clock, log, plugins, isEnding: (id) => uses.isEnding(id) });

  const runForTenant = createRunForTenant({
    tenants,
    enablement,
    uses,
    observers,
    report: incidents.report,
    environment,
    assertReady: (tenantId, plugin) => migrations.assertReady(tenantId, plugin),
  });
  const schedules = createPluginSchedules({ tenants, clock, plugins, enabled: active, enabledNow: activeNow, runForTenant });

  const agents = createPluginAgents({
    tenants,
    clock,
    plugins,
    actionsOf: (name) => [set.actions.get(name) ?? set.providers.get(name) ?? []].flat(),
    enabled: active,
    enabledNow: activeNow,
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

  /** Without waiting where it is known: every request and every call of an action asks. */
  function enabledAtOnce(tenantId: string): ReadonlySet<string> | Promise<ReadonlySet<string>> {
    const known = enablement.of(tenantId);
    return known instanceof Promise ? known.then((value) => value.enabled) : known.enabled;
  }

  /** Enabled, and not refused: what does something by itself does it only then, and is planned anew when that changes. */
  async function active(tenantId: string): Promise<ReadonlySet<string>> {
    return activeOf(await enablement.of(tenantId));
  }

  /** For what cannot be taken back: another process may have enabled one a moment ago. */
  async function activeNow(tenantId: string): Promise<ReadonlySet<string>> {
    return activeOf(await enablement.now(tenantId));
  }

  function activeOf(current: TenantEnablement): ReadonlySet<string> {
    const isRefused = (plugin: LoadedPlugin | undefined): boolean => plugin === undefined || current.refusalOf(plugin) !== undefined;
    return new Set([...current.enabled].filter((id) => !isRefused(plugins().get(id))));
  }

  async function isEnabled(tenantId: string, plugin: string): Promise<boolean> {
    return (await active(tenantId)).has(plugin);
  }

  function reachesOut({ manifest: { permissions } }: LoadedPlugin): boolean {
    if ((permissions?.hosts ?? []).length > 0) return true;
    const callable = (permissions?.actions ?? []).flatMap((name) => set.actions.get(name) ?? set.providers.get(name) ?? []);
    return callable.some(({ action }) => action.effect !== 'read');
  }

  const installed = (): readonly InstalledPlugin[] => describeInstalled(set, isolation);

  async function planAll(): Promise<void> {
    for (const tenantId of await tenants.ids()) await plan(tenantId);
  }

  async function reportRevoked(): Promise<void> {
    const revoked = [...plugins().values()].filter(({ source }) => source.revoked !== undefined);
    if (revoked.length === 0) return;
    for (const tenantId of await tenants.ids()) {
      const used = await enabled(tenantId);
      for (const plugin of revoked)
        if (used.has(plugin.id)) await incidents.reportRevoked(tenantId, plugin, dependantsOf(plugin.id, used, plugins()));
    }
  }

  const tablesOf = (of: PluginSet): readonly TableSpec[] => [...of.plugins.values()].flatMap((plugin) => [...plugin.tables.values()]);

  const reload = createReload({
    loader,
    find: options.findPlugins ?? (async () => sources),
    uses,
    current: () => set,
    prepare: async (next) => {
      await options.defineTables?.(tablesOf(next));
    },
    swap: (next) => {
      set = next;
      enablement.pluginsChanged();
    },
    complete: async () => {
      await reportRevoked();
      await planAll();
      await options.reloaded?.();
    },
    isStopping: () => isStopping,
  });

  async function start(): Promise<void> {
    takeOffGuard = installGuard();
    set = await loader.load(sources, NO_PLUGINS);
    const { faults } = set;
    const files = new Set(sources.filter(({ isRequired }) => isRequired === true).map(({ file }) => file));
    if (faults.some(({ file }) => files.has(file))) {
      takeOffGuard();
      throw new TendrilError('MANIFEST_INVALID', { faults });
    }
  }

  async function stop(): Promise<void> {
    isStopping = true;
    for (const plugin of [...plugins().values()].toReversed()) {
      await plugin.runner.stop().catch((error: unknown) => log.warn({ err: error, plugin: plugin.id }, 'plugin did not stop cleanly'));
    }
    await incidents.settled();
    await isolation?.close();
    await network.close();
    takeOffGuard();
  }

  return {
    start,
    stop,
    network,
    agents,
    migrations,
    triggers: createPluginTriggers({ plugins, runForTenant }),
    webhooks: createPluginWebhooks({ plugins, runForTenant }),
    routes: createPluginRoutes({ plugins, tenants, enabled: enabledAtOnce, runForTenant }),
    lock: () => set.lock,
    catalogue: { list: installed, faults: () => set.faults, reload },
    reportRevoked,
    missing,
    alerts: () => enablement.alerts(),
    tables: () => [
      ENABLED,
      SETTINGS,
      CONDITIONS,
      KEY_VALUES,
      LOCKS,
      AGENTS,
      MIGRATIONS,
      PLUGIN_WEBHOOKS,
      DELIVERIES,
      READY_PIPELINES,
      ...tablesOf(set),
    ],
    plugin: (id) => plugins().get(id),
    plugins: () => [...plugins().values()],
    hasConsent: async (tenantId, { id, manifest }) => {
      const consent = (await enablement.of(tenantId)).consentOf(id);
      return consent !== undefined && isWithin(manifest.permissions ?? {}, consent.permissions);
    },
    action: (name) => set.actions.get(name),
    actions: () => [...set.actions.values()],
    providers: (capability) => set.providers.get(capability) ?? [],
    assertConfigured: async (tenantId, plugin) => {
      const current = await enablement.of(tenantId);
      const refusal = current.refusalOf(plugin);
      if (refusal !== undefined) throw refused(plugin, refusal);
      current.settingsOf(plugin);
    },
    enabled: enabledAtOnce,
    tenantPlugins: (tenantId) =>
      createTenantPlugins(tenantId, {
        plugins,
        installed,
        faults: () => set.faults,
        enablement,
        incidents,
        observers,
        data,
        plan,
        missing,
      }),
    consumers: () => [...plugins().values()].flatMap((plugin) => toConsumerDefinitions(plugin, { isEnabled, reachesOut, runForTenant })),
    startSchedules: async (worker) => {
      schedules.register(worker);
      sweeper.register(worker);
      agents.register(worker);
      migrations.register(worker);
      await planAll();
    },
    describeKind: (plugin, kind) => describeKind(plugins().get(plugin), kind),
    sources: () => [...plugins().values()].flatMap(describeSources),
    runDriver: environment.runDriver,
    hasDriver: (tenantId, contract) => hasDriver({ plugins, enabled: active }, tenantId, contract),
    eventSchemas: async (tenantId) => contributedSchemas(plugins(), await active(tenantId)),
    ...createActionRuns(runForTenant),
  };
}
