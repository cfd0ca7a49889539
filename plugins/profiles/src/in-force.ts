import type { PeopleRow } from './gen/manifest.gen.ts';
import type { PartRow } from './part.ts';

/** A trait in force: what was stated last. */
export type TraitInForce = PartRow['traits'][string];

type Parts = readonly Pick<PartRow, 'traits' | 'consent' | 'identities' | 'groups' | 'id'>[];

/** Of each trait the last statement by time, whichever part made it. */
export function traitsInForce(parts: Parts): ReadonlyMap<string, TraitInForce> {
  const inForce = new Map<string, TraitInForce>();
  for (const { traits } of parts) {
    for (const [name, run] of Object.entries(traits)) {
      const known = inForce.get(name);
      if (known === undefined || known.at < run.at || (known.at === run.at && known.source < run.source)) inForce.set(name, run);
    }
  }
  return inForce;
}

/** Of each category the strictest of what the parts said last. */
export function consentInForce(parts: Parts): Readonly<Record<string, 'granted' | 'denied'>> {
  const inForce = new Map<string, 'granted' | 'denied'>();
  for (const { consent } of parts) {
    for (const [category, { isGranted }] of Object.entries(consent ?? {})) {
      if (inForce.get(category) !== 'denied') inForce.set(category, isGranted ? 'granted' : 'denied');
    }
  }
  return Object.fromEntries(inForce);
}

/** Identities of all parts. */
export function identitiesOf({ parts }: Pick<PeopleRow, 'parts'>): readonly string[] {
  return parts.length === 1 ? (parts[0]?.identities ?? []) : parts.flatMap(({ identities }) => identities);
}

/** Groups of all parts, each once. */
export function groupsOf({ parts }: Pick<PeopleRow, 'parts'>): readonly string[] {
  return parts.length === 1 ? (parts[0]?.groups ?? []) : [...new Set(parts.flatMap(({ groups }) => groups))];
}
