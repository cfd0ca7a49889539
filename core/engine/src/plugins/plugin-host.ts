import type { TendrilError } from '@tendril/plugin-api';
import type { Clock, Logger } from '@tendril/plugin-api';
import type { Timers } from '../environment.ts';
import type { ConsumerDefinition, ContributedSchema } from '../events/index.ts';
import type { PluginAlert, PluginCatalogue } from '../hub.ts';
import type { JobWorker } from '../jobs/index.ts';
import type { TableSpec } from '../ports.ts';
import type { TenantOpener } from '../tenants/index.ts';
import type { PluginAgents } from './agents/plugin-agents.ts';
import type { Network, NetworkOptions } from './broker/network.ts';
import type { CheckedPlugin, Isolation, LoadedAction, LoadedPlugin, PluginSource, SourceDescription } from './contract.ts';
import type { PluginRoutes } from './contributions.ts';
import type { DescribedConnectionKind } from './describe-kind.ts';
import type { DriverContract } from '@tendril/plugin-api';
import type { RunDriver } from './handler-run.ts';
import type { CallAction, FindStartedPipelines, OpenFolder, TakeIn } from './handler-run.ts';
import type { IncidentBudget } from './incidents.ts';
import type { PluginLock } from './lock.ts';
import type { TableMigrations } from './migrations/table-migrations.ts';
import type { PluginTriggers } from './plugin-triggers.ts';
import type { PluginWebhooks } from './webhooks/plugin-webhooks.ts';
import type { ActionRuns } from './run-actions.ts';
import type { OwnTenantPlugins } from './tenant-plugins.ts';

/** What the host needs of the hub. */
export interface PluginHostOptions {
  /** All installed plugins; they are checked together. */
  readonly sources: readonly PluginSource[];
  /** Finds them again for a reload; `sources` once more without it. */
  readonly findPlugins?: (() => Promise<readonly PluginSource[]>) | undefined;
  /** Makes the tables of plugins known that come with a reload. */
  readonly defineTables?: (tables: readonly TableSpec[]) => Promise<void>;
  /** Called after each reload, also one that changed nothing. */
  readonly reloaded?: () => Promise<void>;
  /** Whether the installation has the plugin, here or elsewhere. */
  readonly isInstalled?: (id: string) => boolean;
  /** When a plugin is stopped for a tenant. */
  readonly incidentBudget?: IncidentBudget | undefined;
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** What the operator says about the network: sandboxes to allow, limits. */
  readonly network?: NetworkOptions;
  /** Runs plugins that are not `isTrusted`; without it all run in this process. */
  readonly isolation?: Isolation | undefined;
  /** Has the columnar copy of a tenant's events filled again; from the room above. */
  readonly rebuildAnalytics?: (tenantId: string) => Promise<void>;
  /** Whether this process has the role that owns columnar copies; yes unless told. */
  readonly ownsAnalytics?: () => boolean;
  /** The call path, which is built on top of the host: `(nested) => actionPath.callNested(nested)`. */
  readonly callAction: CallAction;
  /** Takes in what plugins bring; none do without it. */
  readonly takeIn?: TakeIn | undefined;
  /** From the room above; nothing starts without it. */
  readonly startedPipelines?: FindStartedPipelines | undefined;
  /** Where plugins keep files of their own; none do without it. */
  readonly openFolder?: OpenFolder | undefined;
}

/** The installed plugins, and the one way to their handlers. */
export interface PluginHost extends ActionRuns {
  /**
   * Checks all manifests, then loads the sound plugins, each behind those it requires. Puts the guard on the process.
   *
   * @throws TendrilError MANIFEST_INVALID with all faults when a plugin that is required is among the faulty
   */
  start(): Promise<void>;
  /** Runs stop hooks, at most 5 seconds each, and closes connections. */
  stop(): Promise<void>;
  readonly catalogue: PluginCatalogue;
  /** Tells tenants of revoked plugins that they use; once per version. */
  reportRevoked(): Promise<void>;
  /** Plugins that are not called although a tenant uses them, as far as it is known here. */
  alerts(): readonly PluginAlert[];
  /** Why there is no plugin of the id: PLUGIN_UNKNOWN, or PLUGIN_NOT_INSTALLED_HERE when other processes have it. */
  missing(id: string): TendrilError;
  /** What is loaded; empty before `start`. */
  lock(): PluginLock;
  /** Tables of this room and of all loaded plugins; complete after `start`. */
  tables(): readonly TableSpec[];
  plugin(id: string): LoadedPlugin | undefined;
  /** All that are loaded, each behind those that it requires. */
  plugins(): readonly LoadedPlugin[];
  /** Whether a tenant has consented to all that a version of a plugin asks for. */
  hasConsent(tenantId: string, plugin: CheckedPlugin): Promise<boolean>;
  /** By full name. */
  action(name: string): LoadedAction | undefined;
  actions(): readonly LoadedAction[];
  /** Actions that implement a capability, in the order of loading. */
  providers(capability: string): readonly LoadedAction[];
  /** @throws TendrilError PLUGIN_SETTINGS_INVALID when the tenant has yet to give a setting; PLUGIN_REVOKED, PLUGIN_STOPPED, PLUGIN_CONSENT_NEEDED */
  assertConfigured(tenantId: string, plugin: LoadedPlugin): Promise<void>;
  enabled(tenantId: string): ReadonlySet<string> | Promise<ReadonlySet<string>>;
  tenantPlugins(tenantId: string): OwnTenantPlugins;
  consumers(): readonly ConsumerDefinition[];
  /** Takes up the plugins' schedules with a worker, and plans them for all tenants. */
  startSchedules(worker: JobWorker): Promise<void>;
  /** For the vault. */
  describeKind(plugin: string, kind: string): DescribedConnectionKind | undefined;
  /** Runs a driver for a room of the engine. */
  readonly runDriver: RunDriver;
  /** Whether the tenant has enabled a driver of the contract. */
  hasDriver(tenantId: string, contract: DriverContract): Promise<boolean>;
  /** Schemas of events that the tenant's enabled plugins contribute, in the order of loading. */
  eventSchemas(tenantId: string): Promise<readonly ContributedSchema[]>;
  /** Triggers of the loaded plugins. */
  sources(): readonly SourceDescription[];
  /** Running triggers of the loaded plugins. Does not ask whether the plugin is enabled. */
  readonly triggers: PluginTriggers;
  readonly agents: PluginAgents;
  readonly migrations: Pick<TableMigrations, 'progress'>;
  /** HTTP routes of the loaded plugins. */
  readonly routes: PluginRoutes;
  /** Webhooks of the loaded plugins that are no trigger's. Does not ask whether the plugin is enabled. */
  readonly webhooks: PluginWebhooks;
  /** The hub's own network, for token endpoints. */
  readonly network: Network;
}
