import type { ErrorCode } from './catalogue.ts';
import type { LoggedEvent } from './event.ts';
import type { JsonObject } from './json.ts';
import type { Page } from './tables.ts';

/** Which part of the log to read. */
export interface EventRange {
  /** Exclusive; from the beginning unless told. */
  readonly after?: number;
  /** Inclusive; to the end unless told. */
  readonly upTo?: number;
  /** Events to look at, at most 2,000; 500 unless told. */
  readonly limit?: number;
  /** Only these names. */
  readonly names?: readonly string[];
}

/** A stretch of the log. */
export interface EventStretch {
  /** In position order; fewer than were looked at where names or permissions left some out. */
  readonly items: readonly LoggedEvent[];
  /** How far was looked: the next `after`. */
  readonly position: number;
  /** Nothing is behind `position`, up to `upTo`. */
  readonly isEnd: boolean;
}

/** What became of one call that was taken in. */
export type TakenIn =
  | { readonly status: 'accepted' | 'duplicate'; readonly messageId: string; readonly position: number }
  /** Kept with its reason, to be replayed once the event's schema is mended. */
  | { readonly status: 'quarantined'; readonly messageId: string; readonly reason: string }
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly reason: string };

/** A pipeline in force that events of some name start. */
export interface StartedPipeline {
  readonly id: string;
  /** It starts nothing until it is resumed. */
  readonly isPaused: boolean;
}

/** The tenant's log, limited to `permissions.events`. */
export interface EventAccess {
  /** Events of one person by any of the given identities (`userId:…`, `anonymousId:…`), newest first. */
  ofPerson(identities: readonly string[], options?: { readonly limit?: number; readonly cursor?: string }): Promise<Page<LoggedEvent>>;
  /** A stretch of the log, in order: for what has to look at what happened before it was there. Without `profileId`. */
  read(range?: EventRange): Promise<EventStretch>;
  /** The last position, 0 when nothing has happened. */
  head(): Promise<number>;
  /**
   * Takes in calls of the tracking API (`{ type: 'identify', messageId, userId, traits, … }`), at most 1,000, on disk when it
   * resolves: outside the changeset, and for that reason each with a `messageId` derived from its cause, by which a repeated one is
   * dropped. Names must be among `permissions.events.write`, `$identify` and the like for calls that have none. Not in `read` actions.
   *
   * @returns in the order of the calls
   * @throws TendrilError PERMISSION_DENIED, INPUT_INVALID, OVERLOADED; then nothing was taken in
   */
  ingest(calls: readonly JsonObject[], options?: { readonly isImport?: boolean }): Promise<readonly TakenIn[]>;
  /**
   * Pipelines in force that events of a name start, paused ones too: whether anybody does what the plugin asks for by an event of its
   * own. Those of production; of every environment in what a test app caused. The name must be among `permissions.events.write`.
   *
   * @throws TendrilError PERMISSION_DENIED
   */
  pipelinesStartedBy(name: string): Promise<readonly StartedPipeline[]>;
}
