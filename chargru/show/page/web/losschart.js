/** Loss by update as a picture: training and validation in bits per character, the learning rate as a thin line. */

import { el, svg } from "./dom.js";
import { grouped } from "./letter.js";
import { niceTicks, shortNumber } from "./ticks.js";

/** @typedef {import("./types.js").Curve} Curve */
/** @typedef {[number, number]} Point an update and a value */
/** @typedef {[number, number]} Range */
/** @typedef {{name: string, kind: string, points: Point[], y: (value: number) => number}} Line */

const LOSS_HEIGHT = 260;
const LOSS_MARGIN = { left: 46, right: 52, top: 10, bottom: 34 };

/** @param {Curve} curve @param {number} width in pixels, where a letter is to be as large as elsewhere */
export function lossChart(curve, width) {
  const losses = lossRange([...curve.train_bpc, ...curve.val_bpc]);
  const rates = /** @type {Range} */ ([0, lossRange(curve.learning_rate)[1]]);
  const updates = /** @type {Range} */ ([0, curve.update[curve.update.length - 1] || 1]);
  const { left, right, top, bottom } = LOSS_MARGIN;
  const scales = {
    x: lossScale(updates, left, width - right),
    loss: lossScale(losses, LOSS_HEIGHT - bottom, top),
    rate: lossScale(rates, LOSS_HEIGHT - bottom, top),
  };
  const points = (
    /** @type {(number | null)[]} */ values,
  ) => /** @type {Point[]} */ (values.map((value, k) => [curve.update[k], value]).filter(([, value]) =>
    value !== null
  ));
  const lines = /** @type {Line[]} */ ([
    { name: "learning rate", kind: "rate", points: points(curve.learning_rate), y: scales.rate },
    { name: "training", kind: "train", points: points(curve.train_bpc), y: scales.loss },
    { name: "validation", kind: "val", points: points(curve.val_bpc), y: scales.loss },
  ]).filter((line) => line.points.length > 0);
  const words = lossWords(lines);
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${width} ${LOSS_HEIGHT}`, role: "img", "aria-label": words, class: "loss-chart" },
    ...lossAxes(scales, updates, losses, rates, width),
    ...lines.map((line) => lossLine(line, scales.x)),
  );
  const said = el("p", { class: "soft loss-at" }, words);
  lossHover(picture, said, lines, curve, scales.x);
  return el("figure", { class: "loss" }, lossLegend(lines), picture, said);
}

/** From what to what an axis goes: from 0, or a round number below the least value where all lie close together. */
function lossRange(/** @type {(number | null)[]} */ values) {
  const known = values.filter((one) => one !== null);
  const most = known.reduce((largest, one) => Math.max(largest, one), 0) || 1;
  const least = known.reduce((smallest, one) => Math.min(smallest, one), most);
  if (least < most / 2) return /** @type {Range} */ ([0, most]);
  const each = 10 ** Math.floor(Math.log10(Math.max(most - least, most / 100)));
  return /** @type {Range} */ ([Math.floor(least / each) * each, most]);
}

/** @param {Range} range @param {number} start @param {number} end */
function lossScale([least, most], start, end) {
  return (/** @type {number} */ value) => start + ((end - start) * (value - least)) / (most - least);
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
  /** @type {Record<"x" | "loss" | "rate", (value: number) => number>} */ scales,
  /** @type {Range} */ updates,
  /** @type {Range} */ losses,
  /** @type {Range} */ rates,
  /** @type {number} */ width,
) {
  const [start, end, floor] = [LOSS_MARGIN.left, width - LOSS_MARGIN.right, LOSS_HEIGHT - LOSS_MARGIN.bottom];
  const text = (
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {string} */ anchor,
    /** @type {string} */ words,
  ) => svg("text", { x, y, "text-anchor": anchor }, words);
  return [
    ...niceTicks(...losses, 5).flatMap((value) => [
      svg("line", { class: "loss-grid", x1: start, x2: end, y1: scales.loss(value), y2: scales.loss(value) }),
      text(start - 6, scales.loss(value) + 4, "end", shortNumber(value)),
    ]),
    ...niceTicks(...rates, 4).map((value) =>
      text(end + 6, scales.rate(value) + 4, "start", shortNumber(value))
    ),
    ...niceTicks(...updates, width / 100).map((value) =>
      text(scales.x(value), floor + 16, "middle", grouped(value))
    ),
    text((start + end) / 2, LOSS_HEIGHT - 4, "middle", "updates"),
  ];
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
  if (parts.length === 0) return "No loss was recorded.";
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
    const at = ((event.clientX - box.left) / box.width) * picture.viewBox.baseVal.width;
    const far = (/** @type {number} */ update) => Math.abs(x(update) - at);
    const near = curve.update.reduce((best, one) => (far(one) < far(best) ? one : best));
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
