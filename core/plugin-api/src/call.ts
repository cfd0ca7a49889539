import type { Analytics } from './analytics.ts';
import type { Changes } from './changes.ts';
import type { EventAccess } from './event-access.ts';
import type { Expressions } from './expressions.ts';
import type { Models } from './models.ts';
import type { Json, JsonObject } from './json.ts';
import type { Table } from './tables.ts';

/** Writes structured lines: fields first, a constant message second. Secrets and personal fields are redacted. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Time, handed in so that tests can replace it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** Small values of one plugin and tenant, sealed. Every method takes effect at once, outside the changeset. */
export interface KeyValue {
  get(key: string): Promise<Json | undefined>;
  /** @param ttlSeconds how long it is kept; for ever without it */
  set(key: string, value: Json, ttlSeconds?: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** True for the first owner of a key within the window, and again for the same owner. */
  claim(key: string, owner: string, windowSeconds: number): Promise<boolean>;
}

/** A tenant's account at a service, as a handler sees it. */
export interface Connection {
  readonly name: string;
  readonly kind: string;
  /** Points at a vendor's sandbox or a local one. */
  readonly isSandbox: boolean;
  /** The connection's fields, secrets among them: never log, store or return them. For `oauth2` a fresh `accessToken` is among them. */
  readonly values: JsonObject;
}

/** The part of `http.Agent` that vendor libraries need; a real `http.Agent` or `https.Agent` at run time. */
export interface NodeAgent {
  destroy(): void;
}

/** Agents for libraries that take one. Both go through the broker. */
export interface Agents {
  readonly http: NodeAgent;
  readonly https: NodeAgent;
}

/** Calls of other plugins' actions, limited to `permissions.actions`, through the one call path. */
export interface ActionCaller {
  /** @param name `plugin.action`, or a capability `name@major` that an enabled plugin implements */
  call<Output = unknown>(name: string, input: object): Promise<Output>;
}

/** The governor's leave to reach one person once. Only `send` actions have one. */
export interface Permit {
  readonly id: string;
  readonly personId: string;
  readonly channel: string;
  readonly purpose: string;
  /** Where to reach the person, as the governor checked it: send to this and to nothing else. */
  readonly address: string;
  /** One-click link (RFC 8058), to be in the message and its headers. */
  readonly unsubscribeUrl: string;
}

/**
 * What a handler has of the world: one tenant, for as long as the handler runs. Every use after its end throws CALL_ENDED.
 */
export interface Call<Settings = JsonObject> {
  readonly tenant: { readonly id: string; readonly name: string; readonly timeZone: string };
  /** True when what is done was caused by a test app. */
  readonly isTest: boolean;
  readonly settings: Settings;
  /** The same for every attempt at one piece of work, and for no other piece. At most 64 characters of `[a-z0-9-]`. */
  readonly idempotencyKey: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
  readonly kv: KeyValue;
  /** The table `name` of this plugin's manifest. @throws TendrilError PERMISSION_DENIED for any other */
  table<Value extends object = JsonObject>(name: string): Table<Value>;
  readonly changes: Changes;
  /** @throws TendrilError CONNECTION_MISSING when the step has none and none of the plugin's kinds is set up */
  readonly connection: Connection;
  /** `fetch` through the broker: permitted hosts only, no private addresses, credentials put in where the manifest says so. */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  readonly agent: Agents;
  readonly events: EventAccess;
  readonly expressions: Expressions;
  /**
   * The path of a folder of this plugin and tenant, made when it is first asked for; for drivers that keep files of their own. In the hub's process only.
   *
   * @throws TendrilError PERMISSION_DENIED without `blobs`, or in a process of its own
   */
  folder(): Promise<string>;
  readonly actions: ActionCaller;
  readonly models: Models;
  readonly analytics: Analytics;
  /** @throws TendrilError PERMISSION_DENIED in handlers that are not of a `send` action */
  readonly permit: Permit;
}
