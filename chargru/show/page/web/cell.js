/** The drawing of one step of a unit, as people draw a GRU, with the numbers of the selected unit running through it. */

import { el, fill, svg } from "./dom.js";
import { nodeNumbers, nodesOf } from "./nodes.js";
import { evaluateTree, symbolPieces, symbolText, treeNodes, writeTree } from "./notation.js";
import { fixed } from "./numbers.js";
import { keepHeight } from "./steady.js";
import { characterAlone, selectedUnit, unitLetter } from "./unit.js";

/** @typedef {import("./nodes.js").NodeData} NodeData */
/** @typedef {import("./nodes.js").NodeName} NodeName */
/** @typedef {import("./notation.js").Piece} Piece */
/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").SymbolData} SymbolData */
/** @typedef {import("./types.js").Tree} Tree */
/** @typedef {import("./unit.js").Unit} Unit */

const CELL_DIGITS = 4;
const CELL_SMALL = 2;
const CELL_THIN = 1;
const CELL_THICK = 10;

/** @param {HTMLElement} root holds the drawing, cell.svg @param {App} app */
export function mountCell(root, app) {
  const drawing = /** @type {SVGSVGElement} */ (root.querySelector("svg"));
  const line = el("p", { class: "cell-formula" });
  root.append(line);
  keepHeight(line);
  let pointed = /** @type {NodeName} */ ("h");
  /** @type {Unit | null} */
  let unit = null;
  const say = () => unit && fill(line, ...cellFormula(unit, nodesOf(unit, app.network.reset), pointed));
  const draw = () => {
    unit = selectedUnit(app);
    if (!unit) return;
    cellFill(drawing, app, unit);
    say();
  };
  for (const node of cellNodes(drawing)) {
    node.setAttribute("tabindex", "0");
    node.setAttribute("role", "img");
    const point = () => {
      pointed = /** @type {NodeName} */ (node.dataset.node);
      say();
    };
    node.addEventListener("pointerenter", point);
    node.addEventListener("focus", point);
  }
  for (const text of drawing.querySelectorAll("text")) {
    if (!text.closest("[data-node]")) text.setAttribute("aria-hidden", "true"); // the sentence of the drawing says it
  }
  app.store.on((keys) => {
    if (["step", "index", "layer", "letters", "run"].some((key) => keys.has(key))) draw();
  });
  draw();
}

/** @param {SVGSVGElement} drawing @returns {SVGElement[]} */
function cellNodes(drawing) {
  return /** @type {SVGElement[]} */ ([...drawing.querySelectorAll("[data-node]")]);
}

/** Put the letters, the numbers and the widths into the drawing. @param {SVGSVGElement} drawing @param {App} app @param {Unit} unit */
function cellFill(drawing, app, unit) {
  const { reset } = app.network;
  const numbers = cellNumbers(app, unit, reset);
  const letters = cellLetters(unit.convention, unit.t);
  drawing.dataset.reset = reset;
  drawing.dataset.takes = unit.convention.takes ? "yes" : "no";
  drawing.setAttribute("aria-label", cellSentence(app, unit));
  for (const slot of drawing.querySelectorAll("[data-number]")) {
    slot.textContent = numbers[/** @type {SVGElement} */ (slot).dataset.number ?? ""];
  }
  for (const slot of drawing.querySelectorAll("[data-letter]")) {
    fill(slot, ...cellSpans(letters[/** @type {SVGElement} */ (slot).dataset.letter ?? ""]));
  }
  for (const wire of /** @type {NodeListOf<SVGElement>} */ (drawing.querySelectorAll("[data-width]"))) {
    const share = wire.dataset.width === "keep" ? unit.keep : unit.take;
    wire.setAttribute("stroke-width", String(CELL_THIN + CELL_THICK * share));
  }
  const nodes = nodesOf(unit, reset);
  for (const node of cellNodes(drawing)) {
    const name = /** @type {NodeName} */ (node.dataset.node);
    node.setAttribute("aria-label", cellLabel(unit, name, nodes[name]));
  }
}

/** What stands at the places for numbers. @param {App} app @param {Unit} unit @param {"after" | "before"} reset @returns {Record<string, string>} */
function cellNumbers(app, unit, reset) {
  const { values, addends, keep, take, layer, t } = unit;
  const { Wx, bx, Wh, bh } = addends.n;
  const long = (/** @type {number} */ value) => fixed(value, CELL_DIGITS);
  const short = (/** @type {number} */ value) => fixed(value, CELL_SMALL);
  const after = reset === "after";
  return {
    h_prev: long(values.h_prev),
    r: long(values.r),
    z: long(values.z),
    n: long(values.n),
    h: long(values.h),
    keep: long(keep),
    take: long(take),
    kept: long(keep * values.h_prev),
    taken: long(take * values.n),
    fresh: short(Wx + bx),
    said: short(Wh + bh),
    heard: short(values.r * (after ? Wh + bh : values.h_prev)),
    sum: short(Wx + bx + (after ? values.r : 1) * (Wh + bh)),
    x: layer ? `layer ${layer}` : characterAlone(app, t),
  };
}

