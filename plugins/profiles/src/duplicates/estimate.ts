import type { InPieces } from './in-pieces.ts';
import type { FieldModel, LevelOdds, LinkModel } from './model.ts';
import { isSharedAtHome, likelihoodsOf, pairShares } from './model.ts';
import { LEVELS } from './kinds.ts';
import { besideOf, levelsOf, planComparisons } from './pattern.ts';
import type { Comparison, Pattern } from './pattern.ts';

/** How often each pattern was seen. */
export type PatternCounts = ReadonlyMap<Pattern, number>;

/** What is counted before the model is estimated. */
export interface Sample {
  readonly people: number;
  /** Patterns of all pairs that share a blocking key; others are taken for strangers. */
  readonly candidates: PatternCounts;
  /** Patterns of pairs drawn at random. */
  readonly random: PatternCounts;
  /** By a field's place: patterns of pairs drawn among those who have the same value there. */
  readonly besides: ReadonlyMap<number, PatternCounts>;
}

const ROUNDS = 50;
const SETTLED = 1e-6;
const M_PRIOR_PAIRS = 20;
const U_PRIOR_PAIRS = 20;
const RATE_PRIOR_PAIRS = 1;

/**
 * Estimates a model without knowing who is who, by expectation and maximisation: pairs are judged by the model, the model is
 * made anew from the judged pairs, until nothing moves. What was believed before counts as some pairs, so that few data change little.
 *
 * `u` comes from random pairs, `m` from candidates, as in Splink; the share of duplicates is that of the whole population
 * of pairs, in which those that share no key are taken for strangers.
 *
 * @see W. E. Winkler, Using the EM Algorithm for Weight Computation in the Fellegi-Sunter Model of Record Linkage, 1988
 * @see Splink's documentation, "Estimating model parameters"
 */
export function* estimateModel(initial: LinkModel, sample: Sample): InPieces<LinkModel> {
  if (sample.people < 2) return initial;
  const plan = planComparisons(initial.fields);
  let model: LinkModel = { ...initial, people: sample.people };
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = improve(initial, model, plan, sample);
    const moved = Math.abs(next.duplicatesPerPerson - model.duplicatesPerPerson) + differenceOf(next, model);
    model = next;
    if (moved < SETTLED) break;
    yield;
  }
  return model;
}

function improve(initial: LinkModel, model: LinkModel, plan: readonly Comparison[], sample: Sample): LinkModel {
  const judged = judge(model, plan, sample.candidates, sample.people);
  const strangers = judge(model, plan, sample.random, sample.people);
  const besides = new Map([...sample.besides].map(([place, counts]) => [place, judge(model, plan, counts, sample.people)]));
  return {
    ...model,
    fields: initial.fields.map((field, place): FieldModel => {
      const comparison = plan[place];
      if (comparison === undefined) return field;
      const together = besides.get(comparison.parent) ?? [];
      const m = (beside: 0 | 1) => count(judged, comparison, place, beside, ({ one }) => one);
      const u = (pairs: readonly Judged[], beside: 0 | 1) => count(pairs, comparison, place, beside, strangerShare(field));
      return {
        ...field,
        apart: mix(field.apart, m(0), u(strangers, 0)),
        beside: mix(field.beside, m(1), u(together, 1)),
      };
    }),
    duplicatesPerPerson: rate(initial.duplicatesPerPerson, judged, sample.people, ({ one }) => one),
    housematesPerPerson: rate(initial.housematesPerPerson, judged, sample.people, ({ housemates }) => housemates),
  };
}

/** A pattern, how many pairs have it, and what these pairs are taken for. */
interface Judged {
  readonly levels: readonly number[];
  readonly pairs: number;
  readonly one: number;
  readonly housemates: number;
}

function judge(model: LinkModel, plan: readonly Comparison[], counts: PatternCounts, people: number): readonly Judged[] {
  const prior = pairShares(model, people);
  return [...counts].map(([pattern, pairs]) => {
    const levels = levelsOf(pattern, plan.length);
    const { one, strangers, housemates } = likelihoodsOf(model, plan, levels);
    const weights = [prior.one * 2 ** one, prior.housemates * 2 ** housemates, prior.strangers * 2 ** strangers];
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { levels, pairs, one: (weights[0] ?? 0) / sum, housemates: (weights[1] ?? 0) / sum };
  });
}

/** Pairs that say how strangers agree: people who live together say nothing of what they share at home. */
function strangerShare({ kind }: FieldModel): (judged: Judged) => number {
  return isSharedAtHome(kind) ? ({ one, housemates }) => Math.max(0, 1 - one - housemates) : ({ one }) => 1 - one;
}

function count(
  pairs: readonly Judged[],
  comparison: Comparison,
  place: number,
  beside: 0 | 1,
  share: (judged: Judged) => number,
): readonly number[] {
  const counts = LEVELS.map(() => 0);
  for (const judged of pairs) {
    const level = judged.levels[place] ?? 0;
    if (level === 0 || besideOf(comparison, judged.levels) !== beside) continue;
    counts[level] = (counts[level] ?? 0) + judged.pairs * share(judged);
  }
  return counts;
}

function mix(prior: LevelOdds, m: readonly number[], u: readonly number[]): LevelOdds {
  return { m: toShares(prior.m, m, M_PRIOR_PAIRS), u: toShares(prior.u, u, U_PRIOR_PAIRS) };
}

function toShares(prior: readonly number[], counts: readonly number[], priorPairs: number): readonly number[] {
  const sum = counts.reduce((total, pairs) => total + pairs, priorPairs);
  return counts.map((pairs, level) => (pairs + priorPairs * (prior[level] ?? 0)) / sum);
}

function rate(prior: number, pairs: readonly Judged[], people: number, share: (judged: Judged) => number): number {
  const expected = pairs.reduce((total, judged) => total + judged.pairs * share(judged), 0);
  return (expected + RATE_PRIOR_PAIRS * prior) / (people + RATE_PRIOR_PAIRS);
}

function differenceOf(first: LinkModel, second: LinkModel): number {
  let most = 0;
  for (const [place, field] of first.fields.entries()) {
    const other = second.fields[place];
    for (const [level, m] of field.apart.m.entries()) most = Math.max(most, Math.abs(m - (other?.apart.m[level] ?? 0)));
  }
  return most;
}
