import { hash } from 'node:crypto';
import type { Call, JsonObject } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';
import { placeOf } from '../intake/take-in.ts';
import type { Findings } from './ask-providers.ts';
import type { FactField, KnownFact } from './fact.ts';

/** A person, as `people.get@1` gives them. */
export interface Person {
  readonly id: string;
  /** `userId:…`, `anonymousId:…`, strongest first. */
  readonly identities: readonly string[];
  readonly traits: JsonObject;
}

/** What was written and what was left alone. */
export interface Written {
  readonly written: readonly FactField[];
  readonly stated: readonly FactField[];
}

const LEAST_CONFIDENCE = 0.5;
/** What is only for whoever asked, or stands in what was stated already. */
const NOT_WRITTEN: ReadonlySet<FactField> = new Set<FactField>(['phone', 'emailDomain', 'emailSuggestion']);

/**
 * Writes facts as traits of a person, by an event that says where each comes from. What the person has stated is left alone; what an
 * earlier enrichment wrote may change.
 *
 * @param occurredAt when it counts as said, in epoch milliseconds; just before a statement of the person, so that theirs wins
 */
export async function writeFacts({ facts, before }: Findings, person: Person, occurredAt: number, call: Call<Settings>): Promise<Written> {
  const worth = facts.filter(({ field, confidence }) => !NOT_WRITTEN.has(field) && confidence >= LEAST_CONFIDENCE);
  const isStated = ({ field }: KnownFact): boolean => {
    const value = Object.hasOwn(person.traits, field) ? person.traits[field] : undefined;
    if (value === undefined || value === null || value === '') return false;
    return !before.some((known) => known.field === field && known.value === value);
  };
  const stated = worth.filter(isStated).map(({ field }) => field);
  const fresh = worth.filter((fact) => !isStated(fact) && person.traits[fact.field] !== fact.value);
  const identity = identityOf(person);
  if (fresh.length === 0 || identity === undefined) return { written: [], stated };
  const traits = Object.fromEntries(fresh.map(({ field, value }) => [field, value]));
  const provenance = Object.fromEntries(
    fresh.map(({ field, source, confidence, isGuess, evidence }) => [
      field,
      { source, confidence, isGuess, ...(evidence === undefined ? {} : { evidence }) },
    ]),
  );
  const mark = hash('sha256', JSON.stringify([person.id, traits]), 'hex').slice(0, 32);
  const [outcome] = await call.events.ingest([
    {
      type: 'identify',
      messageId: `enrich-${mark}`,
      ...identity,
      timestamp: new Date(occurredAt).toISOString(),
      traits,
      context: { source: 'enrichment', provenance },
    },
  ]);
  placeOf(outcome);
  return { written: fresh.map(({ field }) => field), stated };
}

function identityOf({ identities }: Person): { readonly userId: string } | { readonly anonymousId: string } | undefined {
  for (const kind of ['userId', 'anonymousId'] as const) {
    const found = identities.find((identity) => identity.startsWith(`${kind}:`));
    if (found !== undefined) return { [kind]: found.slice(kind.length + 1) } as { readonly userId: string };
  }
  return undefined;
}
