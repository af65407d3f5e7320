/** Gates held at a value: how one writes it, [LAYER:]GATE[INDICES]=VALUE[@STEPS], and what holds at a step. */

/** @typedef {import("./network.js").Network} Network */

/**
 * One gate held; null is every layer, every index, no last step.
 * @typedef {object} Force
 * @property {"r" | "z"} gate
 * @property {number} value from 0 to 1
 * @property {number | null} layer from 0
 * @property {number[] | null} indices sorted
 * @property {number} first the first step, from 1
 * @property {number | null} last the last step
 */

/**
 * The pre-activations of the gates held at a step, (H) each; NaN where a gate is free.
 * @typedef {{r: Float64Array, z: Float64Array}} Held
 */

const FORCES_FORM = /^(?:(\d+):)?([^\][:=@]+)(?:\[([^\][]*)\])?=([^@]+)(?:@([^]+))?$/;
const FORCES_DIGITS = String.raw`\d(?:_?\d)*`;
const FORCES_NUMBER = new RegExp(
  String
    .raw`^[+-]?(?:${FORCES_DIGITS}\.?(?:${FORCES_DIGITS})?|\.${FORCES_DIGITS})(?:e[+-]?${FORCES_DIGITS})?$`,
  "i",
);
/** Where sigmoid is exactly 1; at its negative 0. */
const FORCES_SATURATED = 1e4;

/**
 * The force that is written, as `--force` takes it: r=1, z[0,3,5-9]=0.5, 2:z[7]=1@20-34, r=0@20-last.
 * Throws an Error of one sentence if it cannot be read, or names what the network or a text of `steps` does not have.
 * @param {string} written
 * @param {Network} network
 * @param {number} [steps] of the text; left out, any step will do
 * @returns {Force}
 */
export function parseForce(written, network, steps = Infinity) {
  const item = written.trim();
  const match = FORCES_FORM.exec(item);
  if (!match) {
    throw new Error(`'${item}' does not say which gate is held at what: write it like r=1 or 2:z[7]=1@20-34`);
  }
  const gate = match[2].trim();
  if (gate !== "r" && gate !== "z") {
    throw new Error(
      `'${item}' holds '${gate}', but only PyTorch's gates r and z can be held; the course's gamma_u is 1 - z`,
    );
  }
  const layer = match[1] === undefined ? null : forcesLayer(Number(match[1]), item, network.L);
  const indices = match[3] === undefined ? null : forcesIndices(match[3], item, network.H);
  const [first, last] = match[5] === undefined ? [1, null] : forcesSteps(match[5], item, steps);
  return { gate, value: forcesValue(match[4], item), layer, indices, first, last };
}

/** A force as `--force` takes it, without what means all. @param {Force} force @returns {string} */
export function writeForce(force) {
  const layer = force.layer === null ? "" : `${force.layer + 1}:`;
  const indices = force.indices === null ? "" : `[${forcesRanges(force.indices).join(",")}]`;
  const range = force.first === force.last ? `@${force.first}` : `@${force.first}-${force.last ?? "last"}`;
  return `${layer}${force.gate}${indices}=${forcesPositional(force.value)}${
    forceIsScheduled(force) ? range : ""
  }`;
}

/** Whether it holds at some steps only. @param {Force} force */
export function forceIsScheduled(force) {
  return force.first > 1 || force.last !== null;
}

/** Whether it holds at a step. @param {Force} force @param {number} t */
function forcesActive(force, t) {
  return force.first <= t && (force.last === null || t <= force.last);
}

/** @param {number} layer @param {string} item @param {number} layers */
function forcesLayer(layer, item, layers) {
  if (layer >= 1 && layer <= layers) return layer - 1;
  const has = `${layers} layer${layers === 1 ? "" : "s"}, counted from 1`;
  throw new Error(`'${item}' names layer ${layer}, but the model has ${has}`);
}

/** @param {string} written @param {string} item */
function forcesValue(written, item) {
  const trimmed = written.trim();
  const value = FORCES_NUMBER.test(trimmed) ? Number(trimmed.replaceAll("_", "")) : NaN;
  if (value >= 0 && value <= 1) return Math.abs(value);
  throw new Error(`'${item}' holds a gate at ${trimmed}, but a gate is a number from 0 to 1`);
}

/** @param {string} written @param {string} item @param {number} units @returns {number[]} */
function forcesIndices(written, item, units) {
  const found = new Set();
  for (const part of written.split(",")) {
    const [first, last] = forcesRange(part, item, "an index");
    if (last === null || first < 0 || last >= units) {
      const has = `${units} unit${units === 1 ? "" : "s"}, counted from 0`;
      throw new Error(`'${item}' names index ${part.trim()}, but a layer of this model has ${has}`);
    }
    for (let index = first; index <= last; index++) found.add(index);
  }
  return [...found].sort((a, b) => a - b);
}

