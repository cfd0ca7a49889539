import type { LoggedEvent } from '@tendril/plugin-api';
import type { ResolvePeople } from '../contract.ts';

/** So many events of a tenant, the latest that were asked about: followers that keep up are not further apart. */
const MOST_PER_TENANT = 20_000;
const MOST_TENANTS = 200;

interface Known {
  /** By position, oldest question first. */
  readonly ids: Map<number, string>;
  last: Promise<unknown>;
}

/**
 * Lets the followers of one log share what was found out about an event: several come after profiles, and each would ask the
 * same. They ask one after another, so that the first one's answer serves those who wake with it. An id that was merged away
 * meanwhile leads on to the person that it became part of; that nobody was found is not kept.
 */
export function shareResolvedPeople(resolve: ResolvePeople): ResolvePeople {
  const tenants = new Map<string, Known>();

  function knownOf(tenantId: string): Known {
    const known = tenants.get(tenantId) ?? { ids: new Map<number, string>(), last: Promise.resolve() };
    tenants.delete(tenantId);
    tenants.set(tenantId, known);
    const [oldest] = tenants.keys();
    if (tenants.size > MOST_TENANTS && oldest !== undefined) tenants.delete(oldest);
    return known;
  }

  async function answer(tenantId: string, { ids }: Known, events: readonly LoggedEvent[]): Promise<readonly (string | undefined)[]> {
    const unknown = events.filter(({ position }) => !ids.has(position));
    const found = unknown.length === 0 ? [] : await resolve(tenantId, unknown);
    const fresh = new Map(unknown.map(({ position }, index) => [position, found[index]]));
    const answers = events.map(({ position }) => fresh.get(position) ?? ids.get(position));
    for (const [position, id] of fresh) if (id !== undefined) ids.set(position, id);
    for (const position of ids.keys()) {
      if (ids.size <= MOST_PER_TENANT) break;
      ids.delete(position);
    }
    return answers;
  }

  return (tenantId, events) => {
    const known = knownOf(tenantId);
    const asked = known.last.then(() => answer(tenantId, known, events));
    known.last = asked.catch(() => undefined);
    return asked;
  };
}
