/** What one author calls a number and how they count it, and how a character is shown in a sentence. */

import { symbolText } from "./notation.js";

/** @typedef {import("./types.js").Convention} Convention */
/** @typedef {import("./types.js").Quantity} Quantity */
/** @typedef {import("./network.js").Network} Network */

/** An author's letter for a quantity, without a step: z, gamma_u, c~. @param {Convention} convention @param {Quantity} quantity */
export function letterOf(convention, quantity) {
  return symbolText({ ...convention.letters[quantity], time: null }, { t: 0 });
}

/**
 * PyTorch's value of a quantity as an author counts it, or the other way round: gamma_u is 1 - z.
 * @param {Convention} convention @param {Quantity} quantity @param {number} value
 */
export function countedBy(convention, quantity, value) {
  return convention.takes && quantity === "z" ? 1 - value : value;
}

/** A character that the network knows, in quotes: 'e', '⏎'. @param {Network} network @param {number} id */
export function quotedId(network, id) {
  return network.vocabulary[id] === null ? "an unknown character" : `'${network.shown[id]}'`;
}

/** Any character, in quotes; what has no shape of its own by its number. @param {string} character */
export function quotedCharacter(character) {
  const code = /** @type {number} */ (character.codePointAt(0));
  const number = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if (character === "\n") return "'⏎'";
  if (character === "\t") return "'⇥'";
  if (/^[\p{C}\p{Z}\p{M}]$/u.test(character) && character !== " ") return number;
  return `'${character}'`;
}

/** A whole number with commas between the thousands. @param {number} value */
export function grouped(value) {
  return value.toLocaleString("en-US");
}