/** @param {string} written @param {string} item @param {number} steps @returns {[number, number | null]} */
function forcesSteps(written, item, steps) {
  const [first, last] = forcesRange(written, item, "a step");
  if (first < 1) throw new Error(`'${item}' names step ${first}, but steps count from 1`);
  if (Math.max(first, last ?? 0) > steps) {
    throw new Error(
      `'${item}' names a step that is not there: the text has ${steps} step${steps === 1 ? "" : "s"}`,
    );
  }
  return [first, last];
}

/** First and last, both included; null is "last". @returns {[number, number | null]} */
function forcesRange(/** @type {string} */ written, /** @type {string} */ item, /** @type {string} */ what) {
  const range = written.trim();
  const match = /^(-?\d+)(?:-(\d+|last))?$/.exec(range);
  if (!match) throw new Error(`'${range}' in '${item}' is not ${what}: write it like 2:z[0,3,5-9]=1@20-34`);
  const first = Number(match[1]);
  if (match[2] === "last") return [first, null];
  const last = match[2] === undefined ? first : Number(match[2]);
  if (last < first) throw new Error(`the range ${range} in '${item}' runs backwards: give ${last}-${first}`);
  return [first, last];
}

/** The indices, three or more in a row as a range. @param {number[]} indices @returns {string[]} */
function forcesRanges(indices) {
  const found = [];
  for (let start = 0, end = 0; start < indices.length; start = end) {
    for (end = start + 1; end < indices.length && indices[end] === indices[end - 1] + 1;) end++;
    const row = indices.slice(start, end).map(String);
    found.push(...(row.length > 2 ? [`${row[0]}-${row.at(-1)}`] : row));
  }
  return found;
}

/** The shortest decimal number, without an exponent. @param {number} value from 0 to 1 */
function forcesPositional(value) {
  const [digits, exponent] = String(value).split("e-");
  if (exponent === undefined) return digits;
  return `0.${"0".repeat(Number(exponent) - 1)}${digits.replace(".", "")}`;
}

/** The pre-activation whose sigmoid is the value. @param {number} value */
function forcesBias(value) {
  if (value === 0 || value === 1) return value ? FORCES_SATURATED : -FORCES_SATURATED;
  return Math.log(value) - Math.log1p(-value);
}

/** Which gates are held at which step, where forces meet: with steps beats without, later beats earlier. */
export class Schedule {
  /**
   * @param {Network} network its own forces come before the others: they are its weights, or have steps
   * @param {Force[]} forces
   */
  constructor(network, forces) {
    this.network = network;
    this.always = forces.filter((force) => !forceIsScheduled(force));
    this.sometimes = [...network.forced, ...forces].filter(forceIsScheduled);
    /** @type {Map<string, (Held | null)[]>} */
    this.made = new Map();
  }

  /** What is held at a step (from 1), a layer; null where nothing is. @param {number} t @returns {(Held | null)[]} */
  at(t) {
    const active = this.sometimes.filter((force) => forcesActive(force, t));
    const key = active.map((force) => this.sometimes.indexOf(force)).join();
    const made = this.made.get(key);
    if (made) return made;
    const found = this.network.layers.map((_, layer) => this.make(layer, active));
    this.made.set(key, found);
    return found;
  }

  /** @param {number} layer @param {Force[]} active @returns {Held | null} */
  make(layer, active) {
    const H = this.network.H;
    const held = { r: new Float64Array(H).fill(NaN), z: new Float64Array(H).fill(NaN) };
    for (const force of this.network.forced) {
      if (!forceIsScheduled(force)) this.network.ownConstants(force, layer, held);
    }
    // Held at every step, chargru writes the pre-activation into the float32 weights.
    for (const force of this.always) forcesHold(force, layer, held, Math.fround(forcesBias(force.value)));
    for (const force of active) forcesHold(force, layer, held, forcesBias(force.value));
    return held.r.every(Number.isNaN) && held.z.every(Number.isNaN) ? null : held;
  }
}

/**
 * At what a gate is held (PyTorch's r or z); null if it is not.
 * @param {{network: Network, forces: Force[]}} run
 * @param {"r" | "z"} gate @param {number} layer from 0 @param {number} t @param {number} index
 */
export function heldAt({ network, forces }, gate, layer, t, index) {
  const bias = new Schedule(network, forces).at(t)[layer]?.[gate][index] ?? NaN;
  return Number.isNaN(bias) ? null : 1 / (1 + Math.exp(-bias));
}

/** @param {Force} force @param {number} layer @param {Held} held @param {number} bias */
function forcesHold(force, layer, held, bias) {
  if (force.layer !== null && force.layer !== layer) return;
  if (force.indices === null) held[force.gate].fill(bias);
  else for (const index of force.indices) held[force.gate][index] = bias;
}
