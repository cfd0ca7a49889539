import { hash } from 'node:crypto';
import type { Call } from '@tendril/plugin-api';
import type { DuplicatesRow, PeopleRow, Settings } from '../gen/manifest.gen.ts';
import { MERGE_REQUESTED } from '../hub-facts.ts';
import type { ComparedPeople } from './compared-people.ts';
import type { Evidence } from './evidence.ts';
import { isIdentified, isKeptApart, pairIdOf, stayingOf } from './pair.ts';
import type { Proposals } from './proposals.ts';
import type { PairScore } from './score.ts';
import type { DuplicateSettings } from './settings.ts';

/** A pair that is probably one person. */
export interface Hit {
  readonly people: readonly [string, string];
  readonly score: PairScore;
  readonly evidence: readonly Evidence[];
}

/** What is at hand when pairs are settled. */
export interface Settling {
  /** People who are somebody, by id. */
  readonly rows: ReadonlyMap<string, PeopleRow>;
  readonly compared: ComparedPeople;
  readonly proposals: Proposals;
  readonly settings: DuplicateSettings;
}

/** What became of a pair. */
export interface Settled {
  readonly isNew: boolean;
  readonly isMergeRequested: boolean;
}

const NOTHING: Settled = { isNew: false, isMergeRequested: false };

/** Proposes a pair, or asks for it to be merged where the settings say so and not both are identified. Those whom a person keeps apart are left alone. */
export function settlePair(
  { people, score, evidence }: Hit,
  { rows, compared, proposals, settings }: Settling,
  call: Call<Settings>,
): Settled {
  const [first, second] = [rows.get(people[0]), rows.get(people[1])];
  if (first === undefined || second === undefined) return NOTHING;
  if (isKeptApart(first, second)) {
    proposals.decide(pairIdOf(...people), 'dismissed', 'person');
    return NOTHING;
  }
  const proposed = proposals.propose(people, score, evidence);
  if (proposed === undefined) return NOTHING;
  for (const id of people) compared.addPair(id, proposed.pair.id);
  const mayMerge =
    score.probability >= settings.mergeFrom && !(isIdentified(first) && isIdentified(second)) && !hasOtherGivenName(evidence, settings);
  if (!mayMerge || proposed.pair.isMergeRequested === true) return { isNew: proposed.isNew, isMergeRequested: false };
  requestMerge(proposed.pair, first, second, call);
  proposals.requestMerge(proposed.pair);
  return { isNew: proposed.isNew, isMergeRequested: true };
}

/** Twins share all but it: whatever the probability, that is for a person to decide. */
function hasOtherGivenName(evidence: readonly Evidence[], { fields }: DuplicateSettings): boolean {
  const given = fields.filter(({ kind }) => kind === 'givenName').map(({ name }) => name);
  return evidence.some(({ field, level }) => level === 'different' && given.includes(field));
}

/** Asks as `profiles.merge` does, in the name of the rule: whether it still may is looked at when the request is met in the log. */
function requestMerge({ id, probability, proposedAt }: DuplicatesRow, first: PeopleRow, second: PeopleRow, call: Call<Settings>): void {
  const [into, from] = stayingOf(first, second);
  call.changes.emit({
    name: MERGE_REQUESTED,
    discriminator: id,
    properties: {
      into: into.id,
      from: from.id,
      by: 'rule',
      link: `duplicate-${hash('sha256', `${id}:${proposedAt}`, 'hex').slice(0, 24)}`,
      reason: `duplicate with probability ${(Math.floor(probability * 10_000) / 10_000).toFixed(4)}`,
    },
  });
}
