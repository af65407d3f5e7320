/** Characters as one cell shows them. */

/** @typedef {import("./types.js").App} App */

/** Marks that are drawn on the letter before them. */
const CHARACTER_MARK = /^(?!\p{VS})\p{M}$/u;

/**
 * What stands in the cell of a step: the character, a sign for one that cannot be seen, a mark on a dotted circle.
 * @param {App} app
 * @param {number} t from 1
 * @returns {string}
 */
export function shownAt(app, t) {
  const { experiment: { ids, characters }, network } = app;
  const [id, character] = [ids[t - 1], characters[t - 1]];
  if (CHARACTER_MARK.test(character)) return `◌${character}`;
  return id === network.unknown ? visibleCharacter(character) : network.shown[id];
}

/** A character outside the vocabulary; what has no shape or no width is escaped, as Python does it. @param {string} character */
export function visibleCharacter(character) {
  if (!/[\p{C}\p{M}\p{Zl}\p{Zp}]/u.test(character)) return character;
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}
