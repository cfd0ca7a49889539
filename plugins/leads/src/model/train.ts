import { calibrate, fitCalibration, recencyWeights } from './calibration.ts';
import type { Forward } from './calibration.ts';
import { createDesign, rowsOf } from './design.ts';
import type { Design } from './design.ts';
import { fitEncoding } from './encoding.ts';
import type { Pause } from './encoding.ts';
import type { Example, Feature } from './example.ts';
import { fitLogistic, logOddsOf, toProbability } from './logistic.ts';
import type { Logistic } from './logistic.ts';
import { brierOf, liftAtTenthOf, logLossOf, measure } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import type { Model } from './model.ts';

/** What a training gave: the model fitted on everything, and what the same procedure was worth on the time held out. */
export interface Training {
  readonly model: Model;
  readonly metrics: Metrics & {
    /** Share of positives in what came before the time held out. */
    readonly baseRate: number;
    /** Brier score of saying that share each time. */
    readonly baseRateBrier: number;
    /** Share of positives in the time held out. */
    readonly heldOutRate: number;
    readonly heldOutExamples: number;
  };
  readonly settings: FitSettings;
  readonly splits: readonly Split[];
  /** What was held out with the probabilities that the measured model gave it. */
  readonly heldOut: { readonly examples: readonly Example[]; readonly probabilities: Float64Array };
}

/** Measures on one set of outcomes. */
export interface Split extends Metrics {
  /** `held_out`: seen by nothing. `chosen_on`: predicted unseen, to choose penalty and calibration by, before calibration. */
  readonly split: 'held_out' | 'chosen_on';
  readonly examples: number;
  readonly liftAtTenth: number;
}

/** What is chosen on forward predictions. */
export interface FitSettings {
  readonly ridge: number;
  /** In shares of the examples: how far back an example counts half. `null`: all count the same. */
  readonly halfLifeShare: number | null;
}

const HELD_OUT_SHARE = 0.2;
const RIDGES = [1, 10];
const HALF_LIVES = [null, 0.25, 0.1];
/** Where forward prediction begins and ends, in shares: each stretch is predicted by a model of all before it. */
const STRETCHES = [
  [0.4, 0.6],
  [0.6, 0.8],
  [0.8, 1],
] as const;

const FOLDS = 5;
const SEED = 20_261_122;

/**
 * What a model's worth is measured for. `forward`: for the time that follows. `random`: for more of the same, as when
 * outcomes were loaded at once and their order means nothing.
 */
export type Validation = 'forward' | 'random';

/** One step of prediction: what is learned from, and what was kept from it; with `forward` the time that follows. */
interface Stretch {
  readonly past: Design;
  readonly ahead: Design;
}

/**
 * Trains on examples in the order of time. Strength of the penalty, weight of the past and calibration are chosen on
 * predictions of what the predicting model had not seen: of the time that followed, or of a fifth left out at random. One
 * fifth, the last by time or a random one, is held out to measure what that gives; then the same is done with everything.
 */
export async function train(
  examples: readonly Example[],
  features: readonly Feature[],
  pause: Pause,
  validation: Validation = 'forward',
): Promise<Training> {
  const ordered = validation === 'random' ? shuffle(examples) : examples;
  const split = Math.floor(ordered.length * (1 - HELD_OUT_SHARE));
  const past = ordered.slice(0, split);
  const { model: measured, forward } = await fitModel(past, features, validation, pause);
  const kept = ordered.slice(split);
  const heldOut = await createDesign(kept, measured.encoding, pause);
  const probabilities = logOddsOf(heldOut, toLogistic(measured)).map((logOdds) => calibrate(measured.calibration, logOdds));
  const baseRate = shareOf(past);
  const metrics = {
    ...measure(probabilities, heldOut.labels),
    baseRate,
    baseRateBrier: brierOf(new Float64Array(heldOut.rowCount).fill(baseRate), heldOut.labels),
    heldOutRate: shareOf(kept),
    heldOutExamples: heldOut.rowCount,
  };
  const { model, settings } = await fitModel(ordered, features, validation, pause);
  return {
    model,
    settings,
    metrics,
    splits: [splitOf('held_out', probabilities, heldOut.labels), splitOf('chosen_on', forward.logOdds.map(toProbability), forward.labels)],
    heldOut: { examples: kept, probabilities },
  };
}

function splitOf(split: Split['split'], probabilities: Float64Array, labels: Float64Array): Split {
  return { split, examples: labels.length, ...measure(probabilities, labels), liftAtTenth: liftAtTenthOf(probabilities, labels) };
}

/** The same order for the same number of examples (Fisher and Yates, with numbers of Park and Miller). */
function shuffle(examples: readonly Example[]): readonly Example[] {
  const shuffled = [...examples];
  let state = SEED;
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    state = (state * 48_271) % 2_147_483_647;
    const other = state % (last + 1);
    const [left, right] = [shuffled[last], shuffled[other]];
    if (left === undefined || right === undefined) continue;
    shuffled[last] = right;
    shuffled[other] = left;
  }
  return shuffled;
}

