import { shapeOf } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { rarityBits } from './frequencies.ts';
import type { Frequencies } from './frequencies.ts';
import { LEVELS } from './kinds.ts';
import { isSharedAtHome, likelihoodsOf, pairShares } from './model.ts';
import type { LinkModel } from './model.ts';
import { besideOf, levelsOf, patternOf, planComparisons } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import type { PreparedRecord } from './prepare.ts';

/** What a pair is worth. */
export interface PairScore {
  /** Weight of the evidence, in bits, without what is believed of any two people. */
  readonly bits: number;
  /** How likely both are one person, 0 to 1. */
  readonly probability: number;
}

/** Weighs pairs by one model. */
export interface Scorer {
  /** The same both ways round. */
  score(left: PreparedRecord, right: PreparedRecord): PairScore;
  /** As `score`, for a pattern that is known already. */
  scorePattern(pattern: Pattern, left: PreparedRecord, right: PreparedRecord): PairScore;
  /** What each field that both have says, and what is taken away because people who live together share much. Adds up to the bits of the score. */
  explain(left: PreparedRecord, right: PreparedRecord): readonly Evidence[];
}

const EXACT = LEVELS.indexOf('exact');

/**
 * A scorer of pairs among `people` people: the more there are, the more any two may agree by chance.
 *
 * The weight of a field is log2(m/u) of its level; agreement on a rare value weighs more. Weights add up, as if fields were
 * independent, but for fields that follow another (a suburb follows its postcode), which have a weight of their own where that agrees.
 * Strangers are a mixture with people who live together, who share surname and address but not given name and date of birth.
 *
 * @see I. P. Fellegi and A. B. Sunter, A Theory for Record Linkage, JASA 64 (1969)
 * @see Splink's documentation, topic guides "The Fellegi-Sunter model" and "Term-Frequency Adjustments"
 */
export function createScorer(model: LinkModel, frequencies: Frequencies, people: number): Scorer {
  const plan = planComparisons(model.fields);
  const shares = pairShares(model, people);
  const two = 1 - shares.one;
  const prior = {
    strangers: Math.log2(shares.strangers / two),
    housemates: Math.log2(shares.housemates / two),
    odds: Math.log2(shares.one / two),
  };

  function weigh(levels: readonly number[], left: PreparedRecord) {
    const { one, strangers, housemates } = likelihoodsOf(model, plan, levels);
    let [rarity, rarityApart] = [0, 0];
    for (const [place, comparison] of plan.entries()) {
      const bits = rarityOf(place, levels, left);
      rarity += bits;
      if (!isSharedAtHome(comparison.kind)) rarityApart += bits;
    }
    const apart = strangers - rarity;
    const home = housemates - rarityApart;
    const different = addLogarithms(apart + prior.strangers, home + prior.housemates);
    return { apart, different, bits: one - different };
  }

  function rarityOf(place: number, levels: readonly number[], left: PreparedRecord): number {
    const comparison = plan[place];
    if (levels[place] !== EXACT || comparison === undefined || besideOf(comparison, levels) === 1) return 0;
    return rarityBits(frequencies, place, left.values[place] ?? '', model.fields[place]?.apart.u[EXACT] ?? 1);
  }

  function scorePattern(pattern: Pattern, left: PreparedRecord): PairScore {
    const { bits } = weigh(levelsOf(pattern, plan.length), left);
    return { bits, probability: toProbability(bits + prior.odds) };
  }

  return {
    scorePattern,
    score: (left, right) => scorePattern(patternOf(plan, left, right), left),
    explain(left, right) {
      const levels = levelsOf(patternOf(plan, left, right), plan.length);
      const evidence = plan.flatMap((comparison, place): Evidence[] => {
        const level = levels[place] ?? 0;
        const name = LEVELS[level] ?? 'missing';
        const field = model.fields[place];
        if (name === 'missing' || field === undefined) return [];
        const odds = besideOf(comparison, levels) === 1 ? field.beside : field.apart;
        const bits = Math.log2((odds.m[level] ?? 1) / (odds.u[level] ?? 1)) + rarityOf(place, levels, left);
        const shapes = [shapeOf(left.values[place] ?? ''), shapeOf(right.values[place] ?? '')] as const;
        return [{ field: comparison.name, level: name, bits, shapes }];
      });
      const { apart, different } = weigh(levels, left);
      return [...evidence, { field: '', level: 'household', bits: apart - different, shapes: ['', ''] }];
    },
  };
}

/** @param bits logarithm, base 2, of the odds */
export function toProbability(bits: number): number {
  return 1 / (1 + 2 ** -bits);
}

function addLogarithms(first: number, second: number): number {
  const most = Math.max(first, second);
  return most + Math.log2(2 ** (first - most) + 2 ** (second - most));
}
