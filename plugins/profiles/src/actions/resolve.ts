import type { ActionHandler, Call } from '@tendril/plugin-api';
import type { FindInput, IdentitiesRow, ResolveInput, ResolveOutput, Settings } from '../gen/manifest.gen.ts';
import { identityKey, identityOf } from '../identity.ts';
import { loadIdentityRules } from '../identity-rules.ts';
import type { IdentityRules } from '../identity-rules.ts';
import { normalise } from '../mentions.ts';

/**
 * Ids of many people at once, each by the strongest of its identities that anybody has. Nearly all are known by their first:
 * the others are asked for only of those who are not.
 */
export const resolve: ActionHandler<ResolveInput, ResolveOutput, Settings> = async ({ people }, call) => {
  const rules = await loadIdentityRules(call.settings);
  const candidates = people.map((person) => keysOf(person, rules));
  const idsByKey = await askFor(
    candidates.map(([first]) => first),
    call,
  );
  const others = candidates.flatMap(([first, ...rest]) => (first !== undefined && idsByKey.get(first) === undefined ? rest : []));
  for (const [key, id] of await askFor(
    others.filter((key) => !idsByKey.has(key)),
    call,
  ))
    idsByKey.set(key, id);
  return { ids: candidates.map((list) => list.map((key) => idsByKey.get(key)).find((id) => id !== undefined) ?? null) };
};

async function askFor(wanted: readonly (string | undefined)[], call: Call<Settings>): Promise<Map<string, string | undefined>> {
  const keys = [...new Set(wanted.filter((key) => key !== undefined))];
  const rows = keys.length === 0 ? [] : await call.table<IdentitiesRow>('identities').getMany(keys);
  return new Map(keys.map((key, index) => [key, personOf(rows[index]?.value)]));
}

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
