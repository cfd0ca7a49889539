import type { Identities, LoggedEvent, Permit } from '@tendril/plugin-api';
import type { GovernorService } from '../hub.ts';
import type { Change, TableSpec } from '../ports.ts';

/** Why something was held back. */
export type HoldReason = 'paused' | 'suppressed' | 'no_consent' | 'no_address' | 'cap_of_tenant' | 'cap_of_person' | 'budget';

/** What a reservation is for, whichever kind. */
interface Occasion {
  readonly tenantId: string;
  /** The same for every attempt at one effect: it is counted once. */
  readonly idempotencyKey: string;
  readonly action: string;
  readonly isTest: boolean;
  readonly hops: number;
  readonly causedBy?: LoggedEvent['causedBy'];
  readonly requestId?: string;
}

/** A message to one person. */
export interface SendRequest extends Occasion {
  readonly channel: string;
  readonly purpose: string;
  readonly personId: string;
  /** From the person's profile; missing when it has none. */
  readonly address: string | undefined;
  /** Former ids of the person, from before people were found to be one, and further addresses: none of them may be suppressed. */
  readonly aliases?: readonly string[];
  /** What the person refused: purposes, categories and channels. */
  readonly refused?: readonly string[];
  /** For the events about it. */
  readonly identities?: Identities;
}

/** Money about to be spent. */
export interface SpendRequest extends Occasion {
  /** In the currency's smallest unit, a whole number from 0. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** Leave for one effect: counted until it is settled or released. */
export interface Reservation {
  /** Of sends. */
  readonly permit?: Permit;
  /** What records that the effect took place, to be committed with the step. */
  readonly settlement: () => readonly Change[];
  /**
   * Takes the count back: the effect of this attempt certainly did not take place. Nothing happens when an earlier attempt
   * had the reservation already, since nobody knows what came of that. Safe to call twice.
   */
  readonly release: () => Promise<void>;
}

/** The one way out to people and money. */
export interface Governor {
  /**
   * Reads pause, suppression and caps now, and counts in the same changeset.
   *
   * @throws TendrilError ACTION_HELD_BACK with `reason` and, where it is known, `until` in epoch milliseconds
   */
  reserveSend(request: SendRequest): Promise<Reservation>;
  /** @throws TendrilError ACTION_HELD_BACK, INPUT_INVALID when the amount is no whole number from 0 */
  reserveSpend(request: SpendRequest): Promise<Reservation>;
  service(tenantId: string): GovernorService;
  readonly tables: readonly TableSpec[];
}