/** Chooses the settings, calibrates forward predictions made with them, and fits on all examples. */
async function fitModel(
  examples: readonly Example[],
  features: readonly Feature[],
  validation: Validation,
  pause: Pause,
): Promise<{ readonly model: Model; readonly settings: FitSettings; readonly forward: Forward }> {
  const stretches =
    validation === 'random' ? await prepareFolds(examples, features, pause) : await prepareStretches(examples, features, pause);
  // Where order means nothing, the past weighs no less.
  const { settings, forward } = await chooseSettings(stretches, validation === 'random' ? [null] : HALF_LIVES, pause);
  const calibration = await fitCalibration(forward, pause);
  const encoding = await fitEncoding(examples, features, pause);
  const design = await createDesign(examples, encoding, pause);
  const { intercept, coefficients } = await fit(design, settings, pause);
  return {
    model: { encoding, intercept, coefficients: [...coefficients], averages: averagesOf(design, coefficients), calibration },
    settings,
    forward,
  };
}

/** The settings with the least log loss of forward predictions, and these predictions. */
async function chooseSettings(
  stretches: readonly Stretch[],
  halfLives: readonly (number | null)[],
  pause: Pause,
): Promise<{ readonly settings: FitSettings; readonly forward: Forward }> {
  const candidates = RIDGES.flatMap((ridge) => halfLives.map((halfLifeShare) => ({ ridge, halfLifeShare })));
  let best: { readonly settings: FitSettings; readonly forward: Forward; readonly loss: number } | undefined;
  for (const settings of candidates) {
    const forward = await predictForward(stretches, settings, pause);
    const loss = logLossOf(forward.logOdds.map(toProbability), forward.labels);
    if (best === undefined || loss < best.loss) best = { settings, forward, loss };
  }
  if (best === undefined) throw new RangeError('There are no settings to choose from.');
  return best;
}

/** Encodings are learned from the past alone: a forward prediction knows nothing of its time. */
async function prepareStretches(examples: readonly Example[], features: readonly Feature[], pause: Pause): Promise<readonly Stretch[]> {
  const stretches: Stretch[] = [];
  for (const [from, to] of STRETCHES) {
    const first = Math.floor(examples.length * from);
    const last = Math.floor(examples.length * to);
    const encoding = await fitEncoding(examples.slice(0, first), features, pause);
    const design = await createDesign(examples.slice(0, last), encoding, pause);
    stretches.push({ past: rowsOf(design, 0, first), ahead: rowsOf(design, first, last) });
  }
  return stretches;
}

/** Each fifth is predicted by a model of the four others, encodings too. Examples come in random order. */
async function prepareFolds(examples: readonly Example[], features: readonly Feature[], pause: Pause): Promise<readonly Stretch[]> {
  const folds: Stretch[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const from = Math.floor((examples.length * fold) / FOLDS);
    const to = Math.floor((examples.length * (fold + 1)) / FOLDS);
    const others = [...examples.slice(0, from), ...examples.slice(to)];
    const encoding = await fitEncoding(others, features, pause);
    folds.push({
      past: await createDesign(others, encoding, pause),
      ahead: await createDesign(examples.slice(from, to), encoding, pause),
    });
  }
  return folds;
}

async function predictForward(stretches: readonly Stretch[], settings: FitSettings, pause: Pause): Promise<Forward> {
  const parts: Forward[] = [];
  for (const { past, ahead } of stretches)
    parts.push({ logOdds: logOddsOf(ahead, await fit(past, settings, pause)), labels: ahead.labels });
  return { logOdds: join(parts.map(({ logOdds }) => logOdds)), labels: join(parts.map(({ labels }) => labels)) };
}

function fit(design: Design, { ridge, halfLifeShare }: FitSettings, pause: Pause): Promise<Logistic> {
  const weights = halfLifeShare === null ? undefined : recencyWeights(design.rowCount, halfLifeShare * design.rowCount);
  return fitLogistic(design, weights === undefined ? { ridge, pause } : { ridge, weights, pause });
}

function averagesOf(design: Design, coefficients: Float64Array): readonly number[] {
  const sums = new Float64Array(design.width);
  for (let entry = 0; entry < design.columns.length; entry += 1) {
    const feature = entry % design.width;
    sums[feature] = (sums[feature] ?? 0) + (coefficients[design.columns[entry] ?? 0] ?? 0) * (design.values[entry] ?? 0);
  }
  return Array.from(sums, (sum) => (design.rowCount === 0 ? 0 : sum / design.rowCount));
}

function toLogistic({ intercept, coefficients }: Model): Logistic {
  return { intercept, coefficients: Float64Array.from(coefficients), iterations: 0, hasConverged: true };
}

function shareOf(examples: readonly Example[]): number {
  return examples.length === 0 ? 0 : examples.filter(({ isPositive }) => isPositive).length / examples.length;
}

function join(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
