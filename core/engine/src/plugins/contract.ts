import type {
  ActionHandler,
  AgentHandler,
  CheckHandler,
  ConsumerHandler,
  DriverContract,
  DriverOf,
  ErrorCode,
  JsonObject,
  PollHandler,
  PushHandler,
  RouteHandler,
  ScheduleHandler,
  WebhookHandler,
} from '@tendril/plugin-api';
import type { Action, Manifest } from '@tendril/schemas';
import type { PluginFault, Problem } from '../hub.ts';
import type { TableSpec } from '../ports.ts';
import type { PermittedHosts } from './broker/permitted-hosts.ts';

/** An installed plugin as the outer layer found it. The engine reads no files: it is handed what it needs. */
export interface PluginSource {
  /** Name of the folder, which has to be the plugin's id. */
  readonly folder: string;
  /** Path of the manifest, as faults name it. */
  readonly file: string;
  /** Content of package.json. */
  readonly packageJson: JsonObject;
  /** Content of plugin.json: parsed, or its text, whose syntax errors then become faults. */
  readonly manifest: unknown;
  /** Text of a file of the package, by its path inside it. */
  read(path: string): Promise<string>;
  /** Imports the entry module. Not called before all manifests have been checked. */
  load(): Promise<{ readonly default?: unknown }>;
  /** Hash of its code, the same wherever the same code is installed. */
  integrity?(): Promise<string>;
  /** Absolute paths, for running it in a process of its own; missing where it can only run in this one. */
  readonly location?: { readonly folder: string; readonly entry: string };
  /** Whether its code may run in this process: first-party plugins, and those that the operator trusts. Counts only where the hub has isolation. */
  readonly isTrusted?: boolean;
  /** The most that it may be granted, from `tendril.lock`; as much as its manifest asks for without it. */
  readonly grants?: JsonObject;
  /** Where it was installed from, as `tendril.lock` says; none of those that come with Tendril. */
  readonly origin?: JsonObject;
  /** Of a version that its registry has taken back: it is shown and never called. */
  readonly revoked?: { readonly reason: string };
  /** What whoever found it knows to be wrong, such as files that differ from the lock: it is named as its fault and not loaded. */
  readonly fault?: { readonly message: string; readonly code: ErrorCode };
  /** A fault of it stops the start. */
  readonly isRequired?: boolean;
}

/** A schema with its validator. */
export interface CompiledSchema {
  /** Complete: files that it refers to are inside. */
  readonly schema: JsonObject | boolean;
  /** Fills defaults into the value where the schema is one of input. @returns all problems, empty when it is valid */
  validate(value: unknown): readonly Problem[];
}

/** The compiled schemas of one manifest. */
export interface PluginSchemas {
  readonly settings: CompiledSchema;
  readonly actions: ReadonlyMap<string, { readonly input: CompiledSchema; readonly output: CompiledSchema }>;
  readonly tables: ReadonlyMap<string, CompiledSchema>;
  readonly connections: ReadonlyMap<string, CompiledSchema>;
  readonly events: ReadonlyMap<string, CompiledSchema>;
  /** Of sources: what a pipeline says when it uses one, and one item. */
  readonly triggers: ReadonlyMap<string, { readonly input: CompiledSchema; readonly output: CompiledSchema }>;
  /** Bodies of webhooks, where the manifest says what they are. */
  readonly webhooks: ReadonlyMap<string, CompiledSchema>;
  /** Of routes: the body and the answer, where the manifest says what they are. */
  readonly routes: ReadonlyMap<string, { readonly input: CompiledSchema | undefined; readonly output: CompiledSchema | undefined }>;
}

/** What is known of a source (a plugin's trigger) from its manifest. */
export interface SourceDescription {
  /** `plugin.trigger`. */
  readonly name: string;
  readonly plugin: string;
  readonly title: string;
  readonly kind: 'poll' | 'push';
  /** Schema of what a pipeline says when it uses it. */
  readonly input: JsonObject;
  /** Schema of one item. */
  readonly output: JsonObject;
  /** Kinds of connection it can use; empty when it needs none. */
  readonly connectionKinds: readonly string[];
}

