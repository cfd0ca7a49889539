import { TendrilError } from '@tendril/plugin-api';
import type { Call } from '@tendril/plugin-api';
import { personOf } from '../actions/resolve.ts';
import type { IdentitiesRow, Settings } from '../gen/manifest.gen.ts';
import { identityKey, identityOf } from '../identity.ts';
import { readPerson, toProfile } from '../profile.ts';

/** Whom a decision is for, by one of these; the first that is known counts. */
export interface Asked {
  readonly person?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
}

/** What rules read of a person. */
export interface PersonFacts {
  readonly id: string;
  readonly profile: ReturnType<typeof toProfile>;
  /** Under these ids the person was shown things: its own, and those of what was joined to it. */
  readonly parts: readonly string[];
}

/** What is known of a person now; `undefined` for nobody. */
export async function readFacts({ person, userId, anonymousId }: Asked, call: Call<Settings>): Promise<PersonFacts | undefined> {
  const known =
    person ?? (await identify({ ...(userId !== undefined && { userId }), ...(anonymousId !== undefined && { anonymousId }) }, call));
  if (known === undefined) return undefined;
  try {
    const { value } = await readPerson(known, call);
    return { id: value.id, profile: toProfile(value), parts: [...new Set([value.id, ...value.parts.map(({ id }) => id)])] };
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** Tells people apart who are not known: the identity that was asked for. */
export function nameOf({ person, userId, anonymousId }: Asked): string {
  if (person !== undefined) return person;
  return userId === undefined ? `anonymousId:${String(anonymousId)}` : `userId:${userId}`;
}

/** By these two there is nothing to be normalised, so that the settings of identities need not be read. */
async function identify({ userId, anonymousId }: Omit<Asked, 'person'>, call: Call<Settings>): Promise<string | undefined> {
  const identities = [
    ...(userId === undefined ? [] : [identityOf('userId', userId)]),
    ...(anonymousId === undefined ? [] : [identityOf('anonymousId', anonymousId)]),
  ];
  const rows = await call.table<IdentitiesRow>('identities').getMany(identities.map(identityKey));
  return rows.map((row) => personOf(row?.value)).find((id) => id !== undefined);
}
