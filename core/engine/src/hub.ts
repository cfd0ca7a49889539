import type { ErrorCode, Json, JsonObject, LoggedEvent, Page } from '@tendril/plugin-api';
import type { PanelData } from '@tendril/schemas';
import type { EnvironmentName } from './environments.ts';
import type { PanelPlace, PluginPanel, PluginRoutes, PluginWebhookInfo, ReadyPipelineInfo } from './plugins/contributions.ts';
import type { AskService } from './pipelines/ask/contract.ts';
import type { BroadcastService, PipelineInfo, PipelineService, RunService, WebhookReceiver, WebhookService } from './pipelines/contract.ts';

export type { EnvironmentName } from './environments.ts';
export type * from './plugins/contributions.ts';
export type * from './pipelines/ask/contract.ts';
export type * from './pipelines/contract.ts';

/**
 * The engine's public face: what the server, the command line and tests call. Everything is made for one tenant;
 * `createHub` (create-hub.ts) wires the rooms behind it.
 */
export interface Hub {
  readonly admin: TenantAdmin;
  readonly keys: KeyService;
  /** @throws TendrilError NOT_FOUND for a tenant that does not exist */
  tenant(tenantId: string): Promise<TenantHub>;
  readonly plugins: PluginCatalogue;
  /** What comes to the addresses of pipelines. */
  readonly webhooks: WebhookReceiver;
  /** HTTP routes that plugins contribute, below `/plugins/{plugin}/`. */
  readonly pluginRoutes: PluginRoutes;
  /**
   * Takes up what its roles say: `worker` follows the log, runs jobs and empties the outbox, `scheduler` keeps time for the
   * others, `api` answers questions and tells workers that work is due, `analytics` owns a columnar copy of the events. All unless told.
   */
  start(options?: { readonly roles?: readonly HubRole[] }): Promise<void>;
  /** Lets running steps end for `graceMs` (10,000 unless told), then aborts them; their leases run out or are released. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  health(): Promise<Health>;
  /** Counters and gauges for `/metrics`. Labels are ids only, never personal data. */
  metrics(): Promise<readonly Metric[]>;
}

/** What a process is for. Any number of processes may have each role. */
export type HubRole = 'api' | 'worker' | 'scheduler' | 'analytics';

/** In what one plugin differs between two locks. */
export interface LockDifference {
  readonly plugin: string;
  /** `missing` here, `additional` here, or another version, manifest or code. */
  readonly what: 'missing' | 'additional' | 'version' | 'manifest' | 'code';
  /** The version that this process has. */
  readonly here?: string;
  /** The version that the installation has. */
  readonly installation?: string;
}

/** Whether a process has the plugins that the installation has; one that has others takes no work. */
export interface LockHealth {
  readonly hash: string;
  readonly isCurrent: boolean;
  readonly differences: readonly LockDifference[];
}

/** What `/readyz` shows. `faults` names every fault of every plugin, with file and JSON pointer. */
export interface Health {
  readonly isReady: boolean;
  readonly faults: readonly PluginFault[];
  /** Why it is not ready, as constant texts. */
  readonly reasons: readonly string[];
  /** Plugins that are not called although a tenant uses them, as far as this process knows. */
  readonly alerts: readonly PluginAlert[];
  readonly lock: LockHealth;
}

/** A plugin that was stopped or revoked. */
export interface PluginAlert {
  readonly plugin: string;
  readonly tenantId: string;
  readonly state: 'stopped' | 'revoked';
  readonly reason: string;
}

/** One fault of one plugin. */
export interface PluginFault {
  readonly plugin: string;
  readonly file: string;
  readonly pointer: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** What was probably meant, or what mends it. */
  readonly suggestion?: string;
}

/** One metric in Prometheus' terms. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

// ---------------------------------------------------------------- tenants, apps, keys

/** An isolated customer of the installation. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** IANA name, for quiet hours and daily caps. */
  readonly timeZone: string;
  readonly createdAt: number;
}

/** One application of a tenant that sends events. */
export interface App {
  readonly id: string;
  readonly name: string;
  readonly isTest: boolean;
  /** Which deployment of a pipeline its events start; `production` for live apps, `development` for test apps unless told. */
  readonly environment: EnvironmentName;
  /** Origins that browsers may send from; `*` for any. */
  readonly origins: readonly string[];
  readonly createdAt: number;
}

