import type { Json, LoggedEvent } from '@tendril/plugin-api';
import type { ActionPath } from './actions/contract.ts';
import type { ResolvePeople } from './events/index.ts';

/** The capability that finds out who events are about. */
const RESOLVE = 'people.resolve@1';
/** What one question may hold. */
const PEOPLE_AT_ONCE = 5_000;

/** Asks the plugin that provides `people.resolve@1`; where none is enabled nobody is known. */
export function createResolvePeople(actions: () => ActionPath): ResolvePeople {
  return async (tenantId, events) => {
    const nobody = events.map(() => undefined);
    if ((await actions().find(tenantId, RESOLVE)) === undefined) return nobody;
    const wanted = events.map(keyOf);
    const people = [...new Set(wanted.filter((key) => key !== undefined))];
    const idsByKey = new Map<string, string>();
    for (let start = 0; start < people.length; start += PEOPLE_AT_ONCE) {
      const some = people.slice(start, start + PEOPLE_AT_ONCE);
      const ids = await ask(actions(), tenantId, some, events[0]);
      for (const [i, key] of some.entries()) {
        const id = ids[i];
        if (typeof id === 'string') idsByKey.set(key, id);
      }
    }
    return wanted.map((key) => (key === undefined ? undefined : idsByKey.get(key)));
  };
}

/**
 * Events of one batch are mostly of few people: each is asked for once. Who is not logged in may say an address, which tells
 * people of one device apart.
 */
function keyOf({ kind, identities: { userId, anonymousId }, traits }: LoggedEvent): string | undefined {
  if (userId !== undefined) return JSON.stringify({ userId, anonymousId });
  if (anonymousId === undefined) return undefined;
  const email = kind === 'group' || !Object.hasOwn(traits, 'email') ? undefined : traits['email'];
  return JSON.stringify(typeof email === 'string' ? { anonymousId, email } : { anonymousId });
}

async function ask(
  actions: ActionPath,
  tenantId: string,
  people: readonly string[],
  first: LoggedEvent | undefined,
): Promise<readonly Json[]> {
  const { output } = await actions.execute({
    tenantId,
    name: RESOLVE,
    input: { people: people.map((key) => JSON.parse(key) as Json) },
    idempotencyKey: `resolve-${first?.position ?? 0}`,
    attempt: 1,
    caller: { kind: 'hub' },
    isTest: false,
  });
  const { ids } = output as { readonly ids: readonly Json[] };
  return ids;
}
