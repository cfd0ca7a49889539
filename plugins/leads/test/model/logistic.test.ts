import assert from 'node:assert/strict';
import type { Design } from '../../src/model/design.ts';
import { fitLogistic, logOddsOf } from '../../src/model/logistic.ts';

/** A design with one column. */
function simple(values: readonly number[], labels: readonly number[]): Design {
  return {
    rowCount: values.length,
    width: 1,
    columnCount: 1,
    columns: new Int32Array(values.length),
    values: Float64Array.from(values),
    labels: Float64Array.from(labels),
  };
}

function near(actual: number | undefined, expected: number, tolerance: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

describe('fitLogistic', () => {
  // Hours of study and passing an exam: https://en.wikipedia.org/wiki/Logistic_regression#Example (coefficients as given there).
  const hours = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5];
  const passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1];

  it('gives the published coefficients of hours and passing', async () => {
    const fitted = await fitLogistic(simple(hours, passed), { ridge: 0 });
    near(fitted.intercept, -4.0777, 5e-5);
    near(fitted.coefficients[0], 1.5046, 5e-5);
    assert.ok(fitted.hasConverged);
  });

  it("gives R's coefficients of glm(am ~ wt, binomial, mtcars)", async () => {
    // R's data set mtcars (Motor Trend, 1974): weight in 1,000 lb and manual gear; R prints 12.040 and -4.024.
    const weights = [
      2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78, 5.25, 5.424, 5.345, 2.2, 1.615, 1.835, 2.465,
      3.52, 3.435, 3.84, 3.845, 1.935, 2.14, 1.513, 3.17, 2.77, 3.57, 2.78,
    ];
    const manual = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
    const fitted = await fitLogistic(simple(weights, manual), { ridge: 0 });
    near(fitted.intercept, 12.04, 5e-4);
    near(fitted.coefficients[0], -4.024, 5e-4);
  });

  it('has no gradient left where it stops, with a penalty and several columns', async () => {
    // Two features of a row: a number in column 0 and a level in column 1 or 2.
    const columns = Int32Array.from(hours.flatMap((_, row) => [0, 1 + (row % 2)]));
    const values = Float64Array.from(hours.flatMap((hour) => [hour, 1]));
    const design: Design = { rowCount: hours.length, width: 2, columnCount: 3, columns, values, labels: Float64Array.from(passed) };
    const ridge = 0.7;
    const fitted = await fitLogistic(design, { ridge });
    const gradient = Array.from(fitted.coefficients, (coefficient) => -ridge * coefficient);
    let ofIntercept = 0;
    for (const [row, odds] of logOddsOf(design, fitted).entries()) {
      const residual = (passed[row] ?? 0) - 1 / (1 + Math.exp(-odds));
      ofIntercept += residual;
      for (const entry of [2 * row, 2 * row + 1])
        gradient[columns[entry] ?? 0] = (gradient[columns[entry] ?? 0] ?? 0) + residual * (values[entry] ?? 0);
    }
    for (const value of [...gradient, ofIntercept]) near(value, 0, 1e-4);
  });

  it('takes a weight of two as the row twice', async () => {
    const weighted = await fitLogistic(simple(hours, passed), {
      ridge: 1,
      weights: Float64Array.from(hours, (_, row) => (row < 5 ? 2 : 1)),
    });
    const doubled = await fitLogistic(simple([...hours, ...hours.slice(0, 5)], [...passed, ...passed.slice(0, 5)]), { ridge: 1 });
    near(weighted.intercept, doubled.intercept, 1e-6);
    near(weighted.coefficients[0], doubled.coefficients[0] ?? NaN, 1e-6);
  });

  it('stays finite where the outcome is always the same or fully told by a column', async () => {
    for (const labels of [hours.map(() => 0), hours.map((hour) => Number(hour > 2))]) {
      const fitted = await fitLogistic(simple(hours, labels), { ridge: 1 });
      assert.ok(Number.isFinite(fitted.intercept) && Number.isFinite(fitted.coefficients[0]));
    }
  });

  it('gives others their turn', async () => {
    let pauses = 0;
    await fitLogistic(simple(hours, passed), { ridge: 1, pause: async () => void (pauses += 1) });
    assert.ok(pauses > 0);
  });
});
