import type { ActionHandler } from '@tendril/plugin-api';
import type { IdentitiesRow, ResolveInput, ResolveOutput, Settings } from '../gen/manifest.gen.ts';
import { identityKey, identityOf, normaliseEmail } from '../identity.ts';

/** Ids of many people at once: by userId, else by anonymousId, else by e-mail. One question to the store. */
export const resolve: ActionHandler<ResolveInput, ResolveOutput, Settings> = async ({ people }, call) => {
  const candidates = people.map(keysOf);
  const keys = [...new Set(candidates.flat())];
  const rows = keys.length === 0 ? [] : await call.table<IdentitiesRow>('identities').getMany(keys);
  const idsByKey = new Map(keys.map((key, index) => [key, rows[index]?.value.person]));
  return { ids: candidates.map((list) => list.map((key) => idsByKey.get(key)).find((id) => id !== undefined) ?? null) };
};

/** Keys of what is said of one person, best first. */
export function keysOf({ userId, anonymousId, email }: ResolveInput['people'][number]): readonly string[] {
  const address = normaliseEmail(email);
  return [
    ...(userId === undefined ? [] : [identityOf('userId', userId)]),
    ...(anonymousId === undefined ? [] : [identityOf('anonymousId', anonymousId)]),
    ...(address === undefined ? [] : [identityOf('email', address)]),
  ].map(identityKey);
}
