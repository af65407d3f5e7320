/** The numbers of the selected step as a table, for screen readers, for printing and for sorting. */

import { el, fill } from "./dom.js";
import { countedBy, letterOf, quotedId } from "./letter.js";
import { fixed } from "./numbers.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {"index" | "h_prev" | "r" | "z" | "n" | "h"} Column */

const VALUES_COLUMNS = /** @type {Column[]} */ (["index", "h_prev", "r", "z", "n", "h"]);
const VALUES_SAID_AFTER = 350;
const VALUES_UNSEEN_AFTER = 120;

/** @param {HTMLElement} root @param {App} app */
export function mountValues(root, app) {
  const { store } = app;
  const sorting = { by: /** @type {Column} */ ("index"), down: false };
  const said = el("p", { class: "hidden-text", "aria-live": "polite" });
  const caption = el("caption", { class: "hidden-text" });
  const seen = el("p", { class: "soft", "aria-hidden": true }); // the caption scrolls out of sight with its table
  const head = el("tr", {});
  const rows = Array.from({ length: app.network.H }, valuesRow);
  const box = el(
    "div",
    {
      class: "scroll values-box",
      "data-keys": "own",
      tabindex: 0,
      role: "region",
      "aria-label": "The numbers of this step, all indices",
    },
    el("table", {}, caption, el("thead", {}, head), el("tbody", {}, ...rows.map(({ row }) => row))),
  );
  const later = new ValuesLater(box, () => draw());
  const draw = () => {
    later.done();
    caption.textContent = seen.textContent = valuesCaption(app);
    valuesOrder(app, sorting).forEach((index, place) => valuesFill(app, rows[place], index));
    valuesMark(box, store.view.index);
  };
  const drawHead = () => {
    fill(head, ...valuesHead(app, sorting, sort), el("th", { scope: "col" }, "what happened"));
  };
  const sort = (/** @type {Column} */ by) => {
    Object.assign(sorting, by === sorting.by ? { down: !sorting.down } : { by, down: by !== "index" });
    drawHead();
    draw();
    /** @type {HTMLElement | null} */ (head.querySelector(`[data-by="${by}"]`))?.focus();
  };
  store.on((keys) => {
    if (keys.has("letters")) drawHead();
    if (["run", "step", "layer", "letters"].some((key) => keys.has(key))) {
      later.ask();
    } else if (keys.has("index")) valuesMark(box, store.view.index);
  });
  valuesSay(app, said);
  fill(root, seen, box, said);
  drawHead();
  draw();
}

/** Draws the table with the next frame; out of sight, where the rows of many units keep keys waiting, after the last key. */
class ValuesLater {
  /** @param {HTMLElement} box @param {() => void} draw */
  constructor(box, draw) {
    this.draw = draw;
    this.seen = false;
    this.frame = 0;
    this.timer = 0;
    new IntersectionObserver((entries) => {
      this.seen = entries[entries.length - 1].isIntersecting;
      if (this.seen && this.timer) this.draw();
    }).observe(box);
    globalThis.addEventListener("beforeprint", () => (this.timer || this.frame) && this.draw());
  }

  ask() {
    if (this.seen) {
      this.frame ||= requestAnimationFrame(() => this.draw());
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), VALUES_UNSEEN_AFTER);
  }

  /** What was asked for is drawn. */
  done() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = this.timer = 0;
  }
}

/** Say in a while where one is, when step or index change. @param {App} app @param {HTMLElement} said */
function valuesSay(app, said) {
  let timer = 0;
  app.store.on((keys) => {
    if (!["step", "index", "layer"].some((key) => keys.has(key))) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      said.textContent = valuesSentence(app);
    }, VALUES_SAID_AFTER);
  });
}

/** Step, character and the numbers of the index that is selected. @param {App} app */
function valuesSentence(app) {
  const { step, index } = app.store.view;
  const { run } = app.experiment;
  const numbers = VALUES_COLUMNS.slice(1).map((column) =>
    `${valuesName(app, column)} ${fixed(valuesNumber(app, column, index), 2)}`
  );
  const character = run ? quotedId(app.network, run.ids[step - 1]) : "";
  return `Step ${step}, ${character}; index ${index}: ${numbers.join(", ")}, ${valuesWord(app, index)}.`;
}

