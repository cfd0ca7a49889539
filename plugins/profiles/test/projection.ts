import type { LoggedEvent } from '@tendril/plugin-api';
import { project } from '../src/consumers/project.ts';
import type { LinksRow, PeopleRow, Settings } from '../src/gen/manifest.gen.ts';
import { MERGE_REQUESTED, UNMERGE_REQUESTED } from '../src/hub-facts.ts';
import { createTenant } from './profiles-tenant.ts';
import { eventAt, randomEvents, seeded } from './random-history.ts';

/** Tables of which a replay has to give the same rows. */
export const TABLES = ['people', 'identities', 'trait_history', 'links', 'groups', 'group_members', 'clock'] as const;

/** A tenant to which the events came, in batches cut wherever `sizes` says. */
export async function projected(events: readonly LoggedEvent[], sizeOf: () => number = () => events.length, settings: Settings = {}) {
  const tenant = createTenant<Settings>(settings, events);
  for (let from = 0; from < events.length;) {
    const size = Math.max(1, sizeOf());
    await tenant.run((call) => project(events.slice(from, from + size), call));
    from += size;
  }
  return tenant;
}

/** All rows of all tables. */
export async function stateOf(tenant: ReturnType<typeof createTenant<Settings>>): Promise<Readonly<Record<string, readonly object[]>>> {
  const tables = await Promise.all(TABLES.map(async (name) => [name, await tenant.rows(name)] as const));
  return Object.fromEntries(tables);
}

/** A random history in which people merge and separate others by hand, with what they saw at that moment. */
export async function historyWithMerges(seed: number, count: number): Promise<readonly LoggedEvent[]> {
  const next = seeded(seed * 31 + 7);
  const tenant = createTenant<Settings>({});
  const events: LoggedEvent[] = [];
  const add = async (event: LoggedEvent): Promise<void> => {
    events.push(event);
    await tenant.run((call) => project([event], call));
  };
  for (const event of randomEvents(seed, count)) {
    await add({ ...event, id: `m${String(events.length + 1)}`, position: events.length + 1 });
    const position = events.length + 1;
    if (next(15) === 0) {
      const people = ((await tenant.rows('people')) as readonly PeopleRow[]).filter(({ state }) => state === 'active');
      const [into, from] = [people[next(people.length)], people[next(people.length)]];
      if (into === undefined || from === undefined) continue;
      const properties = { link: `by-hand-${String(position)}`, into: into.id, from: from.id, by: next(3) === 0 ? 'rule' : 'person' };
      await add(eventAt(position, { kind: 'hub', name: MERGE_REQUESTED, properties }));
    } else if (next(12) === 0) {
      const links = ((await tenant.rows('links')) as readonly LinksRow[]).filter(({ isUndone }) => !isUndone);
      const link = links[next(Math.max(links.length, 1))];
      if (link !== undefined) await add(eventAt(position, { kind: 'hub', name: UNMERGE_REQUESTED, properties: { link: link.id } }));
    } else if (next(30) === 0) {
      const people = (await tenant.rows('people')) as readonly PeopleRow[];
      const person = people[next(people.length)]?.id ?? '';
      const name = next(3) === 0 ? 'tendril.unsuppressed' : 'tendril.unsubscribed';
      await add(eventAt(position, { kind: 'hub', name, properties: { channel: 'email', person } }));
    }
  }
  return events;
}
