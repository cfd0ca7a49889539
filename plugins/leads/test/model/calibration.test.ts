import assert from 'node:assert/strict';
import { calibrate, fitCalibration, fitIsotonic, fitPlatt } from '../../src/model/calibration.ts';
import { poolAdjacentViolators } from '../../src/model/isotonic.ts';

const noPause = async (): Promise<void> => undefined;
const array = (...values: number[]): Float64Array => Float64Array.from(values);
const unpack = (labels: Float64Array, weights?: Float64Array): readonly number[] =>
  poolAdjacentViolators(
    labels.map((_, index) => index),
    labels,
    weights,
  ).flatMap(({ from, to, value }) => new Array<number>(to - from + 1).fill(value));

describe('poolAdjacentViolators', () => {
  it("gives R's isoreg(c(1, 0, 4, 3, 3, 5, 4, 2, 0))", () => {
    assert.deepEqual(unpack(array(1, 0, 4, 3, 3, 5, 4, 2, 0)), [0.5, 0.5, 3, 3, 3, 3, 3, 3, 3]);
  });

  it('leaves what ascends, and counts weights', () => {
    assert.deepEqual(unpack(array(1, 2, 3)), [1, 2, 3]);
    assert.deepEqual(unpack(array(3, 0), array(1, 2)), [1, 1]);
  });

  it('has one value for one score', () => {
    assert.deepEqual(poolAdjacentViolators(array(1, 1, 2), array(0, 1, 1)), [
      { from: 1, to: 1, value: 0.5, weight: 2 },
      { from: 2, to: 2, value: 1, weight: 1 },
    ]);
  });
});

describe('calibration', () => {
  /** Log-odds and outcomes that happen as often as `truth` says; always the same. */
  function sample(count: number, truth: (logOdds: number) => number): { readonly logOdds: Float64Array; readonly labels: Float64Array } {
    let seed = 11;
    const next = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const logOdds = Float64Array.from({ length: count }, () => next() * 6 - 3);
    return { logOdds, labels: logOdds.map((value) => Number(next() < truth(value))) };
  }
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

  it('finds offset and slope again', async () => {
    const fitted = await fitPlatt(
      sample(20_000, (value) => sigmoid(0.8 + 0.5 * value)),
      noPause,
    );
    assert.ok(
      fitted.kind === 'platt' && Math.abs(fitted.offset - 0.8) < 0.06 && Math.abs(fitted.slope - 0.5) < 0.04,
      JSON.stringify(fitted),
    );
  });

  it('follows a curve that no line fits, ascending', () => {
    const fitted = fitIsotonic(sample(20_000, (value) => (value < 0 ? 0.1 : 0.7)));
    assert.ok(Math.abs(calibrate(fitted, -2) - 0.1) < 0.04);
    assert.ok(Math.abs(calibrate(fitted, 2) - 0.7) < 0.04);
    let before = 0;
    for (let logOdds = -5; logOdds < 5; logOdds += 0.1) {
      const probability = calibrate(fitted, logOdds);
      assert.ok(probability >= before && probability > 0 && probability < 1);
      before = probability;
    }
  });

  it('says only how often it happens where scores say nothing', async () => {
    const fitted = await fitPlatt(
      sample(400, (value) => sigmoid(-value)),
      noPause,
    );
    assert.ok(fitted.kind === 'platt' && fitted.slope === 0);
  });

  it('chooses the kind that holds on the latest part', async () => {
    const fitted = await fitCalibration(
      sample(6_000, (value) => sigmoid(1.5 + value)),
      noPause,
    );
    assert.ok(Math.abs(calibrate(fitted, 0) - sigmoid(1.5)) < 0.04, JSON.stringify(fitted).slice(0, 200));
  });
});
