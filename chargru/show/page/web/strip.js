/** The text, a character a cell, coloured by what is chosen. */

import { shownAt } from "./character.js";
import { onTheme } from "./colour.js";
import { el, fill } from "./dom.js";
import { drawLegend } from "./legend.js";
import { fixed } from "./numbers.js";
import { quantitySelect } from "./quantity.js";
import {
  COLOURS,
  isReadable,
  readingEnds,
  readingName,
  readingSaid,
  readingScale,
  readingValues,
} from "./reading.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").Colour} Colour */
/** @typedef {import("./types.js").View} View */

/** Only work that takes longer than these milliseconds is said to be under way. */
const STRIP_PATIENCE = 150;

/** A character is marked where holding gates changed its surprise by so many bits. */
const STRIP_CHANGED = 0.1;

/** What the colours depend on, beside the numbers of the run. @type {Record<Colour, (keyof View)[]>} */
const STRIP_NEEDS = {
  gate: ["gate", "index", "layer", "letters"],
  mean: ["gate", "layer", "letters"],
  surprise: [],
  share: ["step", "index", "layer"],
  gradient: ["step"],
};

/** Put the text into its place. @param {HTMLElement} root @param {App} app */
export function mountStrip(root, app) {
  const strip = new Strip(root, app);
  strip.build();
  app.store.on((keys) => strip.follow(keys));
  onTheme(() => strip.paint());
}

class Strip {
  /** @param {HTMLElement} root @param {App} app */
  constructor(root, app) {
    this.app = app;
    /** @type {HTMLElement[]} */
    this.cells = [];
    this.characters = /** @type {string[]} */ ([]);
    /** The colour that each cell has. @type {string[]} */
    this.painted = [];
    /** @type {Float64Array} */
    this.values = new Float64Array();
    this.work = new AbortController();
    this.hovered = 0;
    this.select = el("select", { on: { change: () => this.choose() } }, ...this.options());
    this.box = el("div", {
      class: "strip",
      role: "listbox",
      tabindex: "0",
      "aria-label": "The text, a step a cell",
    });
    this.line = el("p", { class: "reading number" });
    this.legend = el("div", { class: "legend" });
    this.listen();
    const colour = el("label", { class: "choice" }, "Colour ", this.select);
    /** Only two of the colours are of a quantity. */
    this.quantity = quantitySelect(app);
    const choices = el("div", { class: "choices" }, colour, this.quantity);
    root.append(choices, this.box, this.line, this.legend);
  }

  options() {
    return COLOURS.map((colour) => el("option", { value: colour, disabled: !isReadable(this.app, colour) }));
  }

  listen() {
    this.box.addEventListener("click", (event) => {
      const step = stripStep(event);
      if (step) this.app.store.set({ step });
    });
    this.box.addEventListener("pointerover", (event) => this.say(stripStep(event)));
    this.box.addEventListener("pointerleave", () => this.say(0));
  }

  choose() {
    this.app.store.set({ colour: /** @type {Colour} */ (this.select.value) });
  }

  /** Make the cells anew, where there is another text, and show all. */
  build() {
    const { characters, T } = this.app.experiment;
    if (characters !== this.characters) {
      this.characters = characters;
      this.cells = Array.from({ length: T }, (_, at) => stripCell(this.app, at + 1));
      this.painted = Array(T).fill("");
      fill(this.box, ...this.cells);
    }
    this.markChanged();
    this.markSelected();
    this.recolour();
  }

  /** @param {Set<string>} keys */
  follow(keys) {
    if (keys.has("run")) return this.build();
    if (keys.has("step")) this.markSelected();
    const { colour } = this.app.store.view;
    if (["colour", ...STRIP_NEEDS[colour]].some((key) => keys.has(key))) this.recolour();
    else this.name();
  }

  /** Compute the numbers of the cells, and colour them when they are there. */
  recolour() {
    this.work.abort();
    const work = new AbortController();
    this.work = work;
    this.quantity.hidden = !["gate", "mean"].includes(this.app.store.view.colour);
    const values = readingValues(this.app, this.app.store.view.colour, work.signal);
    if (values instanceof Float64Array) return this.show(values);
    const waiting = setTimeout(() => this.line.replaceChildren("computing the gradient …"), STRIP_PATIENCE);
    this.box.setAttribute("aria-busy", "true");
    values.then((found) => work.signal.aborted || this.show(found), (error) => {
      if (!work.signal.aborted) throw error;
    }).finally(() => clearTimeout(waiting));
  }