/**
 * What stands at the places for letters.
 * @param {import("./types.js").Convention} convention
 * @param {number} t
 * @returns {Record<string, Piece[]>}
 */
function cellLetters(convention, t) {
  const letter = (/** @type {"r" | "z" | "n" | "h" | "h_prev" | "x"} */ name) =>
    symbolPieces(unitLetter(convention, name), { t });
  const z = symbolPieces({ ...convention.letters.z, time: null }, { t });
  const rest = [cellPiece("1 − "), ...z];
  const { Wx, bx, Wh, bh } = convention.addends.n;
  return {
    h_prev: letter("h_prev"),
    r: letter("r"),
    z: letter("z"),
    n: letter("n"),
    h: letter("h"),
    x: letter("x"),
    keep: convention.takes ? rest : z,
    take: convention.takes ? z : rest,
    said: cellBox(Wh, bh, t),
    fresh: cellBox(Wx, bx, t),
  };
}

/** @param {string} text @returns {Piece} */
function cellPiece(text) {
  return { plain: text, seen: text, level: 0 };
}

/** A matrix and a bias, as they stand in a box. @param {Tree} product @param {Tree} bias @param {number} t */
function cellBox(product, bias, t) {
  const [matrix] = /** @type {import("./types.js").OperationData} */ (product).operands;
  const pieces = (/** @type {Tree} */ symbol) => symbolPieces(/** @type {SymbolData} */ (symbol), { t });
  return [...pieces(matrix), cellPiece(" · + "), ...pieces(bias)];
}

/** Pieces as parts of an SVG text. @param {Piece[]} pieces */
function cellSpans(pieces) {
  let line = 0;
  return pieces.map(({ seen, level }) => {
    const place = level ? (level < 0 ? 4 : -6) : 0;
    const span = svg("tspan", {
      class: level ? "small" : /^[ 1]/.test(seen) ? "upright" : null,
      dy: place - line || null,
    }, seen);
    line = place;
    return span;
  });
}

/** A node's formula in letters, in numbers and in words. @param {Unit} unit @param {Record<NodeName, NodeData>} nodes @param {NodeName} name */
function cellFormula(unit, nodes, name) {
  const { letters, numbers, words } = nodes[name];
  const { t } = unit;
  return [
    ...cellLeft(unit, name),
    ...treeNodes(letters, { t }),
    el("br"),
    " = ",
    el("span", { class: "number" }, cellWorked(unit, name, numbers)),
    el("br"),
    el("span", { class: "soft" }, words),
  ];
}

/** @param {Unit} unit @param {NodeName} name */
function cellLeft({ convention, t }, name) {
  if (name !== "r" && name !== "z" && name !== "n" && name !== "h") return [];
  return [...treeNodes(unitLetter(convention, name), { t }), " = "];
}

/** A node's formula with its numbers, and what it comes to. @param {Unit} unit @param {NodeName} name @param {Tree} tree */
function cellWorked(unit, name, tree) {
  const numbers = nodeNumbers(unit, name);
  const writing = { t: unit.t, numbers, digits: CELL_DIGITS };
  return `${writeTree(tree, writing)} = ${fixed(evaluateTree(tree, numbers), CELL_DIGITS)}`;
}

/** @param {Unit} unit @param {NodeName} name @param {NodeData} node */
function cellLabel(unit, name, { letters, numbers, words }) {
  return `${writeTree(letters, { t: unit.t })} = ${cellWorked(unit, name, numbers)}: ${words}`;
}

/** The step in a sentence. @param {App} app @param {Unit} unit */
function cellSentence(app, unit) {
  const { convention, t, index, values, keep, take } = unit;
  const named = (/** @type {"n" | "h" | "h_prev"} */ name) =>
    `${symbolText(unitLetter(convention, name), { t, index })} = ${fixed(values[name], CELL_DIGITS)}`;
  return `Step ${t} reads ${characterAlone(app, t)}. ${fixed(keep, CELL_DIGITS)} of ${
    named("h_prev")
  } is kept and ` +
    `${fixed(take, CELL_DIGITS)} of the candidate ${named("n")} is taken: ${named("h")}`;
}