/** What a secret key may do. `admin` includes all. */
export type Scope = 'read' | 'write' | 'actions' | 'pipelines' | 'connections' | 'admin';

/** A key as it can be shown: never its secret. */
export interface ApiKey {
  readonly id: string;
  readonly kind: 'write' | 'secret';
  /** Of write keys. */
  readonly appId?: string;
  /** Of secret keys. */
  readonly scopes: readonly Scope[];
  /** The first characters, to recognise it. */
  readonly prefix: string;
  readonly createdAt: number;
  /** After rotation the old key works until then. */
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

/** A key with its secret, which is shown once and stored hashed. */
export interface NewApiKey extends ApiKey {
  readonly secret: string;
}

/** Who asks. */
export interface Principal {
  readonly tenantId: string;
  readonly kind: 'write' | 'secret' | 'session';
  readonly keyId: string;
  readonly app?: App;
  readonly scopes: readonly Scope[];
}

/** Tenants of the installation, for operators. */
export interface TenantAdmin {
  create(input: { readonly id: string; readonly name: string; readonly timeZone?: string }): Promise<Tenant>;
  list(): Promise<readonly Tenant[]>;
  get(tenantId: string): Promise<Tenant | undefined>;
}

/** Finds out who a key is. */
export interface KeyService {
  /** Cached for seconds, but a revocation in this process counts at once and elsewhere within 2 s. @throws TendrilError KEY_INVALID */
  authenticate(secret: string): Promise<Principal>;
  /** A principal for the dashboard's session of a tenant. */
  session(tenantId: string): Promise<Principal>;
}

// ---------------------------------------------------------------- one tenant

/** Everything that can be asked of one tenant. */
export interface TenantHub {
  readonly tenant: Tenant;
  readonly apps: AppService;
  readonly keys: TenantKeyService;
  readonly ingest: IngestService;
  readonly events: EventService;
  readonly schemas: EventSchemaService;
  readonly consumers: ConsumerService;
  readonly actions: ActionService;
  readonly connections: ConnectionService;
  readonly plugins: TenantPlugins;
  /** What plugins contribute beside actions. */
  readonly contributions: TenantContributions;
  readonly pipelines: PipelineService;
  readonly runs: RunService;
  readonly webhooks: WebhookService;
  readonly broadcasts: BroadcastService;
  readonly ask: AskService;
  readonly governor: GovernorService;
  readonly agents: AgentService;
  /** Ways to reach a person that the enabled plugins contribute, by name. */
  channels(): Promise<readonly ChannelInfo[]>;
}

/** Choices or extra fields of an action that depend on the account. */
export interface DynamicField {
  /** Into the action's input. */
  readonly pointer: string;
  readonly as: 'choices' | 'fields';
  /** The `read` action that gave it. */
  readonly source: string;
  /** Of `choices`. */
  readonly items?: readonly { readonly value: Json; readonly title: string }[];
  /** Of `fields`: JSON Schema of an object. */
  readonly schema?: JsonObject;
  /** Of the answer: another one means that the account has changed. */
  readonly hash: string;
  /** Epoch milliseconds. */
  readonly fetchedAt: number;
  /** The service did not answer: this is what it said before. */
  readonly isStale: boolean;
}

/** An agent of an enabled plugin. */
export interface AgentInfo {
  /** `plugin.agent`. */
  readonly name: string;
  readonly plugin: string;
  readonly title: string;
  readonly role: string;
  /** Between two ticks. */
  readonly everyMs: number;
  readonly actions: readonly string[];
  /** Of these, those that need a person's approval. */
  readonly approval: readonly string[];
  /** Epoch milliseconds; missing before the first tick. */
  readonly lastTickAt?: number;
  /** What is left of today's bounds; `calls` is missing where they are not bounded. */
  readonly remaining: { readonly sends?: number; readonly spendCents?: number; readonly calls?: number };
}

/** Agents of one tenant. What they decided are events, `tendril.decision.recorded`. */
export interface AgentService {
  list(): Promise<readonly AgentInfo[]>;
  /** Makes the next tick due now. @throws TendrilError NOT_FOUND */
  tick(name: string): Promise<void>;
}

/** A way to reach a person. */
export interface ChannelInfo {
  readonly name: string;
  readonly plugin: string;
  readonly title: string;
  /** The `send` action, `plugin.action`. */
  readonly action: string;
  /** Pointer into a profile. */
  readonly address: string;
  readonly unsubscribe: 'link' | 'reply' | 'platform';
  readonly quietHours: boolean;
}

/** Apps of one tenant. */
export interface AppService {
  create(input: {
    readonly name: string;
    readonly isTest: boolean;
    readonly origins?: readonly string[];
    readonly environment?: EnvironmentName;
  }): Promise<App>;
  list(): Promise<readonly App[]>;
  get(appId: string): Promise<App | undefined>;
}

/** Keys of one tenant. */
export interface TenantKeyService {
  create(
    input: { readonly kind: 'write'; readonly appId: string } | { readonly kind: 'secret'; readonly scopes: readonly Scope[] },
  ): Promise<NewApiKey>;
  list(): Promise<readonly ApiKey[]>;
  /** A new key with the same rights; the old one works for `overlapSeconds` more (86,400 unless told). */
  rotate(keyId: string, overlapSeconds?: number): Promise<NewApiKey>;
  revoke(keyId: string): Promise<void>;
}

/** A call of Segment's tracking API, as it came, not yet checked: `type`, `userId`, `event`, `properties`, … */
export type RawCall = JsonObject;

/** What became of one call of a batch. */
export type IngestOutcome =
  | { readonly status: 'accepted'; readonly messageId: string; readonly position: number }
  | { readonly status: 'duplicate'; readonly messageId: string; readonly position: number }
  /** Kept with its reason, to be replayed once the schema is mended. */
  | { readonly status: 'quarantined'; readonly messageId: string; readonly reason: string }
  /** Not even an event (no type, no identity, over 32 KB): refused, not kept. */
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly reason: string };

