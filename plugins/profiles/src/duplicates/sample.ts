import type { CandidateIndex } from './candidates.ts';
import type { Sample } from './estimate.ts';
import type { InPieces } from './in-pieces.ts';
import { patternOf } from './pattern.ts';
import type { Comparison, Pattern } from './pattern.ts';
import type { PreparedRecord } from './prepare.ts';

const MAX_RANDOM_PAIRS = 300_000;
const MAX_BESIDE_PAIRS = 20_000;
const RECORDS_AT_ONCE = 50;
const PAIRS_AT_ONCE = 1_000;
const SEED = 20_251_122;

/** A pair that shares a blocking key: places of both, and how they agree. */
export type CandidateVisitor = (left: number, right: number, pattern: Pattern) => void;

/**
 * Compares all candidates and some random pairs. The same records give the same sample. `visit` sees each candidate once.
 * In pieces of a few thousand pairs.
 */
export function* drawSample(
  records: readonly PreparedRecord[],
  plan: readonly Comparison[],
  index: CandidateIndex,
  visit: CandidateVisitor,
): InPieces<Sample> {
  const random = createRandom(SEED);
  const candidates = yield* countCandidates(records, plan, index, visit);
  const pairs = yield* countRandom(records, plan, random);
  const besides = new Map<number, ReadonlyMap<Pattern, number>>();
  for (const place of parentsOf(plan)) {
    besides.set(place, yield* countBeside(records, plan, place, random));
  }
  return { people: records.length, candidates, random: pairs, besides };
}

function* countCandidates(
  records: readonly PreparedRecord[],
  plan: readonly Comparison[],
  index: CandidateIndex,
  visit: CandidateVisitor,
): InPieces<ReadonlyMap<Pattern, number>> {
  const counts = new Map<Pattern, number>();
  for (const [place, left] of records.entries()) {
    for (const other of index.behind(place)) {
      const right = records[other];
      if (right === undefined) continue;
      const pattern = patternOf(plan, left, right);
      counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
      visit(place, other, pattern);
    }
    if (place % RECORDS_AT_ONCE === RECORDS_AT_ONCE - 1) yield;
  }
  return counts;
}

/** Every pair where there are few, else pairs drawn at random. */
function* countRandom(
  records: readonly PreparedRecord[],
  plan: readonly Comparison[],
  random: Random,
): InPieces<ReadonlyMap<Pattern, number>> {
  const counts = new Map<Pattern, number>();
  let compared = 0;
  for (const [first, second] of randomPairs(records.length, random)) {
    const [left, right] = [records[first], records[second]];
    if (left === undefined || right === undefined || left === right) continue;
    const pattern = patternOf(plan, left, right);
    counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
    compared += 1;
    if (compared % PAIRS_AT_ONCE === 0) yield;
  }
  return counts;
}

function* randomPairs(count: number, random: Random): Generator<readonly [number, number]> {
  if ((count * (count - 1)) / 2 > MAX_RANDOM_PAIRS) {
    for (let drawn = 0; drawn < MAX_RANDOM_PAIRS; drawn += 1) yield [random(count), random(count)];
    return;
  }
  for (let first = 0; first < count; first += 1) {
    for (let second = first + 1; second < count; second += 1) yield [first, second];
  }
}

/** Pairs of those who have the same value in one field, each value in proportion to the pairs that have it. */
function* countBeside(
  records: readonly PreparedRecord[],
  plan: readonly Comparison[],
  place: number,
  random: Random,
): InPieces<ReadonlyMap<Pattern, number>> {
  const groups = groupBy(records, place);
  const all = groups.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
  const share = Math.min(1, MAX_BESIDE_PAIRS / Math.max(1, all));
  const counts = new Map<Pattern, number>();
  let [owed, compared] = [0, 0];
  for (const group of groups) {
    owed += share * ((group.length * (group.length - 1)) / 2);
    for (; owed >= 1; owed -= 1) {
      const first = random(group.length);
      const second = (first + 1 + random(group.length - 1)) % group.length;
      const [left, right] = [group[first], group[second]];
      if (left === undefined || right === undefined) continue;
      const pattern = patternOf(plan, left, right);
      counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
      compared += 1;
      if (compared % PAIRS_AT_ONCE === 0) yield;
    }
  }
  return counts;
}

function groupBy(records: readonly PreparedRecord[], place: number): readonly (readonly PreparedRecord[])[] {
  const groups = new Map<string, PreparedRecord[]>();
  for (const record of records) {
    const value = record.values[place] ?? '';
    const group = groups.get(value);
    if (value === '') continue;
    if (group === undefined) groups.set(value, [record]);
    else group.push(record);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

function parentsOf(plan: readonly Comparison[]): readonly number[] {
  return [...new Set(plan.map(({ parent }) => parent))].filter((place) => place !== -1);
}

/** A whole number from 0 to below the limit. */
type Random = (limit: number) => number;

/** @see Mulberry32, T. Ettinger, 2017 (public domain) */
function createRandom(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
