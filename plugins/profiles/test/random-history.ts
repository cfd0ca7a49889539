import type { EventKind, Identities, JsonObject, LoggedEvent } from '@tendril/plugin-api';

const START = Date.UTC(2026, 0, 1);

/** Numbers that are the same for the same seed. */
export function seeded(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** What an event of a test is made of. */
export interface Given {
  readonly kind: EventKind;
  readonly name?: string;
  readonly identities?: Identities;
  readonly traits?: JsonObject;
  readonly properties?: JsonObject;
  readonly context?: JsonObject;
  /** Minutes after the beginning; the position unless told. */
  readonly minute?: number;
  /** When it was received, likewise; when it happened unless told. */
  readonly receivedMinute?: number;
}

/** An event at a place in the log. */
export function eventAt(position: number, given: Given): LoggedEvent {
  const { kind, identities = {}, traits = {}, properties = {}, context = {}, minute = position, receivedMinute = minute } = given;
  return {
    id: `m${String(position)}`,
    position,
    kind,
    name: given.name ?? (kind === 'track' ? 'Something Done' : `$${kind}`),
    appId: 'app',
    isTest: false,
    occurredAt: START + minute * 60_000,
    receivedAt: START + receivedMinute * 60_000,
    identities,
    properties,
    traits,
    context,
    isImported: false,
    hops: 0,
  };
}

/** A few people with users, devices, addresses, phones, groups and consent, all mixed up, some of it late; without the hub's facts. */
export function randomEvents(seed: number, count: number): readonly LoggedEvent[] {
  const next = seeded(seed);
  const maybe = <Value>(inMany: number, value: () => Value): Value | undefined => (next(inMany) === 0 ? value() : undefined);
  return Array.from({ length: count }, (_, index) => {
    const person = next(8);
    const kind = (['track', 'identify', 'identify', 'page', 'group', 'alias'] as const)[next(40) === 0 ? 5 : next(5)] ?? 'track';
    const identities = defined({
      userId: maybe(2, () => `u${String(person)}`),
      anonymousId: maybe(2, () => `a${String(next(12))}`),
      groupId: kind === 'group' ? `g${String(next(3))}` : undefined,
      previousId: kind === 'alias' ? `u${String(next(8))}` : undefined,
    });
    const traits = defined({
      plan: maybe(2, () => ['free', 'pro', 'team'][next(3)] ?? ''),
      city: maybe(3, () => `c${String(next(3))}`),
      email: kind === 'identify' ? maybe(3, () => `p${String(next(10))}@x.invalid`) : undefined,
      phone: kind === 'identify' ? maybe(4, () => `+4930123456${String(next(6))}`) : undefined,
    });
    const consent = maybe(6, () => ({ categoryPreferences: { Ads: next(2) === 0 } }));
    const device = maybe(5, () => ({ id: `d${String(next(5))}` }));
    const isSomebody = identities['userId'] !== undefined || identities['anonymousId'] !== undefined;
    return eventAt(index + 1, {
      kind,
      identities: isSomebody ? identities : { ...identities, anonymousId: `a${String(next(12))}` },
      traits,
      context: defined({ consent, device }) as JsonObject,
      minute: next(10) === 0 ? next(index + 1) : index + 1,
    });
  });
}

function defined<Value>(object: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(object).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
