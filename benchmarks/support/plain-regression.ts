/** One row: numbers as they are, words as columns of their own; what is missing is missing. */
export type PlainRow = Readonly<Record<string, unknown>>;

const STEPS = 200;
const RATE = 0.5;
const MOMENTUM = 0.9;
const RIDGE = 1e-4;

/**
 * A plain logistic regression to compare with: numbers standardised (missing ones at the mean), words one-hot, fitted by
 * gradient descent with momentum. It has no bins, no calibration and nothing of the plugin in it.
 *
 * @returns the probability of a row
 */
export function fitPlain(rows: readonly PlainRow[], labels: readonly boolean[]): (row: PlainRow) => number {
  const encode = encoderOf(rows);
  const encoded = rows.map(encode);
  const width = encoded.reduce((most, cells) => cells.reduce((each, [column]) => Math.max(each, column + 1), most), 0);
  const weights = new Float64Array(width + 1);
  const velocity = new Float64Array(width + 1);
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = weights.map((weight, column) => (column === width ? 0 : RIDGE * weight));
    for (let index = 0; index < encoded.length; index += 1) {
      const cells = encoded[index] ?? [];
      const residual = (sigmoid(dot(cells, weights, width)) - Number(labels[index])) / encoded.length;
      gradient[width] = (gradient[width] ?? 0) + residual;
      for (const [column, value] of cells) gradient[column] = (gradient[column] ?? 0) + residual * value;
    }
    for (const [column, slope] of gradient.entries()) {
      velocity[column] = MOMENTUM * (velocity[column] ?? 0) - RATE * slope;
      weights[column] = (weights[column] ?? 0) + (velocity[column] ?? 0);
    }
  }
  return (row) => sigmoid(dot(encode(row), weights, width));
}

type Cells = readonly (readonly [column: number, value: number])[];

function encoderOf(rows: readonly PlainRow[]): (row: PlainRow) => Cells {
  const columns = new Map<string, number>();
  const numbers = new Map<string, { mean: number; scale: number }>();
  for (const name of new Set(rows.flatMap((row) => Object.keys(row)))) {
    const values = rows.flatMap((row) => (typeof row[name] === 'number' ? [row[name]] : []));
    if (values.length === 0) continue;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    numbers.set(name, { mean, scale: Math.sqrt(variance) || 1 });
    columns.set(name, columns.size);
  }
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) {
      const level = `${name}=${String(value)}`;
      if (!numbers.has(name) && !columns.has(level)) columns.set(level, columns.size);
    }
  return (row) =>
    Object.entries(row).flatMap(([name, value]): Cells => {
      const scale = numbers.get(name);
      const column = columns.get(scale === undefined ? `${name}=${String(value)}` : name);
      if (column === undefined) return [];
      return [[column, scale === undefined ? 1 : (Number(value) - scale.mean) / scale.scale]];
    });
}

function dot(cells: Cells, weights: Float64Array, width: number): number {
  let sum = weights[width] ?? 0;
  for (const [column, value] of cells) sum += value * (weights[column] ?? 0);
  return sum;
}

function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
