/** Round numbers along an axis, and how they are written. */

/**
 * Multiples of 1, 2 or 5 times a power of ten, from 0 to at most `most`, about so many.
 * @param {number} most @param {number} count
 * @returns {number[]}
 */
export function niceTicks(most, count) {
  const rough = most / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const each = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 10 * power;
  return Array.from(
    { length: Math.floor(most / each + 1e-9) + 1 },
    (_, k) => Number((k * each).toPrecision(12)),
  );
}

/** Four digits that count, without zeros at the end. @param {number} value */
export function shortNumber(value) {
  return String(Number(value.toPrecision(4)));
}
