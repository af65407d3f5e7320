/** Whose letters: a choice of author, what each letter means there, and whether it is this network or another. */

import { el, fill } from "./dom.js";
import { symbolNode, treeNodes } from "./notation.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").Convention} Convention */

const LETTERS_QUANTITIES = /** @type {const} */ (["r", "z", "n", "h"]);

/** @param {HTMLElement} root @param {App} app */
export function mountLetters(root, app) {
  const { store, payload } = app;
  const choices = payload.conventions.map((one) =>
    lettersChoice(one, () => store.set({ letters: one.name }))
  );
  const said = el("div", {});
  root.append(
    el("fieldset", { class: "authors" }, el("legend", { class: "hidden-text" }, "Whose letters"), ...choices),
    said,
  );
  const draw = () => {
    const convention = app.convention();
    for (const input of root.querySelectorAll("input")) input.checked = input.value === convention?.name;
    if (convention) fill(said, ...lettersSaid(convention, store.view.step, payload.conventions[0]));
  };
  store.on((keys) => {
    if (keys.has("letters") || keys.has("step")) draw();
  });
  draw();
}

/** @param {Convention} convention @param {() => void} choose */
function lettersChoice({ name, who }, choose) {
  return el(
    "label",
    {},
    el("input", { type: "radio", name: "letters", value: name, on: { change: choose } }),
    who,
  );
}

/** @param {Convention} convention @param {number} t @param {Convention} plain PyTorch's @returns {Node[]} */
function lettersSaid(convention, t, plain) {
  const { notes, another, who, rules } = convention;
  const renaming = convention === plain
    ? "PyTorch's letters are those of the network's file, and of this page's address."
    : `A renaming: the same network, the same numbers of h, in the letters of ${who}.`;
  return [
    el("p", { class: another ? "another" : "renaming" }, another || renaming),
    lettersTable(convention, t),
    el("p", { class: "soft" }, `${rules}.`),
    ...notes.map((note) => el("p", { class: "soft" }, note)),
  ];
}

/** @param {Convention} convention @param {number} t */
function lettersTable(convention, t) {
  const heads = ["letter", "meaning", "formula"].map((name) => el("th", { scope: "col" }, name));
  const { letters, meaning, formulas, own, who } = convention;
  const rows = LETTERS_QUANTITIES.flatMap((quantity) => {
    const letter = symbolNode({ ...letters[quantity], time: null }, { t });
    const row = lettersRow(letter, meaning[quantity], formulas[quantity], t);
    if (quantity !== "n" || !own) return [row];
    const theirs = lettersRow(letter.cloneNode(true), `${who} itself: another network's candidate`, own, t);
    theirs.className = "own";
    return [row, theirs];
  });
  return el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

/** @param {Node} letter @param {string} meaning @param {import("./types.js").Tree} formula @param {number} t */
function lettersRow(letter, meaning, formula, t) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, letter),
    el("td", {}, meaning),
    el("td", { class: "formula" }, ...treeNodes(formula, { t })),
  );
}
