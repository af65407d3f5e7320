/**
 * The network: its weights, one step of every layer, and the probabilities of the next character, in float64.
 *
 *   r = sigmoid(W_ir x + b_ir + W_hr h_prev + b_hr)
 *   z = sigmoid(W_iz x + b_iz + W_hz h_prev + b_hz)
 *   n = tanh(W_in x + b_in + r * (W_hn h_prev + b_hn))     reset after
 *   n = tanh(W_in x + b_in + W_hn (r * h_prev) + b_hn)     reset before
 *   h = (1 - z) * n + z * h_prev
 */

import { parseForce, Schedule } from "./forces.js";
import { multiply } from "./matrix.js";
import { decodeFloats } from "./numbers.js";

/** @typedef {import("./forces.js").Force} Force */
/** @typedef {import("./forces.js").Held} Held */
/** @typedef {import("./types.js").NetworkData} NetworkData */

/** The addends of one unit's pre-activation. @typedef {{Wx: number, bx: number, Wh: number, bh: number}} Addends */

/**
 * What steps compute, row-major, (steps, H) each; a_r, a_z, a_n stand inside sigmoid and tanh, and `carried` is
 * W_hn h_prev + b_hn (reset after) or W_hn (r * h_prev) + b_hn.
 * @typedef {Record<"r" | "z" | "n" | "h" | "a_r" | "a_z" | "a_n" | "carried", Float64Array>} Rows
 */

/** A character that the network does not know. */
export class UnknownCharacter extends Error {}

/** 1 / (1 + exp(-a)), precise at both ends. @param {number} a */
export function sigmoid(a) {
  const e = Math.exp(-Math.abs(a));
  return (a >= 0 ? 1 : e) / (1 + e);
}

/** Room for so many numbers of each kind. @param {number} size @returns {Rows} */
export function newRows(size) {
  const names = /** @type {const} */ (["r", "z", "n", "h", "a_r", "a_z", "a_n", "carried"]);
  return /** @type {Rows} */ (Object.fromEntries(names.map((name) => [name, new Float64Array(size)])));
}

/** One layer: packed weights (3H, I), (3H, H), (3H), (3H), the rows of r, z and n in this order. */
class NetworkLayer {
  /** @param {Float64Array[]} packed @param {number} H @param {"after" | "before"} reset */
  constructor([W_i, W_h, b_i, b_h], H, reset) {
    this.W_i = W_i;
    this.W_h = W_h;
    this.b_i = b_i;
    this.b_h = b_h;
    this.H = H;
    this.I = W_i.length / (3 * H);
    this.reset = reset;
    this.fromInput = new Float64Array(3 * H);
    this.fromState = new Float64Array(3 * H);
    this.gated = new Float64Array(H);
  }

  /**
   * One step into the row of `out` that begins at `at`.
   * @param {number | Float64Array} x an id, or the states of the layer below
   * @param {number} xAt where they begin
   * @param {Float64Array} h
   * @param {number} hAt where h_prev begins in h
   * @param {Held | null} held
   * @param {Rows} out
   * @param {number} at
   */
  step(x, xAt, h, hAt, held, out, at) {
    const { H, b_h, fromInput, fromState, gated } = this;
    const before = this.reset === "before";
    this.read(x, xAt);
    multiply(this.W_h, 0, before ? 2 * H : 3 * H, H, h, hAt, fromState);
    for (let i = 0; i < H; i++) {
      const a_r = held && !Number.isNaN(held.r[i]) ? held.r[i] : fromInput[i] + fromState[i] + b_h[i];
      const a_z = held && !Number.isNaN(held.z[i])
        ? held.z[i]
        : fromInput[H + i] + fromState[H + i] + b_h[H + i];
      out.a_r[at + i] = a_r;
      out.a_z[at + i] = a_z;
      out.r[at + i] = sigmoid(a_r);
      out.z[at + i] = sigmoid(a_z);
    }
    if (before) {
      for (let i = 0; i < H; i++) gated[i] = out.r[at + i] * h[hAt + i];
      multiply(this.W_h, 2 * H, 3 * H, H, gated, 0, fromState);
    }
    for (let i = 0; i < H; i++) {
      const carried = fromState[2 * H + i] + b_h[2 * H + i];
      const a_n = fromInput[2 * H + i] + (before ? carried : out.r[at + i] * carried);
      const n = Math.tanh(a_n);
      const z = out.z[at + i];
      out.carried[at + i] = carried;
      out.a_n[at + i] = a_n;
      out.n[at + i] = n;
      out.h[at + i] = (1 - z) * n + z * h[hAt + i];
    }
  }

