import type { ActionHandler } from '@tendril/plugin-api';
import type { FindInput, IdentitiesRow, ResolveInput, ResolveOutput, Settings } from '../gen/manifest.gen.ts';
import { identityKey, identityOf } from '../identity.ts';
import { loadIdentityRules } from '../identity-rules.ts';
import type { IdentityRules } from '../identity-rules.ts';
import { normalise } from '../mentions.ts';

/** Ids of many people at once, each by the strongest of its identities that anybody has. One question to the store. */
export const resolve: ActionHandler<ResolveInput, ResolveOutput, Settings> = async ({ people }, call) => {
  const rules = await loadIdentityRules(call.settings);
  const candidates = people.map((person) => keysOf(person, rules));
  const keys = [...new Set(candidates.flat())];
  const rows = keys.length === 0 ? [] : await call.table<IdentitiesRow>('identities').getMany(keys);
  const idsByKey = new Map(keys.map((key, index) => [key, personOf(rows[index]?.value)]));
  return { ids: candidates.map((list) => list.map((key) => idsByKey.get(key)).find((id) => id !== undefined) ?? null) };
};

/** Keys of what is said of one person, best first. */
export function keysOf(said: FindInput, rules: IdentityRules): readonly string[] {
  const { userId, anonymousId, deviceId, externalId } = said;
  const identities = [
    ...named('userId', userId),
    ...named('email', said.email === undefined ? undefined : normalise('email', said.email, rules)),
    ...named('phone', said.phone === undefined ? undefined : normalise('phone', said.phone, rules)),
    ...named('anonymousId', anonymousId),
    ...named('device', deviceId),
    ...(externalId === undefined
      ? []
      : [identityOf(`external.${externalId.type}`, externalId.id), identityOf(externalId.type, externalId.id)]),
  ];
  const priorityOf = (identity: string): number => rules.ruleOf(identity)?.priority ?? Infinity;
  return identities.toSorted((left, right) => priorityOf(left) - priorityOf(right)).map(identityKey);
}

function named(kind: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [identityOf(kind, value)];
}

/** A shared identity is that of nobody, unless something was done under it alone. */
export function personOf(row: IdentitiesRow | undefined): string | undefined {
  return row?.isShared === true ? row.alone : row?.person;
}
