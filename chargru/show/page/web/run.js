/** A text read by the network: every gate of every step. */

import { newRows } from "./network.js";
import { Slices } from "./slices.js";

/** @typedef {import("./forces.js").Force} Force */
/** @typedef {import("./network.js").Network} Network */
/** @typedef {"r" | "z" | "n" | "h" | "h_prev"} Value */

/** What a text made of the network, from h_0 = 0. Layers and indices count from 0, steps from 1. */
export class Run {
  /** @param {Network} network @param {Int32Array} ids @param {Force[]} forces */
  constructor(network, ids, forces) {
    this.network = network;
    this.ids = ids;
    this.forces = forces;
    this.T = ids.length;
    this.H = network.H;
    /** (T, H) each, row-major. */
    this.layers = network.layers.map(() => newRows(this.T * this.H));
    /** -log2 p(x_t | h_{t-1}) at t - 1; NaN at the first, and everywhere without a head. */
    this.bits = new Float64Array(this.T).fill(NaN);
    this.zeros = new Float64Array(this.H);
  }

  /** @param {Value} quantity @param {number} layer @param {number} t @param {number} index @returns {number} */
  value(quantity, layer, t, index) {
    const previous = quantity === "h_prev";
    const step = previous ? t - 1 : t;
    return step ? this.layers[layer][previous ? "h" : quantity][(step - 1) * this.H + index] : 0;
  }

  /** All units of a layer, (H): a view, not a copy. @param {Value} quantity @param {number} layer @param {number} t */
  row(quantity, layer, t) {
    const previous = quantity === "h_prev";
    const step = previous ? t - 1 : t;
    if (!step) return this.zeros;
    return this.layers[layer][previous ? "h" : quantity].subarray((step - 1) * this.H, step * this.H);
  }

  /** p of every character after step t (0: before the first), (V). @param {number} t @returns {Float64Array} */
  nextProbabilities(t) {
    return this.network.logProbabilities(this.row("h", this.network.L - 1, t)).map(Math.exp);
  }
}

/**
 * Read a text. The page answers while it is read.
 * @param {Network} network
 * @param {Int32Array} ids
 * @param {Force[]} [forces]
 * @param {object} [options]
 * @param {Run} [options.base] a run of the same network whose first steps are copied
 * @param {number} [options.from] the first step (from 1) that is computed; left out, the first that can differ
 * @param {AbortSignal} [options.signal] cancels: the promise is rejected with its reason
 * @param {(steps: number) => void} [options.progress] told how many steps are done, now and then
 * @returns {Promise<Run>}
 */
export async function computeRun(network, ids, forces = [], { base, from, signal, progress } = {}) {
  const slices = new Slices(signal);
  const run = new Run(network, ids, forces);
  const first = base ? Math.min(from ?? runFirstDifference(base, run), base.T + 1, run.T + 1) : 1;
  if (base) runCopy(base, run, first - 1);
  const schedule = network.schedule(forces);
  const logs = new Float64Array(network.V);
  for (let t = first; t <= run.T; t++) {
    if (slices.over) {
      progress?.(t - 1);
      await slices.next();
    }
    runStep(run, schedule.at(t), t, logs);
  }
  progress?.(run.T);
  return run;
}

/** @param {Run} run @param {(import("./forces.js").Held | null)[]} held @param {number} t @param {Float64Array} logs */
function runStep(run, held, t, logs) {
  const { network, H, layers } = run;
  const at = (t - 1) * H;
  const [previous, previousAt] = t > 1 ? [at - H, at - H] : [0, 0];
  for (let layer = 0; layer < layers.length; layer++) {
    const x = layer ? layers[layer - 1].h : run.ids[t - 1];
    const h = t > 1 ? layers[layer].h : run.zeros;
    network.layers[layer].step(x, at, h, previousAt, held[layer], layers[layer], at);
  }
  if (!network.head || t === 1) return;
  network.logProbabilities(layers[layers.length - 1].h, logs, previous);
  run.bits[t - 1] = -logs[run.ids[t - 1]] / Math.LN2;
}

/** The first step at which two runs of one network can differ. @param {Run} base @param {Run} run */
function runFirstDifference(base, run) {
  const common = Math.min(base.T, run.T);
  let first = 1;
  while (first <= common && base.ids[first - 1] === run.ids[first - 1]) first++;
  const same = JSON.stringify(base.forces) === JSON.stringify(run.forces);
  return same ? first : Math.min(first, ...[...base.forces, ...run.forces].map((force) => force.first));
}

/** @param {Run} base @param {Run} run @param {number} steps */
function runCopy(base, run, steps) {
  run.bits.set(base.bits.subarray(0, steps));
  run.layers.forEach((rows, layer) => {
    for (const name of /** @type {(keyof typeof rows)[]} */ (Object.keys(rows))) {
      rows[name].set(base.layers[layer][name].subarray(0, steps * run.H));
    }
  });
}
