import type { LoggedEvent } from '@tendril/plugin-api';
import type { Change, TableSpec, TenantState } from '../ports.ts';

/**
 * A follower of the log. The engine reads batches in position order under a fenced lease, calls `handle`, and commits
 * what it returns together with the cursor's move; a batch whose commit fails on a condition is handled again.
 */
export interface ConsumerDefinition {
  /** `plugin.consumer`, or `_room.name` for the engine's own. */
  readonly id: string;
  /** Never passes the cursor of this one; its events carry `profileId`. */
  readonly after?: string;
  /** At most so many events a batch. */
  readonly batchSize: number;
  /** Only these event names, all without it; the cursor passes the others. */
  readonly names?: readonly string[];
  /**
   * Which of the events concern it, where names alone do not tell; the cursor passes the others. Asked before profiles
   * are found, which is the dearer question. The events come back as they are, in their order.
   */
  select?(tenantId: string, events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]>;
  /** Tables that it makes of the log alone: a rebuild empties them. It cannot be rebuilt without them. */
  readonly derives?: readonly TableSpec[];
  /** `block`: an event set aside makes later ones of the same person wait behind it. `skip`: it does not. */
  readonly onFailure: 'block' | 'skip';
  /** Enabled for this tenant? Asked before each batch; a disabled consumer's cursor stands still. */
  isEnabled(tenantId: string): Promise<boolean>;
  /**
   * @param state what it reads in place of the store: the state as a commit in flight will leave it. Only where it `derives` all that
   * it writes: what it did is then thrown away when that commit fails
   */
  handle(tenantId: string, events: readonly LoggedEvent[], signal: AbortSignal, state?: TenantState): Promise<readonly Change[]>;
}

/** Finds the profile of each event, in their order; `undefined` for events without a person. */
export type ResolvePeople = (tenantId: string, events: readonly LoggedEvent[]) => Promise<readonly (string | undefined)[]>;
