/** Products with a row-major matrix, without an allocation: everything else waits for these loops. */

/**
 * Rows `first` to `end` (not included) of W (rows, columns) times the vector that begins at xAt in x.
 * @param {Float64Array} W
 * @param {number} first
 * @param {number} end
 * @param {number} columns
 * @param {Float64Array} x
 * @param {number} xAt
 * @param {Float64Array} out
 * @param {number} [outAt] where the product of the first row goes; its own number if left out
 */
export function multiply(W, first, end, columns, x, xAt, out, outAt = first) {
  const blocks = columns - (columns % 4);
  for (let row = first; row < end; row++) {
    const start = row * columns;
    let a = 0, b = 0, c = 0, d = 0;
    for (let j = 0; j < blocks; j += 4) {
      a += W[start + j] * x[xAt + j];
      b += W[start + j + 1] * x[xAt + j + 1];
      c += W[start + j + 2] * x[xAt + j + 2];
      d += W[start + j + 3] * x[xAt + j + 3];
    }
    for (let j = blocks; j < columns; j++) a += W[start + j] * x[xAt + j];
    out[outAt + row - first] = a + b + (c + d);
  }
}

/**
 * Add v W to out: v (end - first) stands for the rows `first` to `end` (not included) of W (rows, columns).
 * @param {Float64Array} v
 * @param {Float64Array} W
 * @param {number} first
 * @param {number} end
 * @param {number} columns
 * @param {Float64Array} out (columns)
 */
export function addTransposed(v, W, first, end, columns, out) {
  const rows = end - first;
  const blocks = rows - (rows % 4);
  for (let i = 0; i < blocks; i += 4) {
    const [a, b, c, d] = [v[i], v[i + 1], v[i + 2], v[i + 3]];
    const start = (first + i) * columns;
    for (let j = 0, at = start; j < columns; j++, at++) {
      out[j] += a * W[at] + b * W[at + columns] + (c * W[at + 2 * columns] + d * W[at + 3 * columns]);
    }
  }
  for (let i = blocks; i < rows; i++) {
    const start = (first + i) * columns;
    for (let j = 0; j < columns; j++) out[j] += v[i] * W[start + j];
  }
}
