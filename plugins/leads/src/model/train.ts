import { calibrate, fitCalibration, recencyWeights } from './calibration.ts';
import type { Forward } from './calibration.ts';
import { createDesign, rowsOf } from './design.ts';
import type { Design } from './design.ts';
import { fitEncoding } from './encoding.ts';
import type { Pause } from './encoding.ts';
import type { Example, Feature } from './example.ts';
import { fitLogistic, logOddsOf, toProbability } from './logistic.ts';
import type { Logistic } from './logistic.ts';
import { brierOf, logLossOf, measure } from './metrics.ts';
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

/** One step of forward prediction: what is learned from, and the time that follows. */
interface Stretch {
  readonly past: Design;
  readonly ahead: Design;
}

/**
 * Trains on examples in the order of time. Strength of the penalty, weight of the past and calibration are chosen on
 * forward predictions: what a model of the past was worth for the time that followed. The last fifth is held out to
 * measure what that gives; then the same is done with everything.
 */
export async function train(examples: readonly Example[], features: readonly Feature[], pause: Pause): Promise<Training> {
  const split = Math.floor(examples.length * (1 - HELD_OUT_SHARE));
  const past = examples.slice(0, split);
  const { model: measured } = await fitModel(past, features, pause);
  const heldOut = await createDesign(examples.slice(split), measured.encoding, pause);
  const probabilities = logOddsOf(heldOut, toLogistic(measured)).map((logOdds) => calibrate(measured.calibration, logOdds));
  const baseRate = shareOf(past);
  const metrics = {
    ...measure(probabilities, heldOut.labels),
    baseRate,
    baseRateBrier: brierOf(new Float64Array(heldOut.rowCount).fill(baseRate), heldOut.labels),
    heldOutRate: shareOf(examples.slice(split)),
    heldOutExamples: heldOut.rowCount,
  };
  return { ...(await fitModel(examples, features, pause)), metrics };
}

/** Chooses the settings, calibrates forward predictions made with them, and fits on all examples. */
async function fitModel(
  examples: readonly Example[],
  features: readonly Feature[],
  pause: Pause,
): Promise<{ readonly model: Model; readonly settings: FitSettings }> {
  const stretches = await prepareStretches(examples, features, pause);
  const { settings, forward } = await chooseSettings(stretches, pause);
  const calibration = await fitCalibration(forward, pause);
  const encoding = await fitEncoding(examples, features, pause);
  const design = await createDesign(examples, encoding, pause);
  const { intercept, coefficients } = await fit(design, settings, pause);
  return {
    model: { encoding, intercept, coefficients: [...coefficients], averages: averagesOf(design, coefficients), calibration },
    settings,
  };
}

/** The settings with the least log loss of forward predictions, and these predictions. */
async function chooseSettings(
  stretches: readonly Stretch[],
  pause: Pause,
): Promise<{ readonly settings: FitSettings; readonly forward: Forward }> {
  const candidates = RIDGES.flatMap((ridge) => HALF_LIVES.map((halfLifeShare) => ({ ridge, halfLifeShare })));
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
