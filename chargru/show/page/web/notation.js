/** Formulas written out: plain as the command line writes them, and set in type with the same text. */

import { el } from "./dom.js";
import { fixed } from "./numbers.js";

/** @typedef {import("./types.js").SymbolData} SymbolData */
/** @typedef {import("./types.js").Tree} Tree */

/** The numbers of a unit that a formula may name. @typedef {Record<string, number>} Numbers */

/**
 * How a formula is written: the step it is of, and of those parts of it that are numbers, which and how many digits.
 * @typedef {object} Writing
 * @property {number} t
 * @property {Numbers} [numbers]
 * @property {number} [digits]
 * @property {(symbol: SymbolData) => string} [symbol] what is written for a symbol, if not its plain text
 */

/**
 * A piece of a symbol: its plain text, what is seen of it, and whether it stands on the line (0), below or above it.
 * @typedef {{plain: string, seen: string, level: -1 | 0 | 1}} Piece
 */

/**
 * The pieces of a symbol, from left to right.
 * @param {SymbolData} symbol
 * @param {{t: number, index?: number}} at
 * @returns {Piece[]}
 */
export function symbolPieces({ letter, subscript, tilde, angled, time }, { t, index }) {
  const base = letter === "gamma" ? "γ" : letter;
  /** @type {Piece[]} */
  const found = [{ plain: letter + (tilde ? "~" : ""), seen: base + (tilde ? "\u0303" : ""), level: 0 }];
  if (subscript) found.push({ plain: `_${subscript}`, seen: subscript, level: -1 });
  if (time !== null && angled) found.push({ plain: `<${t + time}>`, seen: `<${t + time}>`, level: 1 });
  if (time !== null && !angled) found.push({ plain: `_${t + time}`, seen: String(t + time), level: -1 });
  if (index !== undefined) found.push({ plain: `[${index}]`, seen: `[${index}]`, level: 0 });
  return found;
}

/** A symbol as plain text, e.g. z_34[9] or gamma_u<34>. @param {SymbolData} symbol @param {{t: number, index?: number}} at */
export function symbolText(symbol, at) {
  return symbolPieces(symbol, at).map((piece) => piece.plain).join("");
}

/** A formula on one line. @param {Tree} tree @param {Writing} writing @returns {string} */
export function writeTree(tree, writing) {
  if (typeof tree === "string") return fixed(writing.numbers?.[tree] ?? NaN, writing.digits ?? 4);
  if ("letter" in tree) return (writing.symbol ?? ((symbol) => symbolText(symbol, writing)))(tree);
  const { operator, operands } = tree;
  const write = (/** @type {Tree} */ one) => writeTree(one, writing);
  const factor = (/** @type {Tree} */ one) => notationFactor(one, write(one));
  if (operator === "=") return operands.map(write).join(" = ");
  if (operator === "+") {
    const [first, ...more] = operands.map(write);
    return first + more.map((one) => (one.startsWith("-") ? ` - ${one.slice(1)}` : ` + ${one}`)).join("");
  }
  if (operator === "*") return operands.map(factor).join(" * ");
  if (operator === "@") return operands.map(factor).join(" ");
  if (operator === "1 -") return `1 - ${factor(operands[0])}`;
  if (operator === "value") {
    return fixed(evaluateTree(operands[0], writing.numbers ?? {}), writing.digits ?? 4);
  }
  return `${operator}(${write(operands[0])})`;
}

/** In brackets where it is an operation or a negative number. @param {Tree} tree @param {string} written */
function notationFactor(tree, written) {
  const operation = typeof tree === "object" && "operator" in tree && tree.operator !== "value";
  return operation || written.startsWith("-") ? `(${written})` : written;
}

/** What a formula made of a unit's numbers comes to. @param {Tree} tree @param {Numbers} numbers @returns {number} */
export function evaluateTree(tree, numbers) {
  if (typeof tree === "string") {
    if (!(tree in numbers)) throw new Error(`the unit has no number ${tree}`);
    return numbers[tree];
  }
  if (!("operator" in tree)) throw new Error(`${tree.letter} is a letter, not a number`);
  const values = tree.operands.map((one) => evaluateTree(one, numbers));
  switch (tree.operator) {
    case "+":
      return values.reduce((sum, value) => sum + value);
    case "*":
      return values.reduce((product, value) => product * value);
    case "1 -":
      return 1 - values[0];
    case "value":
      return values[0];
    case "sigmoid":
      return 1 / (1 + Math.exp(-values[0]));
    case "tanh":
      return Math.tanh(values[0]);
  }
  throw new Error(`${tree.operator} is not worked out`);
}

/**
 * A symbol set in type; its text stays the plain one, e.g. for copying.
 * @param {SymbolData} symbol
 * @param {{t: number, index?: number}} at
 * @returns {HTMLElement}
 */
export function symbolNode(symbol, at) {
  return el("span", { class: "symbol" }, ...symbolPieces(symbol, at).map(notationPiece));
}

/** @param {Piece} piece */
function notationPiece({ plain, seen, level }) {
  const tag = level ? (level > 0 ? "sup" : "sub") : "span";
  if (plain === seen) return el(tag, { class: level || plain.startsWith("[") ? "upright" : null }, plain);
  if (plain === `_${seen}`) return el(tag, {}, el("span", { class: "unseen" }, "_"), seen);
  return el(tag, { class: "glyph", "data-seen": seen }, el("span", { class: "unseen" }, plain));
}

/** A formula set in type; its text is what writeTree gives. @param {Tree} tree @param {Writing} writing @returns {Node[]} */
export function treeNodes(tree, writing) {
  /** @type {SymbolData[]} */
  const symbols = [];
  const written = writeTree(tree, {
    ...writing,
    symbol: (symbol) => `\uE000${symbols.push(symbol) - 1}\uE000`,
  });
  const parts = written.split("\uE000");
  return parts.map((part, i) =>
    i % 2 ? symbolNode(symbols[Number(part)], writing) : document.createTextNode(part)
  );
}
