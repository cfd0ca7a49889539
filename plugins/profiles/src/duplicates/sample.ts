import type { CandidateIndex } from './candidates.ts';
import type { Sample } from './estimate.ts';
import { patternOf } from './pattern.ts';
import type { Comparison, Pattern } from './pattern.ts';
import type { PreparedRecord } from './prepare.ts';

const MAX_RANDOM_PAIRS = 300_000;
const MAX_BESIDE_PAIRS = 20_000;
const SEED = 20_251_122;

/** A pair that shares a blocking key: places of both, and how they agree. */
export type CandidateVisitor = (left: number, right: number, pattern: Pattern) => void;

/** Compares all candidates and some random pairs. The same records give the same sample. `visit` sees each candidate once. */
export function drawSample(
  records: readonly PreparedRecord[],
  plan: readonly Comparison[],
  index: CandidateIndex,
  visit: CandidateVisitor,
): Sample {
  const random = createRandom(SEED);
  return {
    people: records.length,
    candidates: countCandidates(records, plan, index, visit),
    random: countRandom(records, plan, random),
    besides: new Map(parentsOf(plan).map((place) => [place, countBeside(records, plan, place, random)])),
  };
}

function countCandidates(
  records: readonly PreparedRecord[],
  plan: readonly Comparison[],
  index: CandidateIndex,
  visit: CandidateVisitor,
): ReadonlyMap<Pattern, number> {
  const counts = new Map<Pattern, number>();
  for (const [place, left] of records.entries()) {
    for (const other of index.behind(place)) {
      const right = records[other];
      if (right === undefined) continue;
      const pattern = patternOf(plan, left, right);
      counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
      visit(place, other, pattern);
    }
  }
  return counts;
}

/** Every pair where there are few, else pairs drawn at random. */
function countRandom(records: readonly PreparedRecord[], plan: readonly Comparison[], random: Random): ReadonlyMap<Pattern, number> {
  const counts = new Map<Pattern, number>();
  const add = (left: PreparedRecord | undefined, right: PreparedRecord | undefined): void => {
    if (left === undefined || right === undefined || left === right) return;
    const pattern = patternOf(plan, left, right);
    counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  };
  if ((records.length * (records.length - 1)) / 2 <= MAX_RANDOM_PAIRS) {
    for (const [place, left] of records.entries()) {
      for (let other = place + 1; other < records.length; other += 1) add(left, records[other]);
    }
    return counts;
  }
  for (let drawn = 0; drawn < MAX_RANDOM_PAIRS; drawn += 1) add(records[random(records.length)], records[random(records.length)]);
  return counts;
}

/** Pairs of those who have the same value in one field, each value in proportion to the pairs that have it. */
function countBeside(
  records: readonly PreparedRecord[],
  plan: readonly Comparison[],
  place: number,
  random: Random,
): ReadonlyMap<Pattern, number> {
  const groups = groupBy(records, place);
  const all = groups.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
  const share = Math.min(1, MAX_BESIDE_PAIRS / Math.max(1, all));
  const counts = new Map<Pattern, number>();
  let owed = 0;
  for (const group of groups) {
    owed += share * ((group.length * (group.length - 1)) / 2);
    for (; owed >= 1; owed -= 1) {
      const first = random(group.length);
      const second = (first + 1 + random(group.length - 1)) % group.length;
      const [left, right] = [group[first], group[second]];
      if (left === undefined || right === undefined) continue;
      const pattern = patternOf(plan, left, right);
      counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
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
