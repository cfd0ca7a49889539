/** How good probabilities are. */
export interface Metrics {
  /** Area under the ROC curve: how often a positive stands above a negative; 0.5 is chance. */
  readonly auc: number;
  /** Mean squared difference of probability and outcome; lower is better. */
  readonly brier: number;
  /** Mean negative log-likelihood in nats; lower is better. */
  readonly logLoss: number;
  /** Expected calibration error over ten bins of equal size: mean distance of predicted and observed share, 0 to 1. */
  readonly ece: number;
}

const BINS = 10;
const SMALLEST = 1e-12;

/** All four measures. Empty input gives those of knowing nothing. */
export function measure(probabilities: Float64Array, labels: Float64Array): Metrics {
  return {
    auc: aucOf(probabilities, labels),
    brier: brierOf(probabilities, labels),
    logLoss: logLossOf(probabilities, labels),
    ece: eceOf(probabilities, labels),
  };
}

/**
 * Area under the ROC curve by the ranks' sum, ties counting half.
 *
 * @see Hanley and McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143(1), 29–36
 */
export function aucOf(scores: Float64Array, labels: Float64Array): number {
  const order = byScore(scores);
  let positives = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    const score = scores[order[from] ?? 0];
    let to = from;
    let tied = 0;
    while (to < order.length && scores[order[to] ?? 0] === score) {
      tied += labels[order[to] ?? 0] ?? 0;
      to += 1;
    }
    positives += tied;
    rankSum += tied * ((from + to + 1) / 2);
    from = to;
  }
  const negatives = order.length - positives;
  return positives === 0 || negatives === 0 ? 0.5 : (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** @see Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78(1), 1–3 */
export function brierOf(probabilities: Float64Array, labels: Float64Array): number {
  return meanOf(probabilities, (probability, index) => (probability - (labels[index] ?? 0)) ** 2);
}

/** Probabilities are kept off 0 and 1 by 1e-12. */
export function logLossOf(probabilities: Float64Array, labels: Float64Array): number {
  return meanOf(probabilities, (probability, index) => -Math.log(Math.max(SMALLEST, labels[index] === 1 ? probability : 1 - probability)));
}

/**
 * Expected calibration error over ten bins with equally many rows.
 *
 * @see Nguyen and O'Connor (2015), Posterior calibration and exploratory analysis, EMNLP, section 3 (adaptive binning)
 */
export function eceOf(probabilities: Float64Array, labels: Float64Array): number {
  const order = byScore(probabilities);
  let error = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    let distance = 0;
    for (const index of order.subarray(Math.floor((bin * order.length) / BINS), Math.floor(((bin + 1) * order.length) / BINS))) {
      distance += (probabilities[index] ?? 0) - (labels[index] ?? 0);
    }
    error += Math.abs(distance);
  }
  return order.length === 0 ? 0 : error / order.length;
}

/** How many times more positives the best tenth has than all have; ties in the order of the rows. 1 when there are none. */
export function liftAtTenthOf(scores: Float64Array, labels: Float64Array): number {
  const best = byScore(scores.map((score) => -score)).subarray(0, Math.floor(scores.length / 10));
  const share = meanOf(labels, (label) => label);
  return best.length === 0 || share === 0 ? 1 : best.reduce((sum, index) => sum + (labels[index] ?? 0), 0) / best.length / share;
}

function byScore(scores: Float64Array): Uint32Array {
  return Uint32Array.from(scores.keys()).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
}

function meanOf(values: Float64Array, of: (value: number, index: number) => number): number {
  let sum = 0;
  for (const [index, value] of values.entries()) sum += of(value, index);
  return values.length === 0 ? 0 : sum / values.length;
}
