import { calibrate } from './calibration.ts';
import type { Calibration } from './calibration.ts';
import { encodeCell } from './encoding.ts';
import type { Cell, Encoding, FeatureEncoding } from './encoding.ts';

/** A trained model, as data. */
export interface Model {
  readonly encoding: Encoding;
  readonly intercept: number;
  /** By column. */
  readonly coefficients: readonly number[];
  /** By feature: the mean of its share of the log-odds over what it was trained on. */
  readonly averages: readonly number[];
  readonly calibration: Calibration;
}

/** What one feature added to the log-odds, compared with the average. */
export interface Contribution {
  readonly encoding: FeatureEncoding;
  readonly cell: Cell;
  readonly value: unknown;
  readonly logOdds: number;
}

/** A score with what made it. */
export interface Prediction {
  /** 0 to 1, calibrated. */
  readonly probability: number;
  /** In the order of the features. */
  readonly contributions: readonly Contribution[];
}

/**
 * Scores one set of values.
 *
 * @param shift added to the log-odds before they are calibrated
 */
export function predict(model: Model, values: Readonly<Record<string, unknown>>, shift = 0): Prediction {
  let logOdds = model.intercept + shift;
  const contributions = model.encoding.features.map((encoding, index) => {
    const cell = encodeCell(encoding, values);
    const share = (model.coefficients[cell.column] ?? 0) * cell.value;
    logOdds += share;
    const value = Object.hasOwn(values, encoding.feature.name) ? values[encoding.feature.name] : undefined;
    return { encoding, cell, value, logOdds: share - (model.averages[index] ?? 0) };
  });
  return { probability: calibrate(model.calibration, logOdds), contributions };
}
