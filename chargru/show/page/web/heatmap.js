/** All indices of a layer, step by step: a heat map on a canvas, of which only what can be seen is drawn. */

import { shownAt } from "./character.js";
import { onTheme, scaleNamed } from "./colour.js";
import { el, fill } from "./dom.js";
import { drawLegend } from "./legend.js";
import { drawMap, mapInks, paintCells } from "./mapdraw.js";
import { MapGeometry } from "./mapgeometry.js";
import { fixed } from "./numbers.js";
import { indexBelow, meanAges, rowsShown } from "./order.js";
import { countedValues, quantityEnds, quantityScale, quantitySelect, quantityText } from "./quantity.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").Order} Order */
/** @typedef {{t: number, row: number}} MapCell */

const MAP_ORDERS = { index: "by number", age: "long memory first", similarity: "alike side by side" };

/** Put the heat map into its place. @param {HTMLElement} root @param {App} app */
export function mountHeatmap(root, app) {
  const map = new Heatmap(root, app);
  map.paint();
  map.seeks = true;
  map.show();
  app.store.on((keys) => map.follow(keys));
  onTheme(() => {
    map.paint();
    map.later();
  });
  new ResizeObserver(() => map.later()).observe(root);
}

class Heatmap {
  /** @param {HTMLElement} root @param {App} app */
  constructor(root, app) {
    this.app = app;
    /** @type {Int32Array} */
    this.order = new Int32Array();
    /** @type {Float64Array} */
    this.ages = new Float64Array();
    /** @type {Float64Array} */
    this.values = new Float64Array();
    /** @type {MapCell | null} */
    this.hovered = null;
    this.waiting = 0;
    /** Whether the selected step is to be scrolled into sight with the next picture. */
    this.seeks = false;
    this.canvas = el("canvas", { role: "img" });
    this.cells = el("canvas");
    this.room = el("div", { class: "map-room" }, this.canvas);
    this.box = el(
      "div",
      { class: "map scroll", role: "group", tabindex: "0", "aria-label": "The map" },
      this.room,
    );
    this.line = el("p", { class: "reading number" });
    this.legend = el("div", { class: "legend" });
    this.wide = el("input", { type: "checkbox" });
    this.wideLabel = el("label", { class: "choice" }, this.wide, " letters above the columns");
    const choices = el("div", { class: "choices" }, quantitySelect(app), this.orderSelect(), this.wideLabel);
    root.append(choices, this.box, this.line, this.legend);
    this.inks = mapInks(root);
    this.geometry = this.measured();
    this.listen();
  }

  orderSelect() {
    const options = Object.entries(MAP_ORDERS).map(([value, name]) => el("option", { value }, name));
    this.orders = el("select", {}, ...options);
    const select = this.orders;
    select.addEventListener(
      "change",
      () => this.app.store.set({ order: /** @type {Order} */ (select.value) }),
    );
    return el("label", { class: "choice" }, "Rows ", select);
  }

  listen() {
    this.box.addEventListener("scroll", () => this.later());
    this.box.addEventListener("keydown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.hover(this.at(event)));
    this.canvas.addEventListener("pointerleave", () => this.hover(null));
    this.canvas.addEventListener("click", (event) => {
      const cell = this.at(event);
      if (cell) this.app.store.set({ step: cell.t, index: this.order[cell.row] });
    });
    this.wide.addEventListener("change", () => {
      this.seeks = true;
      this.later();
    });
  }

  /** @param {Set<string>} keys */
  follow(keys) {
    const has = (/** @type {string[]} */ ...names) => names.some((name) => keys.has(name));
    if (has("run")) this.hovered = null;
    if (has("run", "gate", "layer", "letters", "order")) this.paint();
    if (has("run", "step")) this.seeks = true;
    if (has("run", "gate", "layer", "letters", "order", "step", "index")) this.later();
  }

  /** Order the rows, and paint a pixel for every cell. */
  paint() {
    const { experiment, store } = this.app;
    const { gate, layer, order } = store.view;
    const { run } = experiment;
    if (!run) return;
    this.order = rowsShown(this.app);
    this.ages = meanAges(run, layer - 1);
    this.values = countedValues(this.app, gate);
    this.inks = mapInks(this.box);
    const scale = scaleNamed(quantityScale(gate));
    paintCells(this.cells, this.values, this.order, scale);
    drawLegend(this.legend, scale, quantityEnds(this.app, gate));
    if (this.orders) this.orders.value = order;
  }

  /** Draw before the next picture of the page, once for all that changes until then. */
  later() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.show();
    });
  }

  measured() {
    const { network, experiment } = this.app;
    const { wide } = this;
    const made = new MapGeometry(
      network.H,
      experiment.T,
      this.box.clientWidth,
      wide.checked,
      devicePixelRatio,
    );
    made.scroll = Math.min(this.box.scrollLeft, made.whole - made.width);
    return made;
  }

  show() {
    if (this.seeks) this.inSight();
    this.geometry = this.measured();
    const { geometry, app } = this;
    this.wideLabel.hidden = geometry.roomy;
    this.room.style.width = `${geometry.whole}px`;
    drawMap(this.canvas, geometry, {
      cells: this.cells,
      order: this.order,
      ages: this.ages,
      shown: (t) => shownAt(app, t),
      selected: this.selected(),
      hovered: this.hovered,
      inks: this.inks,
    }, devicePixelRatio);
    this.say();
  }

  selected() {
    const { step, index } = this.app.store.view;
    return { t: step, row: this.order.indexOf(index) };
  }

  /** Scroll so that the selected step can be seen. */
  inSight() {
    this.seeks = false;
    this.geometry = this.measured();
    this.room.style.width = `${this.geometry.whole}px`;
    const to = this.geometry.scrollTo(this.app.store.view.step);
    if (to !== this.geometry.scroll) this.box.scrollLeft = to;
  }

  /** Up and down go along the rows as they stand here; every other key is the page's. @param {KeyboardEvent} event */
  press(event) {
    const by = Number(event.key === "ArrowDown") - Number(event.key === "ArrowUp");
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.app.store.set({ index: indexBelow(this.app, by) });
  }

  /** @param {MouseEvent} event */
  at(event) {
    return this.geometry.at(event.offsetX, event.offsetY);
  }

  /** @param {MapCell | null} cell */
  hover(cell) {
    if (cell?.t === this.hovered?.t && cell?.row === this.hovered?.row) return;
    this.hovered = cell;
    this.later();
  }

  /** Say the number under the pointer, or the selected one, in the line below; and all of it to who cannot see. */
  say() {
    const { t, row } = this.hovered ?? this.selected();
    const character = el("bdi", {}, shownAt(this.app, t));
    const index = this.order[row];
    const age = `mean age ${fixed(this.ages[index], 1)} steps`;
    fill(this.line, `step ${t} “`, character, `”, index ${index}: ${this.number(t, index)}; ${age}`);
    this.canvas.setAttribute("aria-label", this.sentence());
  }

  /** @param {number} t @param {number} index */
  number(t, index) {
    const value = this.values[(t - 1) * this.app.network.H + index];
    return `${quantityText(this.app, this.app.store.view.gate, t, index)} = ${fixed(value, 4)}`;
  }

  sentence() {
    const { network, experiment, store } = this.app;
    const { gate, order, layer, step, index } = store.view;
    const of = network.L > 1 ? ` of layer ${layer}` : "";
    return `Heat map of ${quantityText(this.app, gate)}: ${network.H} indices${of} as rows, ${
      MAP_ORDERS[order]
    }; ` +
      `${experiment.T} steps as columns. Selected: ${this.number(step, index)}.`;
  }
}
