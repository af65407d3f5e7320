/** The drawing of the heat map: cells, labels, ages, and the cross at what is selected. */

import { roundStep } from "./mapgeometry.js";

/** @typedef {import("./colour.js").Scale} Scale */
/** @typedef {import("./mapgeometry.js").MapGeometry} MapGeometry */

/**
 * What is drawn. Rows of the picture count from the top, and order says which index stands in each.
 * @typedef {object} MapPicture
 * @property {HTMLCanvasElement} cells a pixel a cell, (H, T)
 * @property {Int32Array} order
 * @property {Float64Array} ages by index
 * @property {(t: number) => string} shown the character of a step
 * @property {{t: number, row: number}} selected
 * @property {{t: number, row: number} | null} hovered
 * @property {MapInks} inks
 */

/** @typedef {{ink: string, soft: string, panel: string, line: string, accent: string, font: string}} MapInks */

/** The colours and the type of the page, as a canvas needs them. @param {Element} element @returns {MapInks} */
export function mapInks(element) {
  const style = getComputedStyle(element);
  const [ink, soft, panel, line, accent, font] = ["ink", "soft", "panel", "line", "accent", "mono"].map((
    name,
  ) => style.getPropertyValue(`--${name}`).trim());
  return { ink, soft, panel, line, accent, font };
}

/**
 * A pixel for every cell, (H, T), the rows in this order.
 * @param {HTMLCanvasElement} canvas
 * @param {Float64Array} values (T, H) row-major
 * @param {Int32Array} order
 * @param {Scale} scale
 */
export function paintCells(canvas, values, order, scale) {
  const H = order.length;
  const T = values.length / H;
  canvas.width = T;
  canvas.height = H;
  const context = mapContext(canvas);
  const image = context.createImageData(T, H);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0; row < H; row++) {
    const index = order[row];
    for (let t = 0; t < T; t++) pixels[row * T + t] = scale.packed[scale.level(values[t * H + index])];
  }
  context.putImageData(image, 0, 0);
}

/**
 * Draw what can be seen.
 * @param {HTMLCanvasElement} canvas
 * @param {MapGeometry} geometry
 * @param {MapPicture} picture
 * @param {number} ratio device pixels to a CSS pixel
 */
export function drawMap(canvas, geometry, picture, ratio) {
  const { width, height } = geometry;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = mapContext(canvas);
  context.scale(ratio, ratio);
  context.direction = "ltr";
  context.textBaseline = "middle";
  mapClipped(context, geometry, () => {
    mapCells(context, geometry, picture);
    mapHeads(context, geometry, picture);
    mapCross(context, geometry, picture);
  });
  mapLabels(context, geometry, picture);
  mapAges(context, geometry, picture);
}

/** @param {HTMLCanvasElement} canvas */
function mapContext(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws on no canvas");
  return context;
}

