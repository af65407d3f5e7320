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
  const { ids, characters } = app.experiment;
  const character = characters[t - 1];
  if (CHARACTER_MARK.test(character)) return `◌${character}`;
  return app.network.shown[ids[t - 1]] || characterVisible(character);
}

/** A character that the vocabulary lacks, or its code point where it has no shape. @param {string} character */
function characterVisible(character) {
  if (!/[\p{C}\p{Z}]/u.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
