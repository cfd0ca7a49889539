import assert from 'node:assert/strict';
import { aucOf, brierOf, eceOf, logLossOf } from '../../src/model/metrics.ts';

const array = (...values: number[]): Float64Array => Float64Array.from(values);

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 5e-6, `${actual} is not ${expected}`);
}

describe('measures of probabilities', () => {
  it('have an AUC that counts pairs', () => {
    // scikit-learn's documentation of roc_auc_score.
    near(aucOf(array(0.1, 0.4, 0.35, 0.8), array(0, 0, 1, 1)), 0.75);
    // By hand: pairs (0.5|0.5) half, (0.5|0.2) one, (0.9|0.5) one, (0.9|0.2) one: 3.5 of 4.
    near(aucOf(array(0.5, 0.5, 0.9, 0.2), array(1, 0, 1, 0)), 0.875);
    near(aucOf(array(0.3, 0.3, 0.3), array(1, 0, 1)), 0.5);
    near(aucOf(array(0.3, 0.4), array(1, 1)), 0.5);
  });

  it("have scikit-learn's Brier score and log loss", () => {
    // Documentation of brier_score_loss and log_loss.
    near(brierOf(array(0.1, 0.9, 0.8, 0.3), array(0, 1, 1, 0)), 0.0375);
    near(logLossOf(array(0.9, 0.1, 0.2, 0.65), array(1, 0, 0, 1)), 0.21616187468057912);
    assert.ok(Number.isFinite(logLossOf(array(0, 1), array(1, 0))));
  });

  it('have a calibration error by bins of equal size', () => {
    // Ten rows, ten bins of one: the mean distance. 5 × 0.2 and 5 × 0.1 over 10.
    near(
      eceOf(array(0.2, 0.21, 0.22, 0.23, 0.24, 0.9, 0.91, 0.92, 0.93, 0.94), array(0, 0, 0, 0, 0, 1, 1, 1, 1, 1)),
      (0.2 + 0.21 + 0.22 + 0.23 + 0.24 + 0.1 + 0.09 + 0.08 + 0.07 + 0.06) / 10,
    );
    // Twenty rows, bins of two: one of two positive at 0.5 everywhere is calibrated.
    near(
      eceOf(
        new Float64Array(20).fill(0.5),
        Float64Array.from({ length: 20 }, (_, index) => index % 2),
      ),
      0,
    );
    near(eceOf(array(), array()), 0);
  });
});
