/** The worked calculation of the selected unit, line by line as `chargru trace --all` prints it, and how exact it is. */

import { largestDifference } from "./check.js";
import { el, fill } from "./dom.js";
import { heldAt } from "./forces.js";
import { symbolNode, symbolText, treeNodes, writeTree } from "./notation.js";
import { fixed } from "./numbers.js";
import { keepHeight } from "./steady.js";
import { characterAlone, selectedUnit, unitLetter } from "./unit.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").Quantity} Quantity */
/** @typedef {import("./types.js").SymbolData} SymbolData */
/** @typedef {import("./types.js").Tree} Tree */
/** @typedef {import("./unit.js").Unit} Unit */

const CALCULATION_GATES = /** @type {const} */ (["r", "z", "n"]);
const CALCULATION_KINDS = /** @type {const} */ (["Wx", "bx", "Wh", "bh"]);
const CALCULATION_WIDTH = 80;

/** @param {HTMLElement} root @param {App} app */
export function mountCalculation(root, app) {
  const digits = el("input", { type: "number", id: "digits", min: 2, max: 12, value: 4 });
  const note = el("p", { class: "soft" });
  const held = el("p", { class: "problem", id: "calculation-held" });
  const title = el("h3", {});
  const lines = el("div", { class: "worked" });
  const check = el("p", { class: "soft check", role: "note" });
  root.append(
    title,
    note,
    held,
    lines,
    el("p", {}, el("label", { for: "digits" }, "Digits "), digits),
    check,
  );
  /** The last comparison with the page's own text. @type {ReturnType<typeof largestDifference> | null} */
  let compared = null;
  const draw = () => {
    const unit = selectedUnit(app);
    if (!unit) return;
    title.textContent = `Index ${unit.index} worked out`;
    fill(note, ...calculationNote(app, unit));
    held.textContent = calculationHeld(app, unit);
    held.hidden = held.textContent === "";
    fill(lines, ...calculationNodes(app, unit, calculationDigits(digits.value)));
  };
  const judge = () => {
    const { own, plain } = app.experiment;
    if (own && plain) compared = largestDifference(plain, app.payload.given);
    check.textContent = calculationCheck(app, compared);
  };
  const release = keepHeight(lines);
  digits.addEventListener("input", () => {
    draw();
    release();
  });
  app.store.on((keys) => {
    if (["step", "index", "layer", "letters", "run"].some((key) => keys.has(key))) draw();
    if (keys.has("letters")) release();
    if (keys.has("run")) judge();
  });
  draw();
  judge();
}

/** @param {string} written */
function calculationDigits(written) {
  const asked = Math.round(Number(written));
  return asked >= 2 && asked <= 12 ? asked : 4;
}

/** What x_t is. @param {App} app @param {Unit} unit */
function calculationNote(app, { convention, t, layer, run }) {
  const x = symbolText(unitLetter(convention, "x"), { t });
  if (layer) return [`${x} is ${symbolText(unitLetter(convention, "h"), { t })} of layer ${layer}.`];
  const id = run.ids[t - 1];
  return [
    `${x} is one-hot: 1 at id ${id}, which is `,
    el("bdi", {}, characterAlone(app, t)),
    `, 0 elsewhere. So a product with it picks column ${id}.`,
  ];
}

/** Which gates of the unit are held, and why their sums look so; empty for none. @param {App} app @param {Unit} unit */
function calculationHeld({ experiment }, { convention, run, t, layer, index, values }) {
  const said = /** @type {const} */ (["r", "z"]).flatMap((gate) => {
    if (heldAt(run, gate, layer, t, index) === null) return [];
    const letter = symbolText(unitLetter(convention, gate), { t, index });
    const before = experiment.plain?.value(gate, layer, t, index) ?? NaN;
    const plain = convention.takes && gate === "z" ? 1 - before : before;
    const was = experiment.held ? ` (computed: ${fixed(plain, 4)})` : "";
    return [
      `${letter} is held at ${
        fixed(values[gate], 4)
      }${was}: a held gate reads nothing, so its weights count ` +
      "as 0 and its bias alone makes the value.",
    ];
  });
  return said.join(" ");
}

/** The lines of r, z, n and h. @param {App} app @param {Unit} unit @param {number} digits @returns {Node[]} */
function calculationNodes(app, unit, digits) {
  return [
    ...CALCULATION_GATES.flatMap((gate) => [
      calculationFormula(unit, gate),
      el("div", { class: "addends" }, ...calculationAddends(app, unit, gate, digits)),
      el("div", { class: "chains" }, ...calculationChain(unit, gate, digits)),
    ]),
    calculationFormula(unit, "h"),
    el("div", { class: "chains" }, ...calculationChain(unit, "h", digits)),
  ];
}

/** @param {string} kind @param {...(string | Node)} children */
function calculationLine(kind, ...children) {
  return el("div", { class: `line ${kind}` }, ...children, "\n");
}

