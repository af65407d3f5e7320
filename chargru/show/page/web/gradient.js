/**
 * How large the gradient of a loss still is at earlier steps, back through the whole stack.
 *
 *   az = (h_prev - n) z (1 - z)                              dh_t/da_z
 *   an = (1 - z) (1 - n^2)                                   dh_t/da_n
 *   ar = (W_hn h_prev + b_hn) r (1 - r), or h_prev r (1 - r)  what a_r does to the candidate, reset after or before
 *
 * What is small is computed from the pre-activations, 1 - z = sigmoid(-a_z), so that it keeps its digits where a gate
 * is all but 1. A gate that is held is a constant: its az or ar is 0.
 */

import { addTransposed } from "./matrix.js";
import { sigmoid } from "./network.js";
import { Slices } from "./slices.js";

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./run.js").Run} Run */

/**
 * log10 of |dL_t/dh_k| / |dL_t/dh_t| for k = 0 to t, (t + 1), where h is the state of all layers and
 * L_t = -ln p(x_{t+1} | h_t). -Infinity where the gradient is exactly zero; NaN throughout where there is no loss:
 * at the last step, or without a head.
 * @param {Network} network
 * @param {Run} run
 * @param {number} t from 1
 * @param {object} [options]
 * @param {AbortSignal} [options.signal] cancels: the promise is rejected with its reason
 * @returns {Promise<Float64Array>}
 */
export async function sizesByLag(network, run, t, { signal } = {}) {
  const slices = new Slices(signal);
  const found = new Float64Array(t + 1).fill(NaN);
  if (!network.head || t >= run.T) return found;
  const v = network.zeroState();
  gradientOfLoss(network, run, t, v[network.L - 1]);
  const room = new GradientRoom(network.H);
  let scale = gradientRescale(v);
  found[t] = scale + gradientLogNorm(v);
  for (let step = t; step >= 1; step--) {
    if (slices.over) await slices.next();
    gradientStep(network, run, step, v, room);
    scale += gradientRescale(v);
    found[step - 1] = scale + gradientLogNorm(v);
  }
  const start = Number.isFinite(found[t]) ? found[t] : 0;
  return found.map((size) => size - start);
}

/** dL_t/dh_t of the top layer into v: (p - one-hot) W. @param {Network} network @param {Run} run @param {number} t @param {Float64Array} v */
function gradientOfLoss(network, run, t, v) {
  const p = run.nextProbabilities(t);
  const target = run.ids[t];
  p[target] = 0;
  p[target] = -p.reduce((sum, one) => sum + one, 0); // p - 1, with its digits where the prediction is sure
  addTransposed(p, network.headWeight, 0, network.V, network.H, v);
}

/** Room for one layer's step back, (H) each. */
class GradientRoom {
  /** @param {number} H */
  constructor(H) {
    this.old = new Float64Array(H);
    this.through = new Float64Array(H);
    this.product = new Float64Array(H);
    this.da_r = new Float64Array(H);
    this.da_z = new Float64Array(H);
    this.da_n = new Float64Array(H);
    this.ar = new Float64Array(H);
  }
}

/**
 * From dL/dh_t to dL/dh_{t-1}, in place; what a layer reads returns to the layer below at the same step.
 * @param {Network} network
 * @param {Run} run
 * @param {number} t
 * @param {Float64Array[]} v one a layer
 * @param {GradientRoom} room
 */
function gradientStep(network, run, t, v, room) {
  const { H } = network;
  const held = network.schedule(run.forces).at(t);
  for (let layer = network.L - 1; layer >= 0; layer--) {
    const { W_i, W_h } = network.layers[layer];
    gradientOfGates(run, layer, t, v[layer], held[layer], room);
    gradientThroughCandidate(network, run, layer, t, room);
    addTransposed(room.da_r, W_h, 0, H, H, room.old);
    addTransposed(room.da_z, W_h, H, 2 * H, H, room.old);
    if (layer) {
      addTransposed(room.da_r, W_i, 0, H, H, v[layer - 1]);
      addTransposed(room.da_z, W_i, H, 2 * H, H, v[layer - 1]);
      addTransposed(room.da_n, W_i, 2 * H, 3 * H, H, v[layer - 1]);
    }
    v[layer].set(room.old);
  }
}

/**
 * The shortcut z v into room.old, and dL/da_z, dL/da_n and ar of a layer.
 * @param {Run} run
 * @param {number} layer
 * @param {number} t
 * @param {Float64Array} v
 * @param {import("./forces.js").Held | null} held
 * @param {GradientRoom} room
 */
function gradientOfGates(run, layer, t, v, held, room) {
  const rows = run.layers[layer];
  const h = run.row("h_prev", layer, t);
  const before = run.network.reset === "before";
  for (let i = 0, at = (t - 1) * run.H; i < run.H; i++, at++) {
    const [r, z, a_n] = [rows.r[at], rows.z[at], rows.a_n[at]];
    const taken = sigmoid(-rows.a_z[at]);
    const zHeld = held !== null && !Number.isNaN(held.z[i]);
    const rHeld = held !== null && !Number.isNaN(held.r[i]);
    room.old[i] = v[i] * z;
    room.da_z[i] = zHeld ? 0 : v[i] * (gradientMinusTanh(h[i], a_n) * z * taken);
    room.da_n[i] = v[i] * (taken * gradientSech2(a_n));
    room.ar[i] = rHeld ? 0 : (before ? h[i] : rows.carried[at]) * r * sigmoid(-rows.a_r[at]);
  }
}

/** The candidate's share into room.old, and dL/da_r. @param {Network} network @param {Run} run @param {number} layer @param {number} t @param {GradientRoom} room */
function gradientThroughCandidate(network, run, layer, t, room) {
  const { H } = network;
  const { W_h } = network.layers[layer];
  const r = run.row("r", layer, t);
  if (network.reset === "after") {
    for (let i = 0; i < H; i++) {
      room.product[i] = room.da_n[i] * r[i];
      room.da_r[i] = room.da_n[i] * room.ar[i];
    }
    addTransposed(room.product, W_h, 2 * H, 3 * H, H, room.old);
    return;
  }
  addTransposed(room.da_n, W_h, 2 * H, 3 * H, H, room.through.fill(0));
  for (let i = 0; i < H; i++) {
    room.old[i] += room.through[i] * r[i];
    room.da_r[i] = room.through[i] * room.ar[i];
  }
}

/** 1 - tanh(a)^2, precise at both ends. @param {number} a */
function gradientSech2(a) {
  const e = Math.exp(-2 * Math.abs(a));
  return (4 * e) / (1 + e) ** 2;
}

/** h - tanh(a), precise where both are all but 1 or all but -1. @param {number} h @param {number} a */
function gradientMinusTanh(h, a) {
  if (Math.abs(a) <= 0.5) return h - Math.tanh(a);
  const e = Math.exp(-2 * Math.abs(a));
  const end = Math.sign(a);
  return h - end + end * ((2 * e) / (1 + e));
}

/** Divide by the largest magnitude, so that nothing underflows; its log10, 0 for zeros. @param {Float64Array[]} v */
function gradientRescale(v) {
  let largest = 0;
  for (const row of v) for (const value of row) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 0;
  for (const row of v) for (let i = 0; i < row.length; i++) row[i] /= largest;
  return Math.log10(largest);
}

/** log10 of the Euclidean norm over all layers. @param {Float64Array[]} v */
function gradientLogNorm(v) {
  let sum = 0;
  for (const row of v) for (const value of row) sum += value * value;
  return 0.5 * Math.log10(sum);
}
