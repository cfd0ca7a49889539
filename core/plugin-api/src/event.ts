import type { JsonObject } from './json.ts';

/** What kind of call brought the event: the tracking API's own words, or `hub` for what Tendril itself reports. */
export type EventKind = 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias' | 'hub';

/** Whom an event is about, as the application knows them. At least one member is there, except on `hub` events without a person. */
export interface Identities {
  readonly userId?: string;
  readonly anonymousId?: string;
  /** For `group` calls: the group's id. */
  readonly groupId?: string;
  /** For `alias` calls: the id that the person had before. */
  readonly previousId?: string;
}

/** A fact of the log: immutable, with a unique message id. */
export interface LoggedEvent {
  /** The message id, unique in the tenant. */
  readonly id: string;
  /** Its place in the tenant's log, from 1, without gaps for a reader. */
  readonly position: number;
  readonly kind: EventKind;
  /** The application's own name of a `track` event; `$identify`, `$page`, `$screen`, `$group`, `$alias` for the other kinds; `tendril.*` for `hub`. */
  readonly name: string;
  readonly appId: string;
  /** From a test app: may reach sandboxes and the local mail sink only. */
  readonly isTest: boolean;
  /** When it happened, corrected by `sentAt`, in epoch milliseconds. */
  readonly occurredAt: number;
  /** When the hub took it in, in epoch milliseconds. */
  readonly receivedAt: number;
  readonly identities: Identities;
  readonly properties: JsonObject;
  /** Of `identify` and `group`: what is said of the person or group; `context.traits` otherwise. */
  readonly traits: JsonObject;
  readonly context: JsonObject;
  /** Imported or replayed: starts no run unless the trigger asks for such. */
  readonly isImported: boolean;
  /** What caused it, where another event or a run did. */
  readonly causedBy?: { readonly eventId?: string; readonly runId?: string; readonly decisionId?: string };
  /** Length of the chain of causes, 0 for an application's own event, at most 16. */
  readonly hops: number;
  /** The request that brought it, for following it through logs and runs. */
  readonly requestId?: string;
  /** For consumers that declare `after: profiles`: the profile that the event belongs to at this position. */
  readonly profileId?: string;
}

/** An event that a handler adds to the log. Its message id is derived from its cause, so that a repeated handler adds it once. */
export interface EmittedEvent {
  /** Must be among the manifest's `permissions.events.write`. */
  readonly name: string;
  readonly identities?: Identities;
  readonly properties?: JsonObject;
  readonly traits?: JsonObject;
  /** Tells several events of one handler run with the same name apart. */
  readonly discriminator?: string;
}
