/**
 * Solves A x = b for a symmetric positive definite A by Cholesky's decomposition.
 *
 * @param matrix [size × size], lower triangle read and overwritten
 * @param vector b; overwritten by x
 * @returns false when A is not positive definite
 * @see Golub and Van Loan, Matrix Computations, 4th edition, algorithm 4.2.1
 */
export function solveInPlace(matrix: Float64Array, vector: Float64Array): boolean {
  const size = vector.length;
  const at = (row: number, column: number): number => matrix[row * size + column] ?? 0;
  for (let column = 0; column < size; column += 1) {
    let diagonal = at(column, column);
    for (let k = 0; k < column; k += 1) diagonal -= at(column, k) ** 2;
    if (!(diagonal > 0)) return false;
    const root = Math.sqrt(diagonal);
    matrix[column * size + column] = root;
    for (let row = column + 1; row < size; row += 1) {
      let sum = at(row, column);
      for (let k = 0; k < column; k += 1) sum -= at(row, k) * at(column, k);
      matrix[row * size + column] = sum / root;
    }
  }
  for (let row = 0; row < size; row += 1) {
    let sum = vector[row] ?? 0;
    for (let k = 0; k < row; k += 1) sum -= at(row, k) * (vector[k] ?? 0);
    vector[row] = sum / at(row, row);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = vector[row] ?? 0;
    for (let k = row + 1; k < size; k += 1) sum -= at(k, row) * (vector[k] ?? 0);
    vector[row] = sum / at(row, row);
  }
  return true;
}
