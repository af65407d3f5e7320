/** z, r, n and h as the chosen convention writes and counts them. */

import { el } from "./dom.js";
import { symbolText } from "./notation.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").Quantity} Quantity */

export const QUANTITIES = /** @type {Quantity[]} */ (["z", "r", "n", "h"]);

/**
 * The letter of a quantity as plain text, e.g. gamma_u<34>[9] or n_34; without t, of no step.
 * @param {App} app
 * @param {Quantity} quantity
 * @param {number} [t]
 * @param {number} [index]
 * @returns {string}
 */
export function quantityText(app, quantity, t, index) {
  const symbol = app.convention().letters[quantity];
  return symbolText({ ...symbol, time: t === undefined ? null : 0 }, { t: t ?? 0, index });
}

/** Whether the convention's number is 1 less PyTorch's. @param {App} app @param {Quantity} quantity */
export function isTurned(app, quantity) {
  return quantity === "z" && app.convention().takes;
}

/**
 * A quantity at all steps of the selected layer, (T, H) row-major, as the convention counts it.
 * @param {App} app
 * @param {Quantity} quantity
 * @returns {Float64Array}
 */
export function countedValues(app, quantity) {
  const { run } = app.experiment;
  if (!run) return new Float64Array();
  const values = run.layers[app.store.view.layer - 1][quantity];
  return isTurned(app, quantity) ? values.map((value) => 1 - value) : values;
}

/** The scale of a quantity. @param {Quantity} quantity @returns {"gate" | "state"} */
export function quantityScale(quantity) {
  return quantity === "z" || quantity === "r" ? "gate" : "state";
}

/**
 * What the two ends of a quantity's scale mean.
 * @param {App} app
 * @param {Quantity} quantity
 * @returns {[string, string]}
 */
export function quantityEnds(app, quantity) {
  if (quantity === "r") return ["the candidate sees none of the old state", "sees all of it"];
  if (quantity !== "z") return ["negative", "positive"];
  const [take, keep] = ["takes the candidate", "keeps the old state"];
  return isTurned(app, "z") ? [keep, take] : [take, keep];
}

/**
 * The select of the quantity that text and map show; it follows the view, and the view follows it.
 * @param {App} app
 * @returns {HTMLLabelElement}
 */
export function quantitySelect(app) {
  const options = QUANTITIES.map((quantity) => el("option", { value: quantity }));
  const select = el("select", {}, ...options);
  const write = () => {
    for (const option of options) {
      const quantity = /** @type {Quantity} */ (option.value);
      const meaning = app.convention().meaning[quantity].split(/[:,]/)[0];
      option.textContent = `${quantityText(app, quantity)}, ${meaning}`;
    }
    select.value = app.store.view.gate;
  };
  select.addEventListener("change", () => app.store.set({ gate: /** @type {Quantity} */ (select.value) }));
  app.store.on((keys) => (keys.has("gate") || keys.has("letters")) && write());
  write();
  return el("label", { class: "choice" }, "Quantity ", select);
}
