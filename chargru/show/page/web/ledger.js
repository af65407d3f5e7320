/** What a state is made of: h_t[i] as the sum of what every earlier step wrote into it. */

/** @typedef {import("./run.js").Run} Run */

/**
 * The shares w_0 to w_t of h_t[index], (t + 1): w_k = (1 - z_k) z_{k+1} ... z_t, and w_0 = z_1 ... z_t that of h_0.
 * They sum to 1, and h_t[index] is the sum of w_k n_k[index].
 * @param {Run} run
 * @param {number} layer from 0
 * @param {number} index
 * @param {number} t from 1
 * @returns {Float64Array}
 */
export function shares(run, layer, index, t) {
  const found = new Float64Array(t + 1);
  let kept = 1;
  for (let k = t; k >= 1; k--) {
    const z = run.value("z", layer, k, index);
    found[k] = (1 - z) * kept;
    kept *= z;
  }
  found[0] = kept;
  return found;
}
