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
  const blocks = end - ((end - first) % 4);
  for (let row = first; row < blocks; row += 4) {
    const start = row * columns;
    let a = 0, b = 0, c = 0, d = 0;
    for (let j = 0, at = start; j < columns; j++, at++) {
      const factor = x[xAt + j];
      a += W[at] * factor;
      b += W[at + columns] * factor;
      c += W[at + 2 * columns] * factor;
      d += W[at + 3 * columns] * factor;
    }
    const to = outAt + row - first;
    out[to] = a;
    out[to + 1] = b;
    out[to + 2] = c;
    out[to + 3] = d;
  }
  for (let row = blocks; row < end; row++) {
    let a = 0;
    for (let j = 0; j < columns; j++) a += W[row * columns + j] * x[xAt + j];
    out[outAt + row - first] = a;
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
