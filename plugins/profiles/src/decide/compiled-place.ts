import { TendrilError } from '@tendril/plugin-api';
import type { Expression, Expressions } from '@tendril/plugin-api';
import { windowMs } from './place.ts';
import type { Candidate, Place } from './place.ts';

/** A candidate that is ready to be looked at. */
export interface CompiledCandidate {
  readonly definition: Candidate;
  readonly when?: Expression;
  /** What is wrong with the rule: places are checked when they are saved, perhaps by another version of this plugin. */
  readonly fault?: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly weight: number;
  readonly limit?: { readonly times: number; readonly windowMs: number };
}

/** A place that is ready to be decided for. */
export interface CompiledPlace {
  readonly definition: Place;
  /** By priority, and in order where that is the same: one list for each priority. */
  readonly ranks: readonly (readonly CompiledCandidate[])[];
  /** Rules read the time of day. */
  readonly readsNow: boolean;
  readonly hasLimits: boolean;
}

/** What rules read. */
export const RULE_ENVIRONMENT = { roots: ['profile', 'context', 'now'], returns: 'boolean' } as const;

/** Makes a place ready. A rule that does not compile is never met. */
export function compilePlace(definition: Place, expressions: Expressions): CompiledPlace {
  const candidates = definition.candidates.map((candidate) => compileCandidate(candidate, expressions));
  const byPriority = Map.groupBy(candidates, ({ definition: { priority = 0 } }) => priority);
  return {
    definition,
    ranks: [...byPriority].toSorted(([a], [b]) => b - a).map(([, rank]) => rank),
    readsNow: candidates.some(({ when }) => when?.reads.some(([root]) => root === 'now') === true),
    hasLimits: candidates.some(({ limit }) => limit !== undefined),
  };
}

function compileCandidate(definition: Candidate, expressions: Expressions): CompiledCandidate {
  const { when, startsAt, endsAt, limitPerPerson, weight = 1 } = definition;
  return {
    definition,
    ...(when !== undefined && compileRule(when, expressions)),
    startsAt: startsAt === undefined ? -Infinity : Date.parse(startsAt),
    endsAt: endsAt === undefined ? Infinity : Date.parse(endsAt),
    weight,
    ...(limitPerPerson !== undefined && { limit: { times: limitPerPerson.times, windowMs: windowMs(limitPerPerson.within) } }),
  };
}

function compileRule(when: string, expressions: Expressions): Pick<CompiledCandidate, 'when' | 'fault'> {
  try {
    return { when: expressions.compile(when, RULE_ENVIRONMENT) };
  } catch (error) {
    if (!TendrilError.is(error)) throw error;
    return { fault: typeof error.details['problem'] === 'string' ? error.details['problem'] : error.message };
  }
}