/** Taking events in. */
export interface IngestService {
  /**
   * Resolves when every accepted or quarantined call is on disk.
   *
   * @param sentAt the sender's clock at sending, to correct timestamps
   * @throws TendrilError OVERLOADED before memory grows; STORE_UNAVAILABLE, STORE_FULL: nothing was taken in
   */
  accept(
    app: App,
    calls: readonly RawCall[],
    request: {
      readonly receivedAt: number;
      readonly sentAt?: number;
      readonly requestId: string;
      readonly isImport?: boolean;
      readonly ip?: string;
      readonly userAgent?: string;
    },
  ): Promise<readonly IngestOutcome[]>;
}

/** An event that did not match the schema of its name. */
export interface QuarantinedEvent {
  readonly id: string;
  readonly messageId: string;
  readonly name: string;
  readonly appId: string;
  readonly receivedAt: number;
  readonly problems: readonly Problem[];
  readonly call: RawCall;
}

/** One fault of a JSON document. */
export interface Problem {
  /** JSON pointer into the document. */
  readonly pointer: string;
  readonly message: string;
  readonly suggestion?: string;
}

/** Reading the log back. */
export interface EventService {
  /** Newest first. */
  list(filter: {
    readonly limit?: number;
    readonly cursor?: string;
    readonly name?: string;
    readonly person?: string;
  }): Promise<Page<LoggedEvent>>;
  /** Calls back for each event appended from now on. @returns how to stop */
  subscribe(listener: (event: LoggedEvent) => void): () => void;
  head(): Promise<number>;
  /** How many events came in since an instant, in epoch milliseconds. Left out by logs that cannot tell cheaply. */
  countSince(receivedAt: number): Promise<number>;
  quarantined(filter?: { readonly limit?: number; readonly cursor?: string }): Promise<Page<QuarantinedEvent>>;
  /** Checks quarantined events again; those that pass now enter the log. All unless ids are given. */
  replayQuarantine(ids?: readonly string[]): Promise<{ readonly accepted: number; readonly stillInvalid: number }>;
}

/** A schema in force: one of the tenant's own has a version, one that a plugin contributes names the plugin. */
export interface EventSchemaInfo {
  readonly name: string;
  readonly schema: JsonObject;
  readonly version?: number;
  readonly createdAt?: number;
  readonly plugin?: string;
}

/** Schemas of event names, versioned; the open default has none. */
export interface EventSchemaService {
  /** A new version, in force for events from now on. @throws TendrilError INPUT_INVALID when it is not a JSON Schema */
  put(name: string, schema: JsonObject): Promise<{ readonly version: number }>;
  /** By name: the tenant's own, and where it has none, those that its enabled plugins contribute. */
  list(): Promise<readonly EventSchemaInfo[]>;
  /** Opens the name again, or leaves it to the plugin that contributes a schema for it. @throws TendrilError NOT_FOUND */
  remove(name: string): Promise<void>;
}