/** @param {App} app */
function valuesCaption(app) {
  const { step, layer } = app.store.view;
  const { run } = app.experiment;
  const character = run ? quotedId(app.network, run.ids[step - 1]) : "";
  const where = app.network.L > 1 ? ` of layer ${layer}` : "";
  return `Step ${step}, ${character}: all ${app.network.H} indices${where}; ${app.convention().rules}.`;
}

/** @param {App} app @param {{by: Column, down: boolean}} sorting @param {(by: Column) => void} sort */
function valuesHead(app, sorting, sort) {
  return VALUES_COLUMNS.map((column) => {
    const sorted = column === sorting.by ? (sorting.down ? "descending" : "ascending") : null;
    const sign = sorted && el("span", { "aria-hidden": true }, sorting.down ? " ▼" : " ▲");
    const name = valuesName(app, column);
    const button = el(
      "button",
      { type: "button", "data-by": column, on: { click: () => sort(column) } },
      name,
      sign,
    );
    return el("th", { scope: "col", "aria-sort": sorted }, button);
  });
}

/** A row and the texts of its cells: the index, five numbers, what happened. */
function valuesRow() {
  const texts = Array.from({ length: VALUES_COLUMNS.length + 1 }, () => document.createTextNode(""));
  const [index, ...others] = texts;
  const cells = others.map((text, place) =>
    el("td", { class: place === others.length - 1 ? "values-word" : null }, text)
  );
  return { row: el("tr", {}, el("th", { scope: "row" }, index), ...cells), texts };
}

/** Put an index into a row. @param {App} app @param {ReturnType<typeof valuesRow>} into @param {number} index */
function valuesFill(app, { row, texts }, index) {
  row.dataset.index = String(index);
  const numbers = VALUES_COLUMNS.slice(1).map((column) => fixed(valuesNumber(app, column, index), 4));
  [String(index), ...numbers, valuesWord(app, index)].forEach((written, place) => {
    if (texts[place].data !== written) texts[place].data = written; // a table is laid out anew for what changes
  });
}

/** Mark the row of the selected index, and scroll the box to it. @param {HTMLElement} box @param {number} index */
function valuesMark(box, index) {
  box.querySelector("[aria-current]")?.removeAttribute("aria-current");
  const row = /** @type {HTMLElement | null} */ (box.querySelector(`[data-index="${index}"]`));
  const head = box.querySelector("thead");
  if (!row || !head) return;
  row.setAttribute("aria-current", "true");
  const [top, bottom] = [row.offsetTop - head.offsetHeight, row.offsetTop + row.offsetHeight];
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}

/** The indices in the order of a column. @param {App} app @param {{by: Column, down: boolean}} sorting */
function valuesOrder(app, { by, down }) {
  const indices = Array.from({ length: app.network.H }, (_, index) => index);
  const sign = down ? -1 : 1;
  const numbers = indices.map((index) => valuesNumber(app, by, index));
  return indices.sort((a, b) => sign * (numbers[a] - numbers[b]) || a - b);
}

/** @param {App} app @param {Column} column @param {number} index */
function valuesNumber(app, column, index) {
  if (column === "index") return index;
  const { step, layer } = app.store.view;
  const value = app.experiment.run?.value(column, layer - 1, step, index) ?? NaN;
  return column === "z" ? countedBy(app.convention(), "z", value) : value;
}

/** @param {App} app @param {Column} column */
function valuesName(app, column) {
  if (column === "index") return "index";
  return column === "h_prev"
    ? `${letterOf(app.convention(), "h")} before`
    : letterOf(app.convention(), column);
}

/** What became of the old value, by PyTorch's z. @param {App} app @param {number} index */
function valuesWord(app, index) {
  const { step, layer } = app.store.view;
  const z = app.experiment.run?.value("z", layer - 1, step, index) ?? NaN;
  return z > 0.9 ? "kept" : z < 0.1 ? "replaced" : "mixed";
}
