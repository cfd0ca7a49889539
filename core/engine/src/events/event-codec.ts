import type { LoggedEvent } from '@tendril/plugin-api';
import type { NewEvent, StoredEvent } from '../ports.ts';

/** An event that has no place in the log yet. */
export type UnplacedEvent = Omit<LoggedEvent, 'position' | 'profileId'>;

/** What is left out of a payload when it is empty or as usual. */
type Omitted = 'isTest' | 'identities' | 'properties' | 'traits' | 'context' | 'isImported' | 'hops';

const NOTHING = Object.freeze({});

/** The payload of an event. What is empty or as usual is left out. */
export function encodeEvent(event: UnplacedEvent): string {
  const {
    id,
    kind,
    name,
    appId,
    isTest,
    occurredAt,
    receivedAt,
    identities,
    properties,
    traits,
    context,
    isImported,
    causedBy,
    hops,
    requestId,
  } = event;
  return JSON.stringify({
    id,
    kind,
    name,
    appId,
    isTest: isTest ? true : undefined,
    occurredAt,
    receivedAt,
    identities,
    properties: properties === NOTHING ? undefined : properties,
    traits: traits === NOTHING ? undefined : traits,
    context: context === NOTHING ? undefined : context,
    isImported: isImported ? true : undefined,
    causedBy,
    hops: hops === 0 ? undefined : hops,
    requestId,
  });
}

/** Back from the log. */
export function decodeEvent(stored: StoredEvent): LoggedEvent {
  const event = JSON.parse(stored.payload) as Omit<UnplacedEvent, Omitted> & Partial<Pick<UnplacedEvent, Omitted>>;
  return placeEvent(
    {
      ...event,
      isTest: event.isTest ?? false,
      identities: event.identities ?? NOTHING,
      properties: event.properties ?? NOTHING,
      traits: event.traits ?? NOTHING,
      context: event.context ?? NOTHING,
      isImported: event.isImported ?? false,
      hops: event.hops ?? 0,
    },
    stored.position,
  );
}

/** The event at its place. */
export function placeEvent(event: UnplacedEvent, position: number): LoggedEvent {
  return { ...event, position };
}

/** What the log appends. */
export function toNewEvent(event: UnplacedEvent): NewEvent {
  const { id, kind, name, appId, occurredAt, receivedAt } = event;
  const person = personOf(event.identities);
  const base = { messageId: id, kind, name, appId, occurredAt, receivedAt, payload: encodeEvent(event) };
  return person === undefined ? base : { ...base, person };
}

/** `userId:…` or `anonymousId:…`: by whom the log finds the events of a person. */
export function personOf(identities: LoggedEvent['identities']): string | undefined {
  if (identities.userId !== undefined) return `userId:${identities.userId}`;
  return identities.anonymousId === undefined ? undefined : `anonymousId:${identities.anonymousId}`;
}

/** Shared by all events that have no members of a kind, so that it costs nothing to keep or to leave out. */
export function orNothing<Value extends object>(value: Value | undefined): Value | Readonly<Record<string, never>> {
  return value ?? NOTHING;
}