/** Followers of the log. */
export interface ConsumerService {
  list(): Promise<
    readonly {
      readonly id: string;
      readonly position: number;
      readonly lag: number;
      readonly lagMs: number;
      readonly setAside: number;
      readonly isPaused: boolean;
      /** While its tables are made anew. */
      readonly isRebuilding?: boolean;
    }[]
  >;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /**
   * Empties what the consumer made of the log and has it read the log from the beginning, without telling again what it told
   * then. Its lag shows how far it is; consumers behind it wait meanwhile. Resolves when it is asked for.
   *
   * @throws TendrilError NOT_FOUND; INPUT_INVALID for one whose tables are not made of the log alone; CONFLICT when it is not enabled
   */
  rebuild(id: string): Promise<{ readonly rebuild: number }>;
  /** Events set aside after their retries, with the error. */
  setAside(
    id: string,
  ): Promise<readonly { readonly position: number; readonly code: string; readonly message: string; readonly at: number }[]>;
  /** Tries events that were set aside again, in order. */
  retrySetAside(id: string): Promise<{ readonly done: number; readonly left: number }>;
}

/** An action as it can be listed, with the schemas of its manifest. */
export interface ActionInfo {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly effect: 'read' | 'write' | 'send' | 'spend';
  readonly idempotency: 'key' | 'natural' | 'check' | 'none';
  readonly implements?: string;
  readonly input: JsonObject;
  readonly output: JsonObject;
  readonly isEnabled: boolean;
}

/** The registry of actions and the one call path. */
export interface ActionService {
  list(): Promise<readonly ActionInfo[]>;
  /**
   * Calls an action. One that is not `read` becomes a one-step run; with `idempotencyKey` a second call answers as the
   * first did.
   *
   * @throws TendrilError with the code of what went wrong
   */
  call(
    name: string,
    input: JsonObject,
    options?: {
      readonly connection?: string;
      readonly idempotencyKey?: string;
      readonly principal?: Principal;
      readonly isDryRun?: boolean;
      readonly requestId?: string;
      readonly isTest?: boolean;
    },
  ): Promise<{ readonly output: Json; readonly runId?: string }>;
  /**
   * Choices and extra fields that depend on an account; kept for an hour, and for as long as the service does not answer.
   *
   * @throws TendrilError ACTION_UNKNOWN, CONNECTION_UNKNOWN, CONNECTION_MISSING; what the service said when nothing is kept
   */
  fields(name: string, options?: { readonly connection?: string; readonly refresh?: boolean }): Promise<readonly DynamicField[]>;
}

/** A connection as it can be shown: never its secrets. */
export interface ConnectionInfo {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  readonly isSandbox: boolean;
  readonly state: 'untested' | 'working' | 'needs_login';
  readonly createdAt: number;
  readonly testedAt?: number;
  /** Fields that are not secret. */
  readonly values: JsonObject;
}

/** Accounts at outside services. */
export interface ConnectionService {
  /** Seals the values; tests them when the kind says how, unless told not to. Adding again under the same name replaces the values and wakes what is blocked. */
  add(input: {
    readonly name: string;
    readonly plugin: string;
    readonly kind: string;
    readonly values: JsonObject;
    readonly isSandbox?: boolean;
    readonly shouldTest?: boolean;
  }): Promise<ConnectionInfo>;
  list(): Promise<readonly ConnectionInfo[]>;
  test(name: string): Promise<{ readonly isWorking: boolean; readonly code?: string; readonly message?: string }>;
  remove(name: string): Promise<void>;
}

/** Plugins of the installation, by their manifests. */
export interface PluginCatalogue {
  list(): readonly InstalledPlugin[];
  faults(): readonly PluginFault[];
  /**
   * Finds the plugins again and takes up what is new, changed or gone, without a restart. Calls that run end on the version
   * that they began with. What is faulty is reported, and the version that runs stays. One at a time; safe to repeat.
   */
  reload(): Promise<PluginReload>;
}

/** What a reload took up, by ids. */
export interface PluginReload {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** All there are now: of what could not be taken up, and older ones that are still there. */
  readonly faults: readonly PluginFault[];
}