/** Draw within the columns only. @param {CanvasRenderingContext2D} context @param {MapGeometry} geometry @param {() => void} draw */
function mapClipped(context, geometry, draw) {
  context.save();
  context.beginPath();
  context.rect(geometry.left, 0, geometry.end - geometry.left, geometry.height);
  context.clip();
  draw();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {MapGeometry} geometry @param {MapPicture} picture */
function mapCells(context, geometry, { cells }) {
  const [first, last] = geometry.steps;
  const count = last - first + 1;
  const { H, column, row, top } = geometry;
  context.imageSmoothingEnabled = false;
  context.drawImage(cells, first - 1, 0, count, H, geometry.x(first), top, count * column, H * row);
}

/** Numbers of steps, and characters where columns are wide. @param {CanvasRenderingContext2D} context @param {MapGeometry} geometry @param {MapPicture} picture */
function mapHeads(context, geometry, { shown, selected, inks }) {
  const { column, letters, top } = geometry;
  const [first, last] = geometry.steps;
  const every = roundStep(44 / column);
  const near = 34 / column;
  for (let t = first; t <= last; t++) {
    const middle = geometry.x(t) + column / 2;
    const chosen = t === selected.t;
    context.fillStyle = chosen ? inks.accent : inks.soft;
    if (chosen || (t % every === 0 && Math.abs(t - selected.t) >= near)) {
      context.font = `${chosen ? "bold " : ""}10px ${inks.font}`;
      const half = context.measureText(String(t)).width / 2;
      context.textAlign = "center";
      context.fillText(String(t), Math.min(Math.max(middle, geometry.left + half), geometry.end - half), 7);
      if (!letters) context.fillRect(middle - 0.5, 13, 1, 4);
    }
    if (!letters) continue;
    context.font = `${chosen ? "bold " : ""}12px ${inks.font}`;
    context.fillStyle = chosen ? inks.accent : inks.ink;
    context.fillText(shown(t), middle, top - 9, column);
  }
}

/** Lines along the selected row and column, and a frame where they meet. @param {CanvasRenderingContext2D} context @param {MapGeometry} geometry @param {MapPicture} picture */
function mapCross(context, geometry, { selected, hovered, inks }) {
  const { column, row, top, left, end, height } = geometry;
  const [x, y] = [geometry.x(selected.t), geometry.y(selected.row)];
  const frame = (/** @type {string} */ colour, /** @type {number} */ out, /** @type {number} */ thick) => {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(left - 9, y - out, end - left + 18, row + 2 * out); // its ends are clipped away
    context.strokeRect(x - out, top - out, column + 2 * out, height);
  };
  frame(inks.panel, 1.5, 1);
  frame(inks.ink, 0.5, 1);
  mapFrame(context, x, y, column, row, inks);
  if (hovered) mapFrame(context, geometry.x(hovered.t), geometry.y(hovered.row), column, row, inks);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width @param {number} height @param {MapInks} inks */
function mapFrame(context, x, y, width, height, inks) {
  for (
    const [colour, out, thick]
      of /** @type {[string, number, number][]} */ ([[inks.panel, 3, 2], [inks.ink, 1, 2]])
  ) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(x - out, y - out, width + 2 * out, height + 2 * out);
  }
}

/** The indices of the rows as far as they fit. @param {CanvasRenderingContext2D} context @param {MapGeometry} geometry @param {MapPicture} picture */
function mapLabels(context, geometry, { order, selected, inks }) {
  const every = geometry.row >= 9 ? 1 : roundStep(11 / geometry.row);
  const apart = geometry.row >= 9 ? 1 : 11 / geometry.row;
  context.textAlign = "right";
  order.forEach((index, row) => {
    const chosen = row === selected.row;
    if (!chosen && (row % every || Math.abs(row - selected.row) < apart)) return;
    context.font = `${chosen ? "bold " : ""}10px ${inks.font}`;
    context.fillStyle = chosen ? inks.accent : inks.soft;
    context.fillText(String(index), geometry.left - 6, geometry.y(row) + geometry.row / 2 + 0.5);
  });
}

/** How long each index holds what it holds: a bar, and a number where there is room. @param {CanvasRenderingContext2D} context @param {MapGeometry} geometry @param {MapPicture} picture */
function mapAges(context, geometry, { order, ages, selected, inks }) {
  const from = geometry.end + 6;
  const numbers = geometry.right > 40;
  const longest = Math.max(...ages, 1);
  const room = numbers ? 32 : geometry.right - 8;
  context.textAlign = "left";
  context.fillStyle = inks.soft;
  context.font = `10px ${inks.font}`;
  context.fillText(numbers ? "mean age" : "age", from, 7);
  const thick = Math.max(Math.min(geometry.row - 2, 8), 1);
  order.forEach((index, row) => {
    const middle = geometry.y(row) + geometry.row / 2;
    context.fillStyle = row === selected.row ? inks.accent : inks.soft;
    context.fillRect(from, middle - thick / 2, Math.max((room * ages[index]) / longest, 0.5), thick);
    if (numbers && geometry.row >= 9) context.fillText(ages[index].toFixed(1), from + room + 5, middle + 0.5);
  });
}
