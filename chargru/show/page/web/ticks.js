/** Round numbers along an axis, and how they are written. */

/**
 * The multiples of 1, 2 or 5 times a power of ten from `least` to `most`, about so many.
 * @param {number} least @param {number} most @param {number} count
 * @returns {number[]}
 */
export function niceTicks(least, most, count) {
  const rough = (most - least) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const each = [1, 2, 5].map((one) => one * power).find((one) => one >= rough) ?? 10 * power;
  const found = [];
  for (let k = Math.ceil(least / each - 1e-9); k * each <= most * (1 + 1e-9); k++) {
    found.push(Number((k * each).toPrecision(12)));
  }
  return found;
}

/** Four digits that count, without zeros at the end. @param {number} value */
export function shortNumber(value) {
  return String(Number(value.toPrecision(4)));
}
