/** The page's arithmetic against the values that chargru gave it. */

import { decodeFloats } from "./numbers.js";

/**
 * The largest absolute difference between a run and what chargru computed at some of its steps, and how many values
 * were compared; Infinity where one of two is not a number.
 * @param {import("./run.js").Run} run
 * @param {import("./types.js").Given} given
 * @returns {{difference: number, values: number}}
 */
export function largestDifference(run, given) {
  const found = { difference: 0, values: 0 };
  given.layers.forEach((layer, number) => {
    for (const name of /** @type {const} */ (["h_prev", "r", "z", "n", "h"])) {
      const values = decodeFloats(layer[name], "float64");
      given.steps.forEach((t, row) => {
        checkCompare(run.row(name, number, t), values.subarray(row * run.H, (row + 1) * run.H), found);
      });
    }
  });
  const bits = Float64Array.from(given.steps, (t) => run.bits[t - 1]);
  checkCompare(bits, decodeFloats(given.bits, "float64"), found);
  return found;
}

/** @param {Float64Array} ours @param {Float64Array} theirs @param {{difference: number, values: number}} found */
function checkCompare(ours, theirs, found) {
  if (ours.length !== theirs.length) throw new Error(`${theirs.length} values were given for ${ours.length}`);
  ours.forEach((value, i) => {
    if (Number.isNaN(value) && Number.isNaN(theirs[i])) return; // no character before it: nothing to compare
    const difference = Math.abs(value - theirs[i]);
    found.difference = Math.max(found.difference, Number.isNaN(difference) ? Infinity : difference);
    found.values += 1;
  });
}
