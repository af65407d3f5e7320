/** Loss by update as a picture: training and validation in bits per character, the learning rate as a thin line. */

import { el, svg } from "./dom.js";
import { grouped } from "./letter.js";
import { niceTicks, shortNumber } from "./ticks.js";

/** @typedef {import("./types.js").Curve} Curve */
/** @typedef {[number, number]} Point */
/** @typedef {{name: string, kind: string, points: Point[], y: (value: number) => number}} Line */

const LOSS_WIDTH = 720;
const LOSS_HEIGHT = 260;
const LOSS_MARGIN = { left: 46, right: 52, top: 10, bottom: 34 };

/** @param {Curve} curve */
export function lossChart(curve) {
  const losses = [...curve.train_bpc, ...curve.val_bpc].filter((one) => one !== null);
  const top = losses.reduce((most, one) => Math.max(most, one), 0) || 1;
  const rates = curve.learning_rate.filter((one) => one !== null);
  const rateTop = rates.reduce((most, one) => Math.max(most, one), 0) || 1;
  const last = curve.update[curve.update.length - 1] || 1;
  const inner = LOSS_HEIGHT - LOSS_MARGIN.top - LOSS_MARGIN.bottom;
  const x = (/** @type {number} */ update) =>
    LOSS_MARGIN.left + ((LOSS_WIDTH - LOSS_MARGIN.left - LOSS_MARGIN.right) * update) / last;
  const scale = (/** @type {number} */ most) => (/** @type {number} */ value) =>
    LOSS_MARGIN.top + inner - (inner * value) / most;
  const points = (
    /** @type {(number | null)[]} */ values,
  ) => /** @type {Point[]} */ (values.map((value, k) => [curve.update[k], value]).filter(([, value]) =>
    value !== null
  ));
  /** @type {Line[]} */
  const lines = [
    { name: "learning rate", kind: "rate", points: points(curve.learning_rate), y: scale(rateTop) },
    { name: "training", kind: "train", points: points(curve.train_bpc), y: scale(top) },
    { name: "validation", kind: "val", points: points(curve.val_bpc), y: scale(top) },
  ].filter((line) => line.points.length > 0);
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${LOSS_WIDTH} ${LOSS_HEIGHT}`,
      role: "img",
      "aria-label": lossWords(lines),
      class: "loss-chart",
    },
    ...lossAxes(x, last, top, rateTop),
    ...lines.map((line) => lossLine(line, x)),
  );
  const hover = el("p", { class: "soft loss-at" }, lossWords(lines));
  lossHover(picture, hover, lines, curve, x);
  return el("figure", { class: "loss" }, lossLegend(lines), picture, hover);
}

/** @param {Line} line @param {(update: number) => number} x */
function lossLine(line, x) {
  const written = line.points.map(([update, value]) => `${x(update).toFixed(1)},${line.y(value).toFixed(1)}`);
  if (written.length === 1) {
    const [cx, cy] = written[0].split(",");
    return svg("circle", { class: `loss-${line.kind}`, cx, cy, r: 3 });
  }
  return svg("polyline", { class: `loss-${line.kind}`, points: written.join(" ") });
}

/** The axes with their ticks. */
function lossAxes(
  /** @type {(update: number) => number} */ x,
  /** @type {number} */ last,
  /** @type {number} */ top,
  /** @type {number} */ rateTop,
) {
  const { left, right, bottom, top: head } = LOSS_MARGIN;
  const [end, floor] = [LOSS_WIDTH - right, LOSS_HEIGHT - bottom];
  const up = (/** @type {number} */ value, /** @type {number} */ most) =>
    floor - ((floor - head) * value) / most;
  const found = niceTicks(top, 5).flatMap((value) => [
    svg("line", { class: "loss-grid", x1: left, x2: end, y1: up(value, top), y2: up(value, top) }),
    svg("text", { x: left - 6, y: up(value, top) + 4, "text-anchor": "end" }, shortNumber(value)),
  ]);
  for (const value of niceTicks(rateTop, 3)) {
    if (value > 0) {
      found.push(
        svg("text", { class: "loss-rate-tick", x: end + 6, y: up(value, rateTop) + 4 }, shortNumber(value)),
      );
    }
  }
  for (const value of niceTicks(last, 6)) {
    found.push(svg("text", { x: x(value), y: floor + 15, "text-anchor": "middle" }, grouped(value)));
  }
  found.push(svg("text", { x: (left + end) / 2, y: LOSS_HEIGHT - 4, "text-anchor": "middle" }, "updates"));
  return found;
}

/** The lines in words, for those who cannot see them. @param {Line[]} lines */
function lossWords(lines) {
  const parts = lines.filter((line) => line.kind !== "rate").map(({ name, points }) => {
    const [first, last] = [points[0], points[points.length - 1]];
    const least = points.reduce((best, one) => (one[1] < best[1] ? one : best));
    return `${name} from ${shortNumber(first[1])} at update ${grouped(first[0])} to ${
      shortNumber(last[1])
    } at update ${grouped(last[0])}, lowest ${shortNumber(least[1])} at update ${grouped(least[0])}`;
  });
  return `Bits per character: ${parts.join("; ")}.`;
}

/** @param {Line[]} lines */
function lossLegend(lines) {
  const unit = (/** @type {Line} */ line) =>
    line.kind === "rate" ? "learning rate (right)" : `${line.name}, bits per character`;
  return el(
    "figcaption",
    {},
    ...[...lines].reverse().map((line) =>
      el("span", { class: "loss-key" }, el("span", { class: `loss-swatch loss-${line.kind}` }), unit(line))
    ),
  );
}

/** A line below the pointer, and its values in words. */
function lossHover(
  /** @type {SVGSVGElement} */ picture,
  /** @type {HTMLElement} */ said,
  /** @type {Line[]} */ lines,
  /** @type {Curve} */ curve,
  /** @type {(update: number) => number} */ x,
) {
  const mark = svg("line", { class: "loss-here", y1: LOSS_MARGIN.top, y2: LOSS_HEIGHT - LOSS_MARGIN.bottom });
  picture.append(mark);
  mark.style.display = "none";
  const rest = said.textContent;
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * LOSS_WIDTH;
    const near = curve.update.reduce((
      best,
      one,
    ) => (Math.abs(x(one) - at) < Math.abs(x(best) - at) ? one : best));
    mark.setAttribute("x1", String(x(near)));
    mark.setAttribute("x2", String(x(near)));
    mark.style.display = "";
    const values = [...lines].reverse().map((line) => {
      const before = line.points.filter(([update]) => update <= near).at(-1);
      return before &&
        `${line.name} ${shortNumber(before[1])}${before[0] < near ? ` (update ${grouped(before[0])})` : ""}`;
    });
    said.textContent = `Update ${grouped(near)}: ${values.filter(Boolean).join(", ")}.`;
  });
  picture.addEventListener("pointerleave", () => {
    mark.style.display = "none";
    said.textContent = rest;
  });
}
