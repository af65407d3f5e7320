/** A small line: how much h changed at each step, the index that changed most. */

import { el, svg } from "./dom.js";
import { largestChanges } from "./effect.js";
import { letterOf } from "./letter.js";
import { fixed } from "./numbers.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./run.js").Run} Run */

const CHANGE_WIDTH = 600;
const CHANGE_HEIGHT = 56;

/** @param {App} app @param {Run} plain @param {Run} held */
export function changeLine(app, plain, held) {
  const { step, layer } = app.store.view;
  const changes = largestChanges(plain, held, layer - 1);
  const top = changes.reduce((most, one) => Math.max(most, one), 0);
  const at = changes.indexOf(top) + 1;
  const h = letterOf(app.convention(), "h");
  const where = app.network.L > 1 ? ` of layer ${layer}` : "";
  const words = top > 0
    ? `The largest change of ${h} of any index${where}, step by step: up to ${fixed(top, 4)}, at step ${at}.`
    : `${h}${where} is the same at every step.`;
  if (top === 0) return el("p", { id: "whatif-line" }, words);
  const x = (/** @type {number} */ t) => (CHANGE_WIDTH * (t - 0.5)) / plain.T;
  const y = (/** @type {number} */ value) => CHANGE_HEIGHT - 2 - ((CHANGE_HEIGHT - 4) * value) / top;
  const points = changeColumns(changes).map(([t, value]) => `${x(t).toFixed(1)},${y(value).toFixed(1)}`);
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${CHANGE_WIDTH} ${CHANGE_HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": words,
      class: "whatif-line",
    },
    svg("line", { class: "here", x1: x(step), x2: x(step), y1: 0, y2: CHANGE_HEIGHT }),
    svg("polyline", { class: "change", points: points.join(" ") }),
  );
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    app.store.set({ step: Math.floor(((event.clientX - box.left) / box.width) * plain.T) + 1 });
  });
  return el(
    "div",
    { id: "whatif-line" },
    el("p", { class: "soft" }, words),
    picture,
    el(
      "p",
      { class: "whatif-ends soft", "aria-hidden": true },
      el("span", {}, "step 1"),
      el("span", {}, `step ${plain.T}`),
    ),
  );
}

/**
 * At most two points a unit of width: the steps, or the largest of several. @param {Float64Array} changes
 * @returns {[number, number][]}
 */
function changeColumns(changes) {
  const each = Math.ceil(changes.length / (2 * CHANGE_WIDTH));
  /** @type {[number, number][]} */
  const found = [];
  for (let start = 0; start < changes.length; start += each) {
    const part = changes.subarray(start, start + each);
    const most = part.reduce((largest, one) => Math.max(largest, one), 0);
    found.push([start + part.indexOf(most) + 1, most]);
  }
  return found;
}
