/** The run: its loss curves, its settings and its figures. */

import { lossChart } from "./losschart.js";
import { el, fill } from "./dom.js";
import { grouped } from "./letter.js";

/** @typedef {import("./types.js").App} App */

/** @param {HTMLElement} root @param {App} app */
export function mountRun(root, app) {
  const { run, curve } = app.payload;
  fill(
    root,
    el(
      "div",
      { class: "run-curve" },
      curve && curve.update.length > 0
        ? lossChart(curve, Math.min(Math.max(root.clientWidth, 340), 700))
        : el("p", { class: "soft" }, "This run brings no metrics.jsonl, so there are no curves to draw."),
    ),
    el(
      "div",
      { class: "run-lists" },
      ...["figures", "settings", "budget", "text", "versions"].map((name) => runList(name, run[name])),
    ),
  );
}

/** @param {string} name @param {Record<string, unknown> | null | undefined} values */
function runList(name, values) {
  const known = Object.entries(values ?? {}).filter(([, value]) => value !== null && value !== undefined);
  if (known.length === 0) return null;
  const rows = known.map(([key, value]) =>
    el("div", {}, el("dt", {}, key.replaceAll("_", " ")), el("dd", { class: "number" }, runValue(value)))
  );
  return el("div", { class: `run-list run-${name}` }, el("h3", {}, name), el("dl", {}, ...rows));
}

/** A value as a person reads it. @param {unknown} value @returns {string} */
function runValue(value) {
  if (Array.isArray(value)) return value.length ? value.map(runValue).join(", ") : "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return typeof value === "object" ? JSON.stringify(value) : String(value);
  return Number.isInteger(value) ? grouped(value) : String(Number(value.toPrecision(6)));
}