/** An installed plugin. */
export interface InstalledPlugin {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly state: 'loaded' | 'faulty';
  readonly actions: readonly string[];
  /** What it may do: what it asks for, as far as the operator grants it. */
  readonly permissions: JsonObject;
  /** It comes with Tendril. */
  readonly isFirstParty: boolean;
  /** Where its code runs; `declarative` for one that has none to run. Missing when it is faulty. */
  readonly runsIn?: 'process' | 'child' | 'declarative';
  /** Its permissions for people, the gravest first. */
  readonly permissionsInWords: readonly string[];
  /** What somebody consents to who enables it. */
  readonly permissionsHash: string;
  /** Names of what it contributes, by kind. */
  readonly contributes: Readonly<Record<string, readonly string[]>>;
  readonly breakingChanges: readonly { readonly version: string; readonly change: string; readonly guide: string; readonly by: string }[];
  /** Where it was installed from, as `tendril.lock` says. */
  readonly source?: JsonObject;
}

/** How it stands with a plugin of a tenant. */
export interface PluginHealth {
  /** `stopped` when it failed too often, `revoked` when its registry took it back: it is not called then. */
  readonly state: 'ok' | 'stopped' | 'revoked' | 'faulty';
  /** Things that no sound plugin does, not long ago. */
  readonly incidents: number;
  readonly reason?: string;
}

/** A plugin as one tenant uses it. */
export interface TenantPlugin extends InstalledPlugin {
  readonly isEnabled: boolean;
  /** Secrets are masked; given back masked they stay what they are. */
  readonly settings: JsonObject;
  readonly settingsSchema: JsonObject;
  /** Whether somebody has to consent before it is called, and the hash of what was consented to. */
  readonly consent: {
    readonly isNeeded: boolean;
    readonly hash?: string;
    /** In words, what is asked for beyond what was consented to. */
    readonly added?: readonly string[];
  };
  readonly health: PluginHealth;
}

/** One run of a handler, as whoever develops a plugin watches it: without secrets and personal details. */
export interface ObservedCall {
  readonly plugin: string;
  readonly version: string;
  /** `action upsert_lead`, `consumer project`. */
  readonly handler: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly attempt: number;
  readonly isTest: boolean;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  readonly input?: Json;
  readonly output?: Json;
}

/** A version of a plugin that is not installed yet. */
export interface PluginCandidate {
  readonly packageJson: JsonObject;
  /** With references resolved. */
  readonly manifest: JsonObject;
}

/** What an upgrade would change for one tenant. */
export interface UpgradePlan {
  /** The version that is installed; missing for a plugin that is new. */
  readonly from?: string;
  readonly to: string;
  /** In words for people. */
  readonly permissions: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly contributions: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly { readonly name: string; readonly changes: readonly string[]; readonly isBreaking: boolean }[];
  };
  /** What the versions in between declare. */
  readonly breakingChanges: InstalledPlugin['breakingChanges'];
  /** Deployed pipelines that would be refused if they were deployed with it. */
  readonly pipelines: readonly { readonly name: string; readonly problems: readonly Problem[] }[];
  /** Plugins that require it and would not go with it. */
  readonly plugins: readonly { readonly name: string; readonly problems: readonly Problem[] }[];
  /** Runs that sleep and whose definitions use it. */
  readonly sleepingRuns: number;
  /** A deployed pipeline or another plugin would break, or it breaks something and declares no breaking change. */
  readonly isBlocked: boolean;
  readonly consentNeeded: boolean;
}

/** One thing that a plugin keeps for a tenant. */
export type PluginDatum =
  | { readonly table: string; readonly row: JsonObject }
  | { readonly key: string; readonly value: Json; readonly owner?: string; readonly expiresAt?: number };