/** A plugin whose manifest passed. */
export interface CheckedPlugin {
  readonly id: string;
  readonly version: string;
  readonly description: string;
  readonly manifest: Manifest;
  readonly source: PluginSource;
  readonly schemas: PluginSchemas;
}

/** What came of checking all manifests together. */
export interface CheckResult {
  /** Sound plugins, each behind those that it requires. */
  readonly plugins: readonly CheckedPlugin[];
  readonly faults: readonly PluginFault[];
}

/** What a plugin can register, as `host` calls it. */
export type HandlerKind = 'action' | 'check' | 'consumer' | 'schedule' | 'trigger' | 'route' | 'webhook' | 'agent' | 'driver';

/** Something that a plugin's process did which no sound plugin does. */
export interface PluginIncident {
  readonly plugin: string;
  readonly tenantId: string;
  readonly kind: 'crashed' | 'out_of_memory' | 'hung' | 'flooded' | 'broke_protocol';
  /** For the operator; holds nothing that the plugin said. */
  readonly reason: string;
}

/** How plugins whose code is not trusted are run. What implements it is handed to the hub. */
export interface Isolation {
  /**
   * A runner whose handlers run outside of this process, one process per tenant, started on first use.
   * Its handlers may be asked for every id that the manifest declares; what `setup` really registers is compared when a process
   * starts, and PLUGIN_IMPLEMENTATION_MISMATCH is thrown then.
   */
  createRunner(plugin: CheckedPlugin, report: (incident: PluginIncident) => void): PluginRunner;
  /** Stops every process. */
  close(): Promise<void>;
}

/** How the handlers of a plugin are reached: in this process, in another one, or made from the manifest. */
export interface PluginRunner {
  readonly action: (id: string) => ActionHandler | undefined;
  readonly check: (id: string) => CheckHandler | undefined;
  readonly consumer: (id: string) => ConsumerHandler | undefined;
  readonly schedule: (id: string) => ScheduleHandler | undefined;
  /** Of a trigger of kind `poll`. */
  readonly poll: (id: string) => PollHandler | undefined;
  /** Of a trigger of kind `push`. */
  readonly push: (id: string) => PushHandler | undefined;
  readonly route: (id: string) => RouteHandler | undefined;
  readonly webhook: (id: string) => WebhookHandler | undefined;
  readonly agent: (id: string) => AgentHandler | undefined;
  readonly driver: (id: string) => DriverOf<DriverContract> | undefined;
  /** Runs the plugin's stop hooks. */
  stop(): Promise<void>;
}

/** Where the handlers of a plugin run: here, in a process of their own, or nowhere since it is all data. */
export type RunsIn = 'process' | 'child' | 'declarative';

/** What pins one plugin: hashes are hexadecimal SHA-256. */
export interface LockedPlugin {
  readonly id: string;
  readonly version: string;
  readonly manifest: string;
  /** Of its code; missing where whoever found the plugin cannot tell. */
  readonly code?: string;
}

/** A plugin that can be called. The permissions of its manifest are the effective ones: what it asks for, as far as that is granted. */
export interface LoadedPlugin extends CheckedPlugin {
  readonly runner: PluginRunner;
  readonly runsIn: RunsIn;
  /** What pins it. */
  readonly locked: LockedPlugin;
  /** First-party, or trusted by the operator: nobody is asked for consent. */
  readonly isTrusted: boolean;
  readonly hosts: PermittedHosts;
  /** By the name that the manifest gives. */
  readonly tables: ReadonlyMap<string, TableSpec>;
  readonly mayRead: (event: string) => boolean;
  readonly mayWrite: (event: string) => boolean;
}

/** An action that can be called. */
export interface LoadedAction {
  readonly name: string;
  readonly id: string;
  readonly plugin: LoadedPlugin;
  readonly action: Action;
  readonly input: CompiledSchema;
  readonly output: CompiledSchema;
  readonly timeoutMs: number;
  readonly connectionKinds: readonly string[];
}
