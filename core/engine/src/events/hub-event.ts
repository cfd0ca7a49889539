import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { NewEvent } from '../ports.ts';
import { orNothing, toNewEvent } from './event-codec.ts';

/** Length of a chain of causes, at most. */
export const MAX_HOPS = 16;

/** An event that Tendril or a plugin reports. */
export interface HubEventInput {
  /** `tendril.…` for the engine's own; for a plugin, a name that it declared. */
  readonly name: string;
  /** What it comes from: a run's end, a step, a batch's position. Names and causes together make the message id, so that the same cause reports once. */
  readonly cause: string;
  /** Tells several events of one cause and name apart. */
  readonly discriminator?: string;
  readonly occurredAt: number;
  readonly isTest: boolean;
  readonly identities?: LoggedEvent['identities'];
  readonly properties?: JsonObject;
  readonly traits?: JsonObject;
  readonly causedBy?: LoggedEvent['causedBy'];
  /** Hops of the event that caused it; without it nothing did, and the chain begins here. */
  readonly causeHops?: number;
  readonly requestId?: string;
  /** `_hub` unless told. */
  readonly appId?: string;
}

/**
 * An event for the outbox (`{ op: 'emit', event }`).
 *
 * @throws TendrilError EVENT_HOPS_EXCEEDED when the chain of causes is longer than 16: a loop to be cut and reported
 */
export function hubEvent(input: HubEventInput): NewEvent {
  const hops = input.causeHops === undefined ? 0 : input.causeHops + 1;
  if (hops > MAX_HOPS) throw new TendrilError('EVENT_HOPS_EXCEEDED', { event: input.name, limit: MAX_HOPS });
  const digest = hash('sha256', JSON.stringify([input.name, input.cause, input.discriminator ?? '']), 'hex');
  return toNewEvent({
    id: `hub_${digest.slice(0, 40)}`,
    kind: 'hub',
    name: input.name,
    appId: input.appId ?? '_hub',
    isTest: input.isTest,
    occurredAt: input.occurredAt,
    receivedAt: input.occurredAt,
    identities: orNothing(input.identities),
    properties: orNothing(input.properties),
    traits: orNothing(input.traits),
    context: orNothing<JsonObject>(undefined),
    isImported: false,
    hops,
    ...(input.causedBy === undefined ? {} : { causedBy: input.causedBy }),
    ...(input.requestId === undefined ? {} : { requestId: input.requestId }),
  });
}
