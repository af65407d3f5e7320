/** The legend of a scale: its colours, numbers below them, and what the ends mean. */

import { el, fill } from "./dom.js";

/** @typedef {import("./colour.js").Scale} Scale */

const LEGEND_STOPS = 32;

/**
 * Draw a legend into its place.
 * @param {HTMLElement} place
 * @param {Scale} scale
 * @param {[string, string]} ends what the lowest and the highest number mean
 * @param {string} [note]
 */
export function drawLegend(place, scale, ends, note = "") {
  const bar = el("div", { class: "legend-bar" });
  bar.style.background = `linear-gradient(to right, ${legendStops(scale).join(", ")})`;
  const ticks = scale.ticks.map((tick) => legendTick(scale, tick));
  const [low, high] = ends;
  const words = el("div", { class: "legend-ends" }, el("span", {}, low), el("span", {}, high));
  place.classList.add("legend");
  fill(
    place,
    bar,
    el("div", { class: "legend-ticks number" }, ...ticks),
    words,
    note && el("p", { class: "soft" }, note),
  );
}

/** Colours at even places; a browser's own gradient is straight between two, which is close. @param {Scale} scale */
function legendStops(scale) {
  const last = scale.css.length - 1;
  return Array.from(
    { length: LEGEND_STOPS + 1 },
    (_, stop) => scale.css[Math.round((stop * last) / LEGEND_STOPS)],
  );
}

/** @param {Scale} scale @param {number} tick */
function legendTick(scale, tick) {
  const element = el("span", {}, String(tick));
  const place = scale.place(tick);
  element.style.left = `${100 * place}%`;
  element.style.transform = `translateX(${-100 * place}%)`;
  return element;
}
