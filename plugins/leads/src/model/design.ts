import { encodeCell } from './encoding.ts';
import type { Encoding, Pause } from './encoding.ts';
import type { Example } from './example.ts';

/**
 * A sparse design matrix: each row fills one column per feature.
 *
 * `columns` and `values` are [row × width]; `labels` are 0 or 1.
 */
export interface Design {
  readonly rowCount: number;
  /** Features, and so filled columns, of a row. */
  readonly width: number;
  readonly columnCount: number;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  readonly labels: Float64Array;
}

const ROWS_A_SLICE = 2_000;

/** Encodes examples, in their order. */
export async function createDesign(examples: readonly Example[], encoding: Encoding, pause: Pause): Promise<Design> {
  const width = encoding.features.length;
  const columns = new Int32Array(examples.length * width);
  const values = new Float64Array(examples.length * width);
  const labels = new Float64Array(examples.length);
  for (const [row, example] of examples.entries()) {
    labels[row] = example.isPositive ? 1 : 0;
    for (const [index, feature] of encoding.features.entries()) {
      const cell = encodeCell(feature, example.values);
      columns[row * width + index] = cell.column;
      values[row * width + index] = cell.value;
    }
    if (row % ROWS_A_SLICE === ROWS_A_SLICE - 1) await pause();
  }
  return { rowCount: examples.length, width, columnCount: encoding.columnCount, columns, values, labels };
}

/** Rows from `from` (inclusive) to `to` (exclusive), without copying. */
export function rowsOf(design: Design, from: number, to: number): Design {
  const { width } = design;
  return {
    ...design,
    rowCount: to - from,
    columns: design.columns.subarray(from * width, to * width),
    values: design.values.subarray(from * width, to * width),
    labels: design.labels.subarray(from, to),
  };
}
