/** What the text can be coloured by: the number of every step, its scale, and its words. */

import { scaleNamed } from "./colour.js";
import { sizesByLag } from "./gradient.js";
import { shares } from "./ledger.js";
import { fixed } from "./numbers.js";
import { countedValues, quantityEnds, quantityScale, quantityText } from "./quantity.js";
import { afterFrame } from "./slices.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").Colour} Colour */

export const COLOURS = /** @type {Colour[]} */ (["gate", "mean", "surprise", "share", "gradient"]);

/** The name of a colouring in words, for the view as it is. @param {App} app @param {Colour} colour @returns {string} */
export function readingName(app, colour) {
  const { gate, index, step } = app.store.view;
  const h = quantityText(app, "h");
  const names = {
    gate: `${quantityText(app, gate)} of index ${index}`,
    mean: `mean ${quantityText(app, gate)} of all ${app.network.H} indices`,
    surprise: "surprise, in bits",
    share: `where ${h} of index ${index} at step ${step} came from`,
    gradient: `gradient of the loss at step ${step}`,
  };
  return names[colour];
}

/** Whether the network can be read so: without a head it predicts nothing. @param {App} app @param {Colour} colour */
export function isReadable(app, colour) {
  return app.network.head || (colour !== "surprise" && colour !== "gradient");
}

/** @param {App} app @param {Colour} colour @returns {import("./colour.js").Scale} */
export function readingScale(app, colour) {
  if (colour === "surprise") return scaleNamed("bits", Math.max(Math.ceil(Math.log2(app.network.V)), 1));
  if (colour === "share" || colour === "gradient") return scaleNamed(colour);
  return scaleNamed(quantityScale(app.store.view.gate));
}

/** What the ends of the scale mean. @param {App} app @param {Colour} colour @returns {[string, string]} */
export function readingEnds(app, colour) {
  const { gate, step } = app.store.view;
  if (colour === "surprise") return ["expected", `a guess among all ${app.network.V} characters, or worse`];
  if (colour === "share") return ["none of it", "all of it"];
  if (colour === "gradient") {
    return ["a millionth, or less", `as large as at step ${step}, or larger`];
  }
  return quantityEnds(app, gate);
}

/**
 * The number of every step, (T), NaN where there is none; a promise for the gradient, which takes its time.
 * @param {App} app
 * @param {Colour} colour
 * @param {AbortSignal} signal cancels the gradient: the promise is rejected
 * @returns {Float64Array | Promise<Float64Array>}
 */
export function readingValues(app, colour, signal) {
  const { run } = app.experiment;
  const { step, index, layer, gate } = app.store.view;
  if (!run) return new Float64Array();
  if (colour === "surprise") return run.bits;
  if (colour === "share") return readingOfSteps(shares(run, layer - 1, index, step), run.T);
  if (colour === "gradient") {
    const sizes = afterFrame().then(() => sizesByLag(app.network, run, step, { signal }));
    return sizes.then((found) => readingOfSteps(found, run.T));
  }
  const values = countedValues(app, gate);
  const { H } = run;
  if (colour === "gate") return Float64Array.from({ length: run.T }, (_, row) => values[row * H + index]);
  return Float64Array.from({ length: run.T }, (_, row) => readingMean(values, row * H, H));
}

/** A step's number in words. @param {App} app @param {Colour} colour @param {number} t @param {number} value @returns {string} */
export function readingSaid(app, colour, t, value) {
  const { gate, index, step } = app.store.view;
  const h = quantityText(app, "h", step, index);
  if (colour === "surprise") {
    return Number.isNaN(value)
      ? "nothing comes before it, so nothing is predicted"
      : `${fixed(value, 2)} bits`;
  }
  if (colour === "share") return t > step ? `later than step ${step}` : `share ${fixed(value, 4)} of ${h}`;
  if (colour === "gradient") return readingGradientSaid(t, step, value);
  if (colour === "gate") return `${quantityText(app, gate, t, index)} = ${fixed(value, 4)}`;
  return `mean ${quantityText(app, gate, t)} = ${fixed(value, 4)}`;
}

/** @param {number} t @param {number} step @param {number} value */
function readingGradientSaid(t, step, value) {
  if (t > step) return `later than step ${step}`;
  if (Number.isNaN(value)) return `after step ${step} comes no character, so there is no loss`;
  if (value === -Infinity) return "no gradient at all";
  return `log10 ${fixed(value, 2)} of the gradient at step ${step}`;
}

/** The steps 1 to T of numbers that begin with h_0 and end at a step. @param {Float64Array} values @param {number} T */
function readingOfSteps(values, T) {
  const found = new Float64Array(T).fill(NaN);
  found.set(values.subarray(1));
  return found;
}

/** @param {Float64Array} values @param {number} at @param {number} count */
function readingMean(values, at, count) {
  let sum = 0;
  for (let i = at; i < at + count; i++) sum += values[i];
  return sum / count;
}
