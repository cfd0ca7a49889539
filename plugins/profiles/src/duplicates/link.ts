import { indexCandidates } from './candidates.ts';
import { estimateModel } from './estimate.ts';
import type { Field, PersonRecord } from './fields.ts';
import { MAX_FIELDS } from './fields.ts';
import { countValues } from './frequencies.ts';
import type { Frequencies } from './frequencies.ts';
import { finish } from './in-pieces.ts';
import { initialModel } from './model.ts';
import type { LinkModel } from './model.ts';
import { planComparisons } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import { prepareRecord } from './prepare.ts';
import { drawSample } from './sample.ts';
import { createScorer } from './score.ts';
import type { PairScore } from './score.ts';

/** Two records with their score. */
export interface ScoredPair extends PairScore {
  readonly left: string;
  readonly right: string;
}

/** What came out of a look at all records. */
export interface LinkResult {
  /** Pairs at least as probable as asked for. */
  readonly pairs: readonly ScoredPair[];
  readonly model: LinkModel;
  readonly frequencies: Frequencies;
  /** How many pairs were compared. */
  readonly comparedPairs: number;
  /** How many keys were left out because too many people share them. */
  readonly skippedBlocks: number;
}

/** How a look at all records is done. */
export interface LinkOptions {
  /** Pairs below it are not in the answer, 0 to 1; 0.5 unless told. */
  readonly fromProbability?: number;
  /** People who may share one blocking key; 100 unless told. */
  readonly maxBlock?: number;
  /** What is believed before; weights of the usual size unless told. */
  readonly model?: LinkModel;
}

/**
 * Finds records that are probably one person among all of them, learning from the records themselves how much each field says.
 * All in memory, in one go.
 *
 * @throws RangeError when there are more than 16 fields
 */
export function linkRecords(people: readonly PersonRecord[], fields: readonly Field[], options: LinkOptions = {}): LinkResult {
  if (fields.length > MAX_FIELDS) throw new RangeError(`At most ${MAX_FIELDS} fields can be compared.`);
  const { fromProbability = 0.5, maxBlock = 100, model: before = initialModel(fields) } = options;
  const plan = planComparisons(fields);
  const records = people.map((person) => prepareRecord(person, fields));
  const index = finish(indexCandidates(records, fields, maxBlock));
  // Three lists of numbers take a tenth of the memory of one list of triples.
  const [lefts, rights, patterns]: [number[], number[], Pattern[]] = [[], [], []];
  const work = drawSample(records, plan, index, (left, right, pattern) => {
    lefts.push(left);
    rights.push(right);
    patterns.push(pattern);
  });
  const model = finish(estimateModel(before, finish(work)));
  const frequencies = countValues(records, fields.length);
  const scorer = createScorer(model, frequencies, records.length);
  const pairs: ScoredPair[] = [];
  for (const [place, pattern] of patterns.entries()) {
    const [left, right] = [records[lefts[place] ?? -1], records[rights[place] ?? -1]];
    if (left === undefined || right === undefined) continue;
    const score = scorer.scorePattern(pattern, left, right);
    if (score.probability >= fromProbability) pairs.push({ left: left.id, right: right.id, ...score });
  }
  return { pairs, model, frequencies, comparedPairs: patterns.length, skippedBlocks: index.skippedBlocks };
}