  /** @param {Float64Array} values one a step */
  show(values) {
    this.values = values;
    this.box.removeAttribute("aria-busy");
    this.paint();
    this.name();
  }

  /** Colour the cells whose colour is another than before, and draw the legend. */
  paint() {
    const { colour } = this.app.store.view;
    const scale = readingScale(this.app, colour);
    this.cells.forEach((cell, at) => {
      const level = scale.level(this.values[at]);
      const css = level < 0 ? "" : scale.css[level];
      if (css === this.painted[at]) return;
      this.painted[at] = css;
      cell.style.backgroundColor = css;
      cell.style.color = level < 0 ? "" : scale.ink[level];
    });
    drawLegend(this.legend, scale, readingEnds(this.app, colour), this.note());
  }

  note() {
    const { experiment, store } = this.app;
    const said = [];
    if (store.view.colour === "share") {
      const before = 1 - this.values.subarray(0, store.view.step).reduce((sum, share) => sum + share, 0);
      said.push(
        `The shares of all steps sum to 1; ${fixed(Math.max(before, 0), 3)} is from before the text.`,
      );
    }
    if (store.view.colour === "gradient") {
      said.push("log10 of the size; the loss is -ln p of the next character.");
    }
    if (experiment.held && this.app.network.head) {
      said.push(`Underlined: holding gates changed the surprise by ${STRIP_CHANGED} bits or more.`);
    }
    return said.join(" ");
  }

  /** Write the names of the colourings, and what is under the pointer or selected. */
  name() {
    for (const option of this.select.options) {
      option.textContent = readingName(this.app, /** @type {Colour} */ (option.value));
    }
    this.select.value = this.app.store.view.colour;
    this.say(this.hovered);
  }

  /** Say a step and its number in the line below; 0 is the selected one. @param {number} step */
  say(step) {
    this.hovered = step <= this.cells.length ? step : 0;
    const { view } = this.app.store;
    const t = this.hovered || view.step;
    const number = readingSaid(this.app, view.colour, t, this.values[t - 1]);
    const character = el("bdi", {}, shownAt(this.app, t));
    fill(this.line, `step ${t} “`, character, `”: ${number}`);
    if (t === view.step) this.cells[t - 1].setAttribute("aria-label", this.line.textContent ?? "");
  }

  markSelected() {
    for (const before of this.box.querySelectorAll("[aria-selected=true]")) {
      before.setAttribute("aria-selected", "false");
      stripName(before);
    }
    const cell = this.cells[this.app.store.view.step - 1];
    cell.setAttribute("aria-selected", "true");
    this.box.setAttribute("aria-activedescendant", cell.id);
    requestAnimationFrame(() => stripInSight(this.box, cell)); // when all else is drawn: it asks for the layout
  }

  markChanged() {
    const { plain, held } = this.app.experiment;
    this.cells.forEach((cell, at) => {
      const change = plain && held ? Math.abs(held.bits[at] - plain.bits[at]) : 0;
      cell.classList.toggle("changed", change >= STRIP_CHANGED);
    });
  }
}

/** @param {App} app @param {number} t @returns {HTMLElement} */
function stripCell(app, t) {
  const shown = shownAt(app, t);
  const newline = app.experiment.characters[t - 1] === "\n";
  const name = `cell${newline ? " newline" : ""}${shown.length > 2 ? " escaped" : ""}`;
  const cell = el("span", { class: name, role: "option", id: `step-${t}`, "aria-selected": "false" }, shown);
  stripName(cell);
  return cell;
}

/** A cell is called by its character; a space would have no name. @param {Element} cell */
function stripName(cell) {
  if (cell.textContent?.trim()) cell.removeAttribute("aria-label");
  else cell.setAttribute("aria-label", "space");
}

/** The step whose cell an event is on; 0 if it is on none. @param {Event} event */
function stripStep(event) {
  const cell = event.target instanceof Element ? event.target.closest(".cell") : null;
  return cell ? Number(cell.id.slice("step-".length)) : 0;
}

/** Scroll the box, and it alone, so that a cell in it can be seen. @param {HTMLElement} box @param {HTMLElement} cell */
function stripInSight(box, cell) {
  const [outer, inner] = [box.getBoundingClientRect(), cell.getBoundingClientRect()];
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top + inner.height;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + inner.height;
}
