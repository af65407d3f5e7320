/** The nodes of the drawing of a step: what each computes, in letters, in numbers and in words. */

import { unitLetter } from "./unit.js";

/** @typedef {import("./types.js").Convention} Convention */
/** @typedef {import("./types.js").SymbolData} SymbolData */
/** @typedef {import("./types.js").Tree} Tree */
/** @typedef {import("./unit.js").Unit} Unit */
/** @typedef {"r" | "z" | "n" | "h" | "reset" | "said" | "fresh" | "keep" | "take"} NodeName */

/**
 * A node: its formula in letters, the same of the unit's numbers, and what it does.
 * @typedef {{letters: Tree, numbers: Tree, words: string}} NodeData
 */

/** The numbers that a node's formula may name. @param {Unit} unit @param {NodeName} name @returns {Record<string, number>} */
export function nodeNumbers(unit, name) {
  return { ...unit.values, ...unit.addends[name === "r" || name === "z" ? name : "n"] };
}

/** @param {Unit} unit @param {"after" | "before"} reset @returns {Record<NodeName, NodeData>} */
export function nodesOf(unit, reset) {
  return { ...nodesGates(unit), ...nodesCandidate(unit, reset), ...nodesProducts(unit) };
}

/** @param {string} operator @param {...Tree} operands @returns {Tree} */
function nodesOperation(operator, ...operands) {
  return { operator, operands };
}

/** The right side of a convention's formula. @param {Convention} convention @param {"r" | "z" | "n" | "h"} quantity */
function nodesRight(convention, quantity) {
  return convention.formulas[quantity].operands[1];
}

/** @param {Unit} unit @returns {Record<"r" | "z" | "n" | "h", NodeData>} */
function nodesGates({ convention }) {
  /** @param {"r" | "z" | "n" | "h"} quantity @returns {NodeData} */
  const one = (quantity) => ({
    letters: nodesRight(convention, quantity),
    numbers: convention.chains[quantity][quantity === "h" ? 0 : convention.chains[quantity].length - 1],
    words: convention.meaning[quantity],
  });
  const state = {
    ...one("h"),
    words: "the new state: what is kept of the old one and what is taken of the candidate",
  };
  return { r: one("r"), z: one("z"), n: one("n"), h: state };
}

/** @param {Unit} unit @param {"after" | "before"} reset @returns {Record<"reset" | "said" | "fresh", NodeData>} */
function nodesCandidate({ convention, layer }, reset) {
  const { Wx, bx, Wh, bh } = convention.addends.n;
  const [r, h] = [unitLetter(convention, "r"), unitLetter(convention, "h_prev")];
  const said = nodesOperation("+", Wh, bh);
  const after = reset === "after";
  return {
    reset: {
      letters: nodesOperation("*", r, after ? said : h),
      numbers: nodesOperation(
        "*",
        "r",
        after ? nodesOperation("value", nodesOperation("+", "Wh", "bh")) : "h_prev",
      ),
      words: after
        ? "how much the candidate sees of what the old states say"
        : "how much the candidates see of the old value",
    },
    said: {
      letters: said,
      numbers: nodesOperation("+", "Wh", "bh"),
      words: after ? "what the old states say" : "what the old states say, each as its reset gate lets it",
    },
    fresh: {
      letters: nodesOperation("+", Wx, bx),
      numbers: nodesOperation("+", "Wx", "bx"),
      words: layer ? "what the layer below says" : "what the character says",
    },
  };
}

/** @param {Unit} unit @returns {Record<"keep" | "take", NodeData>} */
function nodesProducts({ convention }) {
  const [z, h, n] = [
    unitLetter(convention, "z"),
    unitLetter(convention, "h_prev"),
    unitLetter(convention, "n"),
  ];
  /** @param {boolean} whole @param {Tree} tree @returns {Tree} */
  const share = (whole, tree) => (whole ? tree : nodesOperation("1 -", tree));
  const takes = convention.takes;
  return {
    keep: {
      letters: nodesOperation("*", share(!takes, z), h),
      numbers: nodesOperation("*", share(!takes, "z"), "h_prev"),
      words: "what is kept of the old value",
    },
    take: {
      letters: nodesOperation("*", share(takes, z), n),
      numbers: nodesOperation("*", share(takes, "z"), "n"),
      words: "what is taken of the candidate",
    },
  };
}