/** Plugins as one tenant uses them. */
export interface TenantPlugins {
  list(): Promise<readonly TenantPlugin[]>;
  /**
   * Enables it with what it requires. One that is not trusted needs `consent`, the hash of the permissions that somebody was
   * shown; enabling it again consents to what a new version asks for.
   *
   * @throws TendrilError PLUGIN_REQUIREMENT_MISSING, PLUGIN_CONSENT_NEEDED, PLUGIN_REVOKED, PLUGIN_SETTINGS_INVALID
   */
  enable(id: string, options?: { readonly consent?: string; readonly settings?: JsonObject }): Promise<void>;
  /** @throws TendrilError PLUGIN_REQUIRED_BY, naming the dependants */
  disable(id: string): Promise<void>;
  /** @throws TendrilError PLUGIN_SETTINGS_INVALID */
  configure(id: string, settings: JsonObject): Promise<void>;
  /** Lets one go on that was stopped because it failed too often. */
  resume(id: string): Promise<void>;
  /** What a version would change. @throws TendrilError MANIFEST_INVALID with all faults */
  plan(id: string, candidate: PluginCandidate): Promise<UpgradePlan>;
  /** Calls back for each of its handler runs from now on, in this process. @returns how to stop */
  observe(id: string, listener: (call: ObservedCall) => void): () => void;
  /** Everything that it keeps for the tenant: rows of its tables, then its values by key. */
  exportData(id: string): AsyncIterable<PluginDatum>;
  /**
   * Deletes that, in batches: what was deleted stays so when it is cut short, and calling it again goes on.
   *
   * @throws TendrilError PLUGIN_REQUIRED_BY, CONFLICT while it is enabled
   */
  deleteData(id: string): Promise<{ readonly deleted: number }>;
}

/** What plugins contribute to one tenant, beside actions. */
export interface TenantContributions {
  /** Pipelines that come with an enabled plugin. @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_DISABLED */
  readyPipelines(plugin: string): Promise<readonly ReadyPipelineInfo[]>;
  /**
   * Deploys one, paused, with the settings; one that was added and not changed since is brought up to the plugin's version.
   *
   * @throws TendrilError NOT_FOUND, ALREADY_EXISTS when it was edited, PIPELINE_INVALID with `details.faults`, INPUT_INVALID
   */
  addPipeline(plugin: string, id: string, settings?: JsonObject): Promise<PipelineInfo>;
  /** Of the enabled plugins, in the order of loading. */
  panels(filter?: { readonly place?: PanelPlace; readonly plugin?: string }): Promise<readonly PluginPanel[]>;
  /**
   * What a panel shows now, by its `read` action.
   *
   * @param asked.subject the profile's id at the place `person`, the lead's at `lead`
   * @throws TendrilError NOT_FOUND, INPUT_INVALID, PLUGIN_FAULTY when it is nothing that the view can show; what the action threw
   */
  readPanel(
    id: string,
    asked: { readonly subject?: string; readonly principal?: Principal; readonly requestId?: string },
  ): Promise<PanelData>;
  /** Of an enabled plugin, each with an address, which is made when there is none yet. @throws TendrilError PLUGIN_UNKNOWN, PLUGIN_DISABLED */
  webhooks(plugin: string): Promise<readonly PluginWebhookInfo[]>;
  /**
   * Replaces what the senders of a webhook prove themselves with, where the address holds it. It is never shown again.
   *
   * @throws TendrilError NOT_FOUND, INPUT_INVALID also where a connection holds it or none is needed
   */
  setWebhookSecret(plugin: string, webhook: string, secret: string): Promise<void>;
  /** Gives it another address; the old one is gone at once. @throws TendrilError NOT_FOUND */
  rotateWebhook(plugin: string, webhook: string): Promise<PluginWebhookInfo>;
}

/** The one way out to people and money. */
export interface GovernorService {
  /** Sends of test apps are counted apart and use up nothing of the live caps. */
  status(): Promise<{
    readonly isPaused: boolean;
    readonly sentToday: number;
    readonly testSentToday: number;
    readonly dailyCap: number;
    readonly dailyCapPerPerson: number;
  }>;
  /** Holds back every send and spend from now on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  configure(limits: { readonly dailyCap?: number; readonly dailyCapPerPerson?: number }): Promise<void>;
  /** @param address an address of the channel, or a person's id */
  suppress(channel: string, address: string, reason: string): Promise<void>;
  isSuppressed(channel: string, address: string): Promise<boolean>;
  /** Lifts a suppression, as a decision that is recorded. */
  unsuppress(channel: string, address: string): Promise<void>;
  /** What the token of an unsubscribe link is about, without acting. @throws TendrilError NOT_FOUND */
  describeUnsubscribe(token: string): Promise<{ readonly channel: string; readonly purpose: string; readonly addressHint: string }>;
  /** Acts on an unsubscribe link; safe to call twice. */
  unsubscribe(token: string): Promise<void>;
}