/** @param {Unit} unit @param {Quantity} quantity */
function calculationFormula({ convention, t }, quantity) {
  return calculationLine("formula", "  ", ...treeNodes(convention.formulas[quantity], { t }));
}

/**
 * Each addend's name, number and source in columns; the spaces between them keep the text as it is printed.
 * @param {App} app
 * @param {Unit} unit
 * @param {"r" | "z" | "n"} gate
 * @param {number} digits
 */
function calculationAddends(app, unit, gate, digits) {
  const { convention, t, addends } = unit;
  const cells = CALCULATION_KINDS.map((kind) => {
    const tree = convention.addends[gate][kind];
    const source = kind[0] === "W" ? calculationSource(app, unit, tree, kind) : [];
    return { tree, name: writeTree(tree, { t }), value: fixed(addends[gate][kind], digits), source };
  });
  const wide = Math.max(...cells.map(({ name }) => name.length));
  const long = Math.max(...cells.map(({ value }) => value.length));
  return cells.flatMap(({ tree, name, value, source }) => {
    const length = source.reduce((sum, part) => sum + (part.textContent?.length ?? 0), 0);
    const before = `${" ".repeat(wide - name.length + 2)}${" ".repeat(long - value.length)}`;
    const row = [
      "    ",
      el("span", {}, ...treeNodes(tree, { t })),
      before,
      el("span", { class: "number" }, value),
    ];
    const from = el("span", { class: "soft" }, ...source);
    if (!length) return [calculationLine("addend", ...row)];
    if (4 + wide + 2 + long + length + 2 <= CALCULATION_WIDTH) {
      return [calculationLine("addend", ...row, "  ", from)];
    }
    return [calculationLine("addend", ...row), calculationLine("source", "      ", from)];
  });
}

/**
 * Where a product comes from.
 * @param {App} app
 * @param {Unit} unit
 * @param {Tree} tree the product in letters
 * @param {"Wx" | "bx" | "Wh" | "bh"} kind
 * @returns {Node[]}
 */
function calculationSource(app, { convention, t, layer, index, run }, tree, kind) {
  if (typeof tree === "string" || !("operator" in tree)) return [];
  const [matrix, vector] = /** @type {[SymbolData, Tree]} */ (tree.operands);
  const text = (/** @type {string} */ written) => document.createTextNode(written);
  const set = (/** @type {SymbolData} */ symbol) => symbolNode(symbol, { t });
  if (kind === "Wx" && layer === 0) {
    const x = set(unitLetter(convention, "x"));
    return [text("the one-hot "), x, text(" picks "), set(matrix), text(`[${index}, ${run.ids[t - 1]}]`)];
  }
  const factors = typeof vector === "object" && "operator" in vector ? vector.operands : [vector];
  const found = [set(matrix), text(`[${index}, j]`)];
  for (const factor of factors) found.push(text(" * "), set(/** @type {SymbolData} */ (factor)), text("[j]"));
  const { H } = app.network;
  return [...found, text(` summed over ${H} unit${H === 1 ? "" : "s"} j`)];
}

/** The number in letters, then every expression that it is equal to. @param {Unit} unit @param {Quantity} quantity @param {number} digits */
function calculationChain(unit, quantity, digits) {
  const { convention, t, index, values } = unit;
  const numbers = { ...values, ...(quantity === "h" ? {} : unit.addends[quantity]) };
  const left = unitLetter(convention, quantity);
  const indent = 4 + symbolText(left, { t, index }).length;
  const chain = convention.chains[quantity];
  return chain.map((tree, i) => {
    const written = writeTree(tree, { t, numbers, digits });
    const start = i
      ? el("span", {}, " ".repeat(indent))
      : el("span", {}, "    ", symbolNode(left, { t, index }));
    const value = i === chain.length - 1 ? el("strong", {}, fixed(values[quantity], digits)) : null;
    return calculationLine("chain", start, el("span", {}, " = ", written, value && " = ", value));
  });
}

/** How far the page's numbers are from chargru's. @param {App} app @param {{difference: number, values: number} | null} compared */
function calculationCheck({ experiment, payload }, compared) {
  if (!compared) return "This page's numbers are compared with chargru's own where it shows its own text.";
  const { difference, values } = compared;
  const steps = payload.given.steps.length;
  const most = difference
    ? `differ from chargru's own by at most ${difference.toExponential(1)}`
    : "equal chargru's own";
  const count = `${values.toLocaleString("en")} values at ${steps} step${steps === 1 ? "" : "s"} compared`;
  const rounded = payload.network.precision === "float16"
    ? " The page holds the weights with half the digits (float16), so the difference is larger."
    : "";
  const other = experiment.own && !experiment.held
    ? ""
    : " The comparison is of the page's own text, with no gate held.";
  return `This page's numbers ${most} (${count}).${rounded}${other}`;
}