  /** W_i x + b_i into fromInput. @param {number | Float64Array} x @param {number} xAt */
  read(x, xAt) {
    const { H, I, W_i, b_i, fromInput } = this;
    if (typeof x === "number") {
      for (let i = 0; i < 3 * H; i++) fromInput[i] = W_i[i * I + x] + b_i[i]; // one-hot: a column
      return;
    }
    multiply(W_i, 0, 3 * H, I, x, xAt, fromInput);
    for (let i = 0; i < 3 * H; i++) fromInput[i] += b_i[i];
  }
}

/** A trained network. Layers count from 0, steps from 1. */
export class Network {
  /** @param {NetworkData} data @param {Float64Array[]} tensors in the order of data.tensors */
  constructor(data, tensors) {
    this.H = data.hidden_size;
    this.L = data.layers;
    this.V = data.vocabulary.length;
    this.reset = data.reset;
    this.head = data.head;
    this.vocabulary = data.vocabulary;
    this.shown = data.shown;
    /** The id of the symbol that stands for every other character; -1 if there is none. */
    this.unknown = data.vocabulary.indexOf(null);
    this.layers = Array.from(
      { length: this.L },
      (_, layer) => new NetworkLayer(tensors.slice(4 * layer, 4 * layer + 4), this.H, this.reset),
    );
    const [headWeight, headBias] = tensors.slice(4 * this.L);
    this.headWeight = headWeight ?? new Float64Array();
    this.headBias = headBias ?? new Float64Array();
    this.ids = new Map(data.vocabulary.map((character, id) => [character, id]));
    this.forced = data.forced.map((written) => parseForce(written, this));
    /** @type {WeakMap<Force[], Schedule>} */
    this.schedules = new WeakMap();
  }

  /**
   * The network that a page carries.
   * @param {NetworkData} data
   * @param {string} base64 the numbers of all tensors, one after the other
   */
  static read(data, base64) {
    const numbers = decodeFloats(base64.trim(), data.precision);
    const tensors = [];
    let start = 0;
    for (const { shape } of data.tensors) {
      const size = shape.reduce((product, length) => product * length, 1);
      tensors.push(numbers.subarray(start, start + size));
      start += size;
    }
    if (start !== numbers.length) {
      throw new Error(`the page holds ${numbers.length} weights instead of ${start}`);
    }
    return new Network(data, tensors);
  }

  /**
   * The ids of a text.
   * @param {string[]} characters one code point each
   * @returns {Int32Array}
   * Throws UnknownCharacter, whose message names it and its place.
   */
  encode(characters) {
    return Int32Array.from(characters, (character, place) => {
      const id = this.ids.get(character) ?? this.unknown;
      if (id >= 0) return id;
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      const which = `${JSON.stringify(character)} (U+${code}), character ${place + 1} of the text`;
      throw new UnknownCharacter(`${which}, is not among the ${this.V} characters that this network knows`);
    });
  }

  /** h_0 = 0, one (H) a layer. @returns {Float64Array[]} */
  zeroState() {
    return this.layers.map(() => new Float64Array(this.H));
  }

