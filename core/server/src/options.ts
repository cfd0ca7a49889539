import type { Hub } from '@tendril/engine';
import type { Clock, JsonObject, Logger } from '@tendril/plugin-api';

/** What the server is made of. Everything that it needs of the world is handed in. */
export interface ServerOptions {
  readonly hub: Hub;
  readonly log: Logger;
  readonly clock: Clock;
  /** Tenant of whoever runs the installation: of the dashboard's session and the sandboxes; its admins manage tenants. */
  readonly defaultTenantId: string;
  /** Folder with the built dashboard; without it only the API is served. */
  readonly dashboardFolder?: string;
  readonly sandbox?: SandboxView;
  /** Where the world reaches this server, without a slash at the end; derived from each request without it. */
  readonly publicUrl?: string;
  /** Signs sessions and login links; at least 32 characters. Keep it, and sessions outlive a restart. */
  readonly sessionSecret: string;
  readonly limits?: Partial<ServerLimits>;
  /** How many proxies stand before the server, whose `x-forwarded-for` and `x-forwarded-proto` are believed; 0 unless told. */
  readonly proxyHops?: number;
  /** `/metrics` needs a key or session. */
  readonly isProduction: boolean;
  /** Answers `/healthz`, `/readyz` and `/metrics`, and nothing else: for a process that only works. */
  readonly answersOnlyHealth?: boolean;
}

/** Bounds that the server holds. */
export interface ServerLimits {
  /** One event on `/v1/track` and its like, in bytes. */
  readonly eventBytes: number;
  /** One batch, in bytes, packed and unpacked. */
  readonly batchBytes: number;
  /** One body of the API, in bytes. */
  readonly apiBytes: number;
  /** Bytes of all ingest requests that arrive or wait for the store; more is answered with 429. */
  readonly ingestWaitingBytes: number;
  /** One delivery to the address of a pipeline, in bytes, packed and unpacked. */
  readonly hookBytes: number;
  /** Deliveries to one address of a pipeline in a minute, in one process. */
  readonly hooksPerMinute: number;
  /** Deliveries of one network address in a minute that reach no pipeline or prove nothing; more are refused unseen. */
  readonly hookFailuresPerMinute: number;
  /** One body for a route of a plugin, in bytes, packed and unpacked. */
  readonly pluginRouteBytes: number;
  /** Requests of one secret key, session or network address to the routes of one plugin in a minute, in one process. */
  readonly pluginRoutesPerMinute: number;
  /** Requests with one write key to the routes of one plugin in a minute, in one process: all visitors of an application share it. */
  readonly writeKeyRoutesPerMinute: number;
  /** Requests of one key or session to the API in a minute. */
  readonly apiPerMinute: number;
  /** Streams of server-sent events of one tenant at once. */
  readonly streamsPerTenant: number;
}

/** The bounds unless told otherwise. */
export const DEFAULT_LIMITS: ServerLimits = Object.freeze({
  eventBytes: 32 * 1024,
  batchBytes: 500 * 1024,
  apiBytes: 1024 * 1024,
  ingestWaitingBytes: 64 * 1024 * 1024,
  hookBytes: 256 * 1024,
  hooksPerMinute: 600_000,
  hookFailuresPerMinute: 120,
  pluginRouteBytes: 256 * 1024,
  pluginRoutesPerMinute: 1_200,
  writeKeyRoutesPerMinute: 600_000,
  apiPerMinute: 1_200,
  streamsPerTenant: 20,
});

/** What arrived at the local mail sink and at the vendors' sandboxes, to be looked at. Lists are newest first. */
export interface SandboxView {
  mails(): Promise<readonly SandboxMail[]>;
  mail(id: string): Promise<SandboxMailDetail | undefined>;
  /** Changes that a service's sandbox made, as distinct from requests that it got. */
  effects(service: string): Promise<readonly SandboxEffect[]>;
  services(): Promise<readonly string[]>;
  /** What reached each service, and the mail sink as `smtp`. Left out by sandboxes that do not count. */
  counts?(): Promise<readonly SandboxCount[]>;
}

/** What reached one service: counted apart, since a repeated request with the same key has no second effect. */
export interface SandboxCount {
  readonly service: string;
  readonly requests: number;
  readonly effects: number;
  readonly keys: number;
}

/** One mail of the sink. */
export interface SandboxMail {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
}

/** One mail with its parts. */
export interface SandboxMailDetail extends SandboxMail {
  readonly headers: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly html?: string;
}

/** One change at a vendor's sandbox. */
export interface SandboxEffect {
  readonly id: string;
  readonly service: string;
  /** What was done: `lead.created`, `contact.updated`. */
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What tells the record at the service. */
  readonly key?: string;
  readonly value: JsonObject;
}
