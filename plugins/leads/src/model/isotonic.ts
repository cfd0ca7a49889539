/** A stretch of scores with one value, by pool adjacent violators. */
export interface Pool {
  /** Lowest and highest score in it. */
  readonly from: number;
  readonly to: number;
  readonly value: number;
  readonly weight: number;
}

interface Growing {
  readonly from: number;
  to: number;
  sum: number;
  weight: number;
}

/**
 * The non-decreasing step function nearest to the labels in weighted squared error, by pooling adjacent violators.
 *
 * @param scores ascending
 * @returns pools in ascending order of scores and values; equal scores are in one pool
 * @see Barlow, Bartholomew, Bremner and Brunk (1972), Statistical inference under order restrictions, section 1.2
 */
export function poolAdjacentViolators(scores: Float64Array, labels: Float64Array, weights?: Float64Array): readonly Pool[] {
  const pools: Growing[] = [];
  for (const [index, score] of scores.entries()) {
    const weight = weights?.[index] ?? 1;
    if (weight <= 0) continue;
    const label = labels[index] ?? 0;
    const top = pools.at(-1);
    if (top !== undefined && top.to === score) {
      top.sum += label * weight;
      top.weight += weight;
    } else pools.push({ from: score, to: score, sum: label * weight, weight });
    merge(pools);
  }
  return pools.map(({ from, to, sum, weight }) => ({ from, to, value: sum / weight, weight }));
}

function merge(pools: Growing[]): void {
  for (
    let last = pools.at(-1), before = pools.at(-2);
    last !== undefined && before !== undefined;
    last = pools.at(-1), before = pools.at(-2)
  ) {
    if (before.sum / before.weight < last.sum / last.weight) return;
    before.to = last.to;
    before.sum += last.sum;
    before.weight += last.weight;
    pools.pop();
  }
}