  /**
   * Read one character.
   * @param {number} id
   * @param {Float64Array[]} states h_prev a layer
   * @param {Force[]} [forces]
   * @param {number} [t] the step, where forces have steps
   * @returns {Rows[]} one a layer, (H) each
   */
  step(id, states, forces = [], t = 1) {
    const held = this.schedule(forces).at(t);
    /** @type {Rows[]} */
    const found = [];
    this.layers.forEach((layer, number) => {
      const out = newRows(this.H);
      layer.step(number ? found[number - 1].h : id, 0, states[number], 0, held[number], out, 0);
      found.push(out);
    });
    return found;
  }

  /** What these forces hold; made once for the same array. @param {Force[]} forces @returns {Schedule} */
  schedule(forces) {
    const made = this.schedules.get(forces) ?? new Schedule(this, forces);
    this.schedules.set(forces, made);
    return made;
  }

  /**
   * Put the rows that a force of the network's own weights holds into `held`; a row that reads anything is none.
   * @param {Force} force
   * @param {number} layer
   * @param {Held} held
   */
  ownConstants(force, layer, held) {
    if (force.layer !== null && force.layer !== layer) return;
    const { W_i, W_h, b_i, b_h, I } = this.layers[layer];
    const zero = (/** @type {number} */ weight) => weight === 0;
    for (const index of force.indices ?? Array(this.H).keys()) {
      const row = force.gate === "r" ? index : this.H + index;
      const reads = [W_i.subarray(row * I, (row + 1) * I), W_h.subarray(row * this.H, (row + 1) * this.H)];
      if (reads.every((weights) => weights.every(zero))) held[force.gate][index] = b_i[row] + b_h[row];
    }
  }

  /**
   * ln p of every next character, (V), after a state of the top layer.
   * @param {Float64Array} h
   * @param {Float64Array} [out] room for them
   * @param {number} [at] where the state begins in h
   * @returns {Float64Array}
   */
  logProbabilities(h, out = new Float64Array(this.V), at = 0) {
    const { V } = this;
    multiply(this.headWeight, 0, V, this.H, h, at, out);
    let largest = -Infinity;
    for (let id = 0; id < V; id++) {
      out[id] += this.headBias[id];
      largest = Math.max(largest, out[id]);
    }
    let sum = 0;
    for (let id = 0; id < V; id++) {
      out[id] -= largest;
      sum += Math.exp(out[id]);
    }
    const log = Math.log(sum);
    for (let id = 0; id < V; id++) out[id] -= log;
    return out;
  }

  /**
   * The addends of one unit's pre-activations at a step, computed from the weights; a gate held is a bias alone.
   * @param {import("./run.js").Run} run
   * @param {number} layer from 0
   * @param {number} t from 1
   * @param {number} index
   * @returns {Record<"r" | "z" | "n", Addends>}
   */
  terms(run, layer, t, index) {
    const held = this.schedule(run.forces).at(t)[layer];
    const h = run.row("h_prev", layer, t);
    const gated = this.reset === "before"
      ? h.map((value, unit) => run.value("r", layer, t, unit) * value)
      : h;
    const x = layer ? run.row("h", layer - 1, t) : run.ids[t - 1];
    const one = (/** @type {"r" | "z"} */ gate, /** @type {number} */ block) => {
      const bias = held ? held[gate][index] : NaN;
      return Number.isNaN(bias)
        ? this.addends(layer, block * this.H + index, x, h)
        : { Wx: 0, bx: bias, Wh: 0, bh: 0 };
    };
    return { r: one("r", 0), z: one("z", 1), n: this.addends(layer, 2 * this.H + index, x, gated) };
  }

  /** @param {number} layer @param {number} row @param {number | Float64Array} x @param {Float64Array} h @returns {Addends} */
  addends(layer, row, x, h) {
    const { W_i, W_h, b_i, b_h, I } = this.layers[layer];
    const [Wx, Wh] = [new Float64Array(1), new Float64Array(1)];
    if (typeof x === "number") Wx[0] = W_i[row * I + x];
    else multiply(W_i, row, row + 1, I, x, 0, Wx, 0);
    multiply(W_h, row, row + 1, this.H, h, 0, Wh, 0);
    return { Wx: Wx[0], bx: b_i[row], Wh: Wh[0], bh: b_h[row] };
  }
}
