import type { RunningHub } from '../support/start-hub.ts';

const ORDER = 'Fault Order';
/** What makes somebody a member, as the plugin is told and as it is worked out here. */
const SEGMENTS: Readonly<Record<string, { readonly condition: string; readonly holds: (orders: readonly number[]) => boolean }>> = {
  fault_buyers: { condition: `count("${ORDER}") >= 2`, holds: (orders) => orders.length >= 2 },
  fault_spenders: { condition: `sum("${ORDER}", "total") >= 50.0`, holds: (orders) => orders.reduce((sum, total) => sum + total, 0) >= 50 },
  fault_best: {
    condition: `in_segment("fault_buyers") && profile.traits.plan == "pro"`,
    holds: (orders) => orders.length >= 2,
  },
};
const PEOPLE = 3;

/** An event of the log, as far as it matters here. */
export interface CustomerEvent {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly identities?: { readonly userId?: string; readonly anonymousId?: string };
  readonly properties: {
    readonly total?: number;
    readonly segment?: string;
    readonly link?: string;
    readonly into?: string;
    readonly from?: string;
  };
}

/** People who buy, are recognised, merged by hand and taken apart again, while the hub dies. */
export interface Customers {
  /** Defines the segments. */
  prepare(hub: RunningHub): Promise<void>;
  run(hub: RunningHub, round: number, isOver: () => boolean): Promise<void>;
  /** What of people and segments is not as the log says, as sentences. */
  problems(hub: RunningHub, events: readonly CustomerEvent[]): Promise<readonly string[]>;
}

/** Nothing is sent before `prepare`. */
export function createCustomers(): Customers {
  const names: string[] = [];
  const pairs: (readonly [string, string])[] = [];

  async function buy(hub: RunningHub, name: string, index: number): Promise<void> {
    names.push(name);
    const anonymousId = `device-${name}`;
    const userId = `customer-${name}`;
    const order = (number: number, who: object): object => ({
      type: 'track',
      messageId: `order-${name}-${String(number)}`,
      event: ORDER,
      properties: { total: 10 + 5 * number + index },
      ...who,
    });
    const batches = [
      [order(1, { anonymousId })],
      [{ type: 'identify', messageId: `known-${name}`, userId, anonymousId, traits: { plan: 'pro', email: `${name}@example.invalid` } }],
      [order(2, { userId }), ...(index % 3 === 0 ? [order(3, { anonymousId })] : [])],
    ];
    // Each may be delivered twice; whoever is not answered does not know.
    for (const batch of batches) for (let time = 0; time < 1 + (index % 2); time += 1) await hub.send(batch).catch(() => 0);
  }

  /** Joins two who are both identified, which nothing but a person does, and takes every other pair apart again. */
  async function decide(hub: RunningHub, round: number): Promise<void> {
    const [left, right] = [`${String(round)}-0`, `${String(round)}-1`];
    pairs.push([left, right]);
    try {
      const [into, from] = await Promise.all([findPerson(hub, left), findPerson(hub, right)]);
      if (into === undefined || from === undefined || into.id === from.id) return;
      const merged = await act<{ link: string }>(hub, 'profiles.merge', { into: into.id, from: from.id }, `merge-${String(round)}`);
      if (round % 2 === 0 && merged !== undefined) await act(hub, 'profiles.unmerge', { link: merged.link }, `unmerge-${String(round)}`);
    } catch {
      // It died meanwhile: what was asked for is in the log, or was not.
    }
  }

  return {
    async prepare(hub) {
      for (const [name, { condition }] of Object.entries(SEGMENTS))
        await act(hub, 'profiles.segment_save', { name, condition }, `define-${name}`);
    },
    async run(hub, round, isOver) {
      await Promise.all(
        Array.from({ length: PEOPLE }, async (_, index) => {
          if (!isOver()) await buy(hub, `${String(round)}-${String(index)}`, index + round);
        }),
      );
      if (!isOver()) await decide(hub, round);
    },
    async problems(hub, events) {
      const ordersBy = ordersByKey(events);
      const undone = new Set(
        events.filter(({ name }) => name === 'tendril.profiles.unmerge_requested').map(({ properties }) => properties.link),
      );
      const links = events.filter(({ name, properties }) => name === 'tendril.profiles.merge_requested' && !undone.has(properties.link));
      const found: string[] = [];
      if (!events.some(({ name }) => name === 'tendril.segment.entered')) found.push('nobody came into a segment');
      for (const name of names) {
        const keys = keysOf(name);
        const person = await findPerson(hub, name);
        if (person === undefined) {
          if (events.some((event) => event.id === `known-${name}`)) found.push(`${name}: the person is not there`);
          continue;
        }
        const others = pairs.flatMap((pair) => (pair[0] === name ? [pair[1]] : pair[1] === name ? [pair[0]] : []));
        const isLinked = links.some(({ properties: { into = '', from = '' } }) => [into, from].some((id) => person.aliases.includes(id)));
        for (const other of others) {
          const same = (await findPerson(hub, other))?.id === person.id;
          if (same !== isLinked)
            found.push(`${name} and ${other}: ${same ? '' : 'not '}one person, which the log does ${same ? 'not ' : ''}say`);
        }
        const orders = [...keys, ...(isLinked ? others.flatMap(keysOf) : [])].flatMap((key) => ordersBy.get(key) ?? []);
        for (const [segment, { holds }] of Object.entries(SEGMENTS)) {
          const isIn = person.segments.includes(segment);
          if (isIn !== holds(orders)) found.push(`${name}: ${isIn ? '' : 'not '}in ${segment} with orders ${orders.join()}`);
          const entered = events.filter(
            (event) =>
              event.name === 'tendril.segment.entered' && event.properties.segment === segment && keys.includes(keyOf(event) ?? ''),
          );
          if (others.length === 0 && entered.length !== (holds(orders) ? 1 : 0))
            found.push(`${name}: ${String(entered.length)} times reported as entered in ${segment}`);
        }
      }
      return found;
    },
  };
}

function keysOf(name: string): readonly string[] {
  return [`userId:customer-${name}`, `anonymousId:device-${name}`];
}

function keyOf({ identities }: CustomerEvent): string | undefined {
  if (identities?.userId !== undefined) return `userId:${identities.userId}`;
  return identities?.anonymousId === undefined ? undefined : `anonymousId:${identities.anonymousId}`;
}

function ordersByKey(events: readonly CustomerEvent[]): ReadonlyMap<string, readonly number[]> {
  const orders = new Map<string, number[]>();
  for (const event of events) {
    const key = keyOf(event);
    if (event.name !== ORDER || key === undefined) continue;
    orders.set(key, [...(orders.get(key) ?? []), event.properties.total ?? 0]);
  }
  return orders;
}

interface Found {
  readonly id: string;
  readonly segments: readonly string[];
  readonly aliases: readonly string[];
}

async function findPerson(hub: RunningHub, name: string): Promise<Found | undefined> {
  const output = await act<{ person: Found | null }>(hub, 'profiles.find', { userId: `customer-${name}` });
  return output?.person ?? undefined;
}

async function act<Output>(hub: RunningHub, action: string, input: object, key?: string): Promise<Output | undefined> {
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  const { output } = await hub.api<{ output?: Output }>('POST', `/v1/actions/${action}`, { input }, headers);
  return output;
}
