import { solveInPlace } from './cholesky.ts';
import type { Design } from './design.ts';

/** A fitted logistic regression: the log-odds are `intercept` plus the sum of coefficient × value. */
export interface Logistic {
  readonly intercept: number;
  /** By column. */
  readonly coefficients: Float64Array;
  readonly iterations: number;
  readonly hasConverged: boolean;
}

/** How a regression is fitted. */
export interface LogisticOptions {
  /** Penalty on the square of each coefficient but the intercept: λ of ½ λ Σ β². At 0 columns must be independent. */
  readonly ridge: number;
  /** Weight of each row; 1 without it. */
  readonly weights?: Float64Array;
  /** Where to begin; zero without it. */
  readonly start?: Logistic;
  /** Called between slices of the work, so that others get their turn. */
  readonly pause?: () => Promise<void>;
}

const MOST_ITERATIONS = 30;
const TOLERANCE = 1e-8;
const ROWS_A_SLICE = 5_000;

/**
 * Fits a logistic regression by iteratively reweighted least squares (Newton's method), halving a step that would lower
 * the penalised likelihood.
 *
 * @see Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd edition, section 4.4.1
 */
export async function fitLogistic(design: Design, options: LogisticOptions): Promise<Logistic> {
  const size = design.columnCount + 1;
  let beta: Float64Array = new Float64Array(size);
  if (options.start === undefined) beta[design.columnCount] = startIntercept(design, options.weights);
  else {
    beta.set(options.start.coefficients);
    beta[design.columnCount] = options.start.intercept;
  }
  let current = await evaluate(design, beta, options);
  for (let iteration = 1; iteration <= MOST_ITERATIONS; iteration += 1) {
    const step = current.gradient.slice();
    if (!solveInPlace(current.hessian, step)) return toLogistic(beta, iteration, false);
    const decrement = dot(step, current.gradient);
    if (decrement < TOLERANCE) return toLogistic(add(beta, step, 1), iteration, true);
    let share = 1;
    let next = add(beta, step, share);
    let evaluated = await evaluate(design, next, options);
    while (evaluated.loss > current.loss && share > 1e-4) {
      share /= 2;
      next = add(beta, step, share);
      evaluated = await evaluate(design, next, options);
    }
    beta = next;
    current = evaluated;
  }
  return toLogistic(beta, MOST_ITERATIONS, false);
}

/** Log-odds of each row. */
export function logOddsOf(design: Design, model: Logistic): Float64Array {
  const odds = new Float64Array(design.rowCount).fill(model.intercept);
  for (let row = 0; row < design.rowCount; row += 1) {
    for (let entry = row * design.width; entry < (row + 1) * design.width; entry += 1) {
      odds[row] = (odds[row] ?? 0) + (model.coefficients[design.columns[entry] ?? 0] ?? 0) * (design.values[entry] ?? 0);
    }
  }
  return odds;
}

/** The probability of log-odds. */
export function toProbability(logOdds: number): number {
  return logOdds >= 0 ? 1 / (1 + Math.exp(-logOdds)) : Math.exp(logOdds) / (1 + Math.exp(logOdds));
}

interface Evaluation {
  /** Penalised negative log-likelihood. */
  readonly loss: number;
  /** Downhill direction of the loss. */
  readonly gradient: Float64Array;
  /** Lower triangle, [size × size]. */
  readonly hessian: Float64Array;
}

async function evaluate(design: Design, beta: Float64Array, { ridge, weights, pause }: LogisticOptions): Promise<Evaluation> {
  const size = design.columnCount + 1;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  let loss = 0;
  for (let column = 0; column < design.columnCount; column += 1) {
    const coefficient = beta[column] ?? 0;
    loss += (ridge * coefficient ** 2) / 2;
    gradient[column] = -ridge * coefficient;
    hessian[column * size + column] = ridge;
  }
  for (let from = 0; from < design.rowCount; from += ROWS_A_SLICE) {
    loss += addRows(design, from, Math.min(from + ROWS_A_SLICE, design.rowCount), beta, weights, gradient, hessian);
    await pause?.();
  }
  return { loss, gradient, hessian };
}

/** Adds the rows' share to gradient and Hessian. @returns their share of the loss */
function addRows(
  design: Design,
  from: number,
  to: number,
  beta: Float64Array,
  weights: Float64Array | undefined,
  gradient: Float64Array,
  hessian: Float64Array,
): number {
  const { width, columns, values, labels, columnCount } = design;
  const size = columnCount + 1;
  const last = columnCount * size;
  let loss = 0;
  for (let row = from; row < to; row += 1) {
    const first = row * width;
    let odds = beta[columnCount] as number;
    for (let entry = first; entry < first + width; entry += 1)
      odds += (beta[columns[entry] as number] as number) * (values[entry] as number);
    const probability = toProbability(odds);
    const weight = weights === undefined ? 1 : (weights[row] as number);
    const label = labels[row] as number;
    // log(1 + e^odds) - label × odds, without overflow
    loss += weight * (Math.max(odds, 0) + Math.log1p(Math.exp(-Math.abs(odds))) - label * odds);
    const residual = weight * (label - probability);
    const curvature = Math.max(weight * probability * (1 - probability), 1e-12);
    gradient[columnCount] = (gradient[columnCount] as number) + residual;
    hessian[last + columnCount] = (hessian[last + columnCount] as number) + curvature;
    for (let entry = first; entry < first + width; entry += 1) {
      const value = values[entry] as number;
      if (value === 0) continue;
      const column = columns[entry] as number;
      gradient[column] = (gradient[column] as number) + residual * value;
      const scaled = curvature * value;
      hessian[last + column] = (hessian[last + column] as number) + scaled;
      // Columns of later features stand behind those of earlier ones: this is the lower triangle.
      for (let other = first; other <= entry; other += 1) {
        const index = column * size + (columns[other] as number);
        hessian[index] = (hessian[index] as number) + scaled * (values[other] as number);
      }
    }
  }
  return loss;
}

function startIntercept(design: Design, weights: Float64Array | undefined): number {
  let positives = 0.5;
  let total = 1;
  for (let row = 0; row < design.rowCount; row += 1) {
    const weight = weights?.[row] ?? 1;
    positives += weight * (design.labels[row] ?? 0);
    total += weight;
  }
  return Math.log(positives / (total - positives));
}

function toLogistic(beta: Float64Array, iterations: number, hasConverged: boolean): Logistic {
  return { intercept: beta.at(-1) ?? 0, coefficients: beta.slice(0, -1), iterations, hasConverged };
}

function add(beta: Float64Array, step: Float64Array, share: number): Float64Array {
  return beta.map((value, index) => value + share * (step[index] ?? 0));
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}
