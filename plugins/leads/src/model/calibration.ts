import type { Pause } from './encoding.ts';
import { poolAdjacentViolators } from './isotonic.ts';
import { fitLogistic, toProbability } from './logistic.ts';
import { logLossOf } from './metrics.ts';

/** How a model's log-odds become a probability that can be taken at its word. As data, stored with the model. */
export type Calibration =
  | { readonly kind: 'none' }
  /** probability = 1 / (1 + e^-(offset + slope × log-odds)) */
  | { readonly kind: 'platt'; readonly offset: number; readonly slope: number }
  /** Straight lines between points, ascending in both. */
  | { readonly kind: 'isotonic'; readonly logOdds: readonly number[]; readonly probabilities: readonly number[] };

/** Predictions for a time that the predicting model had not seen, oldest first. */
export interface Forward {
  readonly logOdds: Float64Array;
  readonly labels: Float64Array;
}

const FEWEST_FOR_ISOTONIC = 1_000;
const MOST_POINTS = 100;

/** The calibrated probability. */
export function calibrate(calibration: Calibration, logOdds: number): number {
  if (calibration.kind === 'none') return toProbability(logOdds);
  if (calibration.kind === 'platt') return toProbability(calibration.offset + calibration.slope * logOdds);
  return interpolate(calibration.logOdds, calibration.probabilities, logOdds);
}

/**
 * Chooses and fits a calibration on forward predictions: the kinds compete on the latest third, fitted on what lies
 * before it, by log loss; the best is fitted again on all.
 */
export async function fitCalibration(forward: Forward, pause: Pause): Promise<Calibration> {
  const count = forward.labels.length;
  const split = Math.floor((count * 2) / 3);
  const early = slice(forward, 0, split);
  const late = slice(forward, split, count);
  let best: { readonly fit: (data: Forward) => Promise<Calibration>; readonly loss: number } | undefined;
  for (const fit of candidates(count, pause)) {
    const loss = lossOf(await fit(early), late);
    await pause();
    if (best === undefined || loss < best.loss) best = { fit, loss };
  }
  return best === undefined ? { kind: 'none' } : best.fit(forward);
}

/** @see Platt (1999), Probabilistic outputs for support vector machines, section 2.2 (the smoothed targets) */
export async function fitPlatt(forward: Forward, pause: Pause, weights?: Float64Array): Promise<Calibration> {
  const rowCount = forward.labels.length;
  const positives = forward.labels.reduce((sum, label) => sum + label, 0);
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (rowCount - positives + 2);
  const design = {
    rowCount,
    width: 1,
    columnCount: 1,
    columns: new Int32Array(rowCount),
    values: forward.logOdds,
    labels: forward.labels.map((label) => (label === 1 ? high : low)),
  };
  const fitted = await fitLogistic(design, weights === undefined ? { ridge: 1e-3, pause } : { ridge: 1e-3, weights, pause });
  const slope = fitted.coefficients[0] ?? 0;
  if (slope > 0) return { kind: 'platt', offset: fitted.intercept, slope };
  // The scores say nothing, or the opposite of what they should: all that is left is how often it happens.
  const share = (positives + 1) / (rowCount + 2);
  return { kind: 'platt', offset: Math.log(share / (1 - share)), slope: 0 };
}

/** Isotonic regression, thinned to at most a hundred points. */
export function fitIsotonic(forward: Forward): Calibration {
  const order = Uint32Array.from(forward.logOdds.keys()).sort((a, b) => (forward.logOdds[a] ?? 0) - (forward.logOdds[b] ?? 0));
  const pools = poolAdjacentViolators(
    Float64Array.from(order, (index) => forward.logOdds[index] ?? 0),
    Float64Array.from(order, (index) => forward.labels[index] ?? 0),
  );
  const step = Math.max(1, Math.ceil(pools.length / MOST_POINTS));
  const kept = pools.filter((_, index) => index % step === 0 || index === pools.length - 1);
  const margin = 0.5 / (forward.labels.length + 1);
  return {
    kind: 'isotonic',
    logOdds: kept.map(({ from, to }) => (from + to) / 2),
    probabilities: kept.map(({ value }) => Math.min(1 - margin, Math.max(margin, value))),
  };
}

function candidates(count: number, pause: Pause): readonly ((data: Forward) => Promise<Calibration>)[] {
  const recent = (data: Forward): Promise<Calibration> => fitPlatt(data, pause, recencyWeights(data.labels.length, data.labels.length / 4));
  const all: ((data: Forward) => Promise<Calibration>)[] = [async () => ({ kind: 'none' }), (data) => fitPlatt(data, pause), recent];
  return count >= FEWEST_FOR_ISOTONIC ? [...all, async (data) => fitIsotonic(data)] : all;
}

/** Weights of rows in order of time: the last has 1, and each `halfLife` rows before it half of that. */
export function recencyWeights(count: number, halfLife: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => 2 ** (-(count - 1 - index) / halfLife));
}

function lossOf(calibration: Calibration, data: Forward): number {
  return logLossOf(
    data.logOdds.map((logOdds) => calibrate(calibration, logOdds)),
    data.labels,
  );
}

function slice({ logOdds, labels }: Forward, from: number, to: number): Forward {
  return { logOdds: logOdds.subarray(from, to), labels: labels.subarray(from, to) };
}

function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const right = xs.findIndex((each) => each >= x);
  const [x1 = 0, y1 = 0.5] = [xs[right === -1 ? xs.length - 1 : right], ys[right === -1 ? ys.length - 1 : right]];
  if (right <= 0) return y1;
  const [x0 = 0, y0 = 0.5] = [xs[right - 1], ys[right - 1]];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
