import type { CompiledCandidate, CompiledPlace } from './compiled-place.ts';
import { consider } from './consider.ts';
import type { Considered, Situation } from './consider.ts';
import { pickByWeight, shareOf } from './share.ts';

/** What a place shows somebody; the fallback without a candidate, and for those whom a candidate is held back from. */
export interface Choice {
  readonly candidate?: CompiledCandidate;
  readonly isHoldout: boolean;
  /** In the order in which they were looked at. */
  readonly considered: readonly Considered[];
}

/** Looks at the candidates by priority, until one is found. */
export function choose(place: CompiledPlace, situation: Situation): Choice {
  const considered: Considered[] = [];
  for (const rank of place.ranks) {
    const found =
      place.definition.strategy === 'weighted' ? findByWeight(rank, situation, considered) : findFirst(rank, situation, considered);
    if (found !== undefined) return hold(found, situation, considered);
  }
  return { isHoldout: false, considered };
}

function findFirst(rank: readonly CompiledCandidate[], situation: Situation, considered: Considered[]): CompiledCandidate | undefined {
  for (const candidate of rank) {
    const one = consider(candidate, situation);
    considered.push(one);
    if (one.outcome === 'chosen') return candidate;
  }
  return undefined;
}

function findByWeight(rank: readonly CompiledCandidate[], situation: Situation, considered: Considered[]): CompiledCandidate | undefined {
  const all = rank.map((candidate) => consider(candidate, situation));
  const fitting = all.filter(({ outcome }) => outcome === 'chosen').map(({ candidate }) => candidate);
  const picked = pickByWeight(fitting, ({ definition }) => [situation.place, definition.id, situation.person]);
  for (const one of all) considered.push(one.outcome !== 'chosen' || one.candidate === picked ? one : passedOver(one));
  return picked;
}

function passedOver(one: Considered): Considered {
  return { ...one, outcome: 'passed_over', why: () => `${one.why()}, and another one was drawn for this person` };
}

/** A share of those whom a candidate is for gets the fallback, always the same people. */
function hold(candidate: CompiledCandidate, { place, person }: Situation, considered: readonly Considered[]): Choice {
  const { id, holdoutRatio = 0 } = candidate.definition;
  const isHoldout = holdoutRatio > 0 && shareOf(place, id, 'holdout', person) < holdoutRatio;
  if (!isHoldout) return { candidate, isHoldout, considered };
  const why = (one: Considered) => (): string =>
    `${one.why()}, but this person is among the ${String(holdoutRatio * 100)} % it is held back from`;
  return {
    isHoldout,
    considered: considered.map((one) => (one.candidate === candidate ? { ...one, outcome: 'held_out', why: why(one) } : one)),
  };
}
