import type { Field, FieldKind } from './fields.ts';
import { LEVELS } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { besideOf, planComparisons } from './pattern.ts';
import type { Comparison } from './pattern.ts';

/** Probabilities of the levels of one field, by a level's number; `m` in one person, `u` in two. Each adds up to 1. */
export interface LevelOdds {
  readonly m: readonly number[];
  readonly u: readonly number[];
}

/** What is believed of one field: where the field that it follows differs, and where that agrees. */
export interface FieldModel extends Field {
  readonly apart: LevelOdds;
  readonly beside: LevelOdds;
}

/** All that is needed to weigh a pair. Plain data, to be stored. */
export interface LinkModel {
  readonly fields: readonly FieldModel[];
  /** Pairs of records of one person, per record. */
  readonly duplicatesPerPerson: number;
  /** Pairs of different people who share name, address or telephone because they live together, per person. */
  readonly housematesPerPerson: number;
  /** How many people the model was made from; 0 when it is the one to begin with. */
  readonly people: number;
}

/** Logarithms (base 2) of how likely a pattern is among records of one person, of strangers, and of people who live together. */
export interface Likelihoods {
  readonly one: number;
  readonly strangers: number;
  readonly housemates: number;
}

/** What a pair is before anything is known of it. */
export interface PairShares {
  readonly one: number;
  readonly housemates: number;
  readonly strangers: number;
}

const MOST_PAIRS = 0.3;
const SHARED_AT_HOME: readonly FieldKind[] = ['surname', 'phone', 'address', 'streetNumber', 'locality', 'postcode', 'region', 'country'];
const DUPLICATES_PER_PERSON = 0.05;
const HOUSEMATES_PER_PERSON = 0.5;

/** Whether people who live together have it in common. */
export function isSharedAtHome(kind: FieldKind): boolean {
  return SHARED_AT_HOME.includes(kind);
}

/** What is believed before anything was seen: weights of the usual size. */
export function initialModel(fields: readonly Field[]): LinkModel {
  return {
    fields: planComparisons(fields).map(({ name, kind, rules }) => ({
      name,
      kind,
      apart: { m: oddsOf(rules, 'm'), u: oddsOf(rules, 'u') },
      beside: { m: oddsOf(rules, 'm'), u: besideParent(rules) },
    })),
    duplicatesPerPerson: DUPLICATES_PER_PERSON,
    housematesPerPerson: HOUSEMATES_PER_PERSON,
    people: 0,
  };
}

/** How likely a pattern's levels are, by the model. Missing values say nothing. */
export function likelihoodsOf(model: LinkModel, plan: readonly Comparison[], levels: readonly number[]): Likelihoods {
  let [one, strangers, housemates] = [0, 0, 0];
  for (const [place, comparison] of plan.entries()) {
    const level = levels[place] ?? 0;
    const field = model.fields[place];
    if (level === 0 || field === undefined) continue;
    const odds = besideOf(comparison, levels) === 1 ? field.beside : field.apart;
    const [m, u] = [Math.log2(odds.m[level] ?? 1), Math.log2(odds.u[level] ?? 1)];
    one += m;
    strangers += u;
    housemates += isSharedAtHome(field.kind) ? m : u;
  }
  return { one, strangers, housemates };
}

/** Shares of all pairs among so many people: records of one person, people who live together, strangers. Add up to 1. */
export function pairShares(model: LinkModel, people: number): PairShares {
  const perPair = 2 / Math.max(1, people - 1);
  const one = Math.min(MOST_PAIRS, model.duplicatesPerPerson * perPair);
  const housemates = Math.min(MOST_PAIRS, model.housematesPerPerson * perPair);
  return { one, housemates, strangers: 1 - one - housemates };
}

function oddsOf({ levels }: Kind, side: 'm' | 'u'): readonly number[] {
  return toShares(LEVELS.map((level) => levels[level]?.[side] ?? 0));
}

function besideParent(rules: Kind): readonly number[] {
  const apart = oddsOf(rules, 'u');
  const { exactBeside } = rules;
  if (exactBeside === undefined) return apart;
  const exact = LEVELS.indexOf('exact');
  const rest = (1 - exactBeside) / (1 - (apart[exact] ?? 0));
  return apart.map((share, level) => (level === exact ? exactBeside : share * rest));
}

function toShares(counts: readonly number[]): readonly number[] {
  const sum = counts.reduce((total, count) => total + count, 0);
  return counts.map((count) => count / sum);
}
