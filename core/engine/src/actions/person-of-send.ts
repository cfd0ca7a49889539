import type { JsonObject } from '@tendril/plugin-api';

/** What a message is for, where its action does not say. */
export const USUAL_PURPOSE = 'marketing';
/** A person of more parts or addresses than a store can be asked for at once is not made by itself. */
const MOST_ALIASES = 1_000;

/** All ids under which the person was known, and all its addresses: who is held back under one of them is held back. */
export function aliasesOf(profile: JsonObject): readonly string[] {
  const addresses = textsIn(profile['identities']).flatMap((identity) => /^(?:email|phone):(.+)$/s.exec(identity)?.[1] ?? []);
  return [...textsIn(profile['aliases']), ...addresses].slice(0, MOST_ALIASES);
}

/** What a profile says was refused: purposes, categories and channels. */
export function refusedBy(profile: JsonObject): readonly string[] {
  const consent = profile['consent'];
  if (typeof consent !== 'object' || consent === null) return [];
  return Object.entries(consent).flatMap(([what, word]) => (word === 'denied' ? [what] : []));
}

/** The texts of a list; none where it is no list. */
export function textsIn(value: JsonObject[string] | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
