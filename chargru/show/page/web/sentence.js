/** What happens at the selected step and index, in a few plain sentences made from its numbers. */

import { el, fill } from "./dom.js";
import { shares } from "./ledger.js";
import { symbolNode } from "./notation.js";
import { fixed } from "./numbers.js";
import { keepHeight } from "./steady.js";
import { characterAlone, selectedUnit, unitLetter } from "./unit.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").SymbolData} SymbolData */
/** @typedef {import("./unit.js").Unit} Unit */
/** @typedef {import("./unit.js").Value} Value */
/** @typedef {(string | Node)[]} Sentence */

const SENTENCE_KEPT = 0.9;
const SENTENCE_REPLACED = 0.1;
const SENTENCE_DECIDES = 0.1;
const SENTENCE_NOTHING = 0.05;
const SENTENCE_LIKELIEST = 3;

/** @param {HTMLElement} root @param {App} app */
export function mountSentence(root, app) {
  keepHeight(root);
  const draw = () => {
    const unit = selectedUnit(app);
    if (!unit) return;
    const found = [
      sentenceState(unit),
      [...sentenceCandidate(app, unit), ...sentenceFirst(app, unit)],
      sentenceWritten(app, unit),
      sentenceNext(app, unit),
    ];
    fill(root, ...found.filter((one) => one.length).map((one) => el("p", {}, ...one)));
  };
  app.store.on((keys) => {
    if (["step", "index", "layer", "letters", "run"].some((key) => keys.has(key))) draw();
  });
  draw();
}

/** A part of one in percent; what only rounds to none or all says so. @param {number} part */
function sentenceShare(part) {
  const percent = Number(fixed(100 * part, 0));
  if (percent === 0 && part > 0) return "under 1%";
  if (percent === 100 && part < 1) return "over 99%";
  return `${percent}%`;
}

/** A letter and its number, e.g. z_34[9] = 0.98. @param {Unit} unit @param {Value} name @returns {Node} */
function sentenceNamed({ convention, t, index, values }, name) {
  const symbol = symbolNode(unitLetter(convention, name), { t, index });
  return el(
    "span",
    { class: "named" },
    symbol,
    " = ",
    el("span", { class: "number" }, fixed(values[name], 2)),
  );
}

/** @param {Unit} unit @returns {Sentence} */
function sentenceState(unit) {
  const { run, layer, t, index } = unit;
  const z = run.value("z", layer, t, index);
  const word = z > SENTENCE_KEPT ? "Kept" : z < SENTENCE_REPLACED ? "Replaced" : "Mixed";
  const old = [`${sentenceShare(z)} of the old `, sentenceNamed(unit, "h_prev")];
  const candidate = [`${sentenceShare(1 - z)} of the candidate `, sentenceNamed(unit, "n")];
  const [first, second] = word === "Replaced" ? [candidate, old] : [old, candidate];
  const start = [el("strong", {}, word), ": ", sentenceNamed(unit, "z"), ", so "];
  const { h_prev, n } = unit.values;
  const close = Math.abs(h_prev - n) < SENTENCE_DECIDES;
  const plain = {
    Kept: " Almost all that it held stays.",
    Replaced: " Almost all that it held is gone.",
    Mixed: "",
  };
  const agree = ` Both are nearly the same here, so whatever ${
    unit.convention.takes ? "this gate" : "z"
  } is, h stays near them.`;
  const end = close ? agree : plain[word];
  return [...start, ...first, " and ", ...second, " make ", sentenceNamed(unit, "h"), ".", end];
}

/** What r does. @param {App} app @param {Unit} unit @returns {Sentence} */
function sentenceCandidate({ network }, unit) {
  const { addends, values, layer, t, convention } = unit;
  const { Wx, bx, Wh, bh } = addends.n;
  const [r, input] = [sentenceNamed(unit, "r"), layer ? "the layer below" : "the character"];
  const n = sentenceNamed(unit, "n");
  if (network.reset === "before") {
    const old = symbolNode(unitLetter(convention, "h_prev"), { t, index: unit.index });
    const start = [r, ": every candidate of this step sees ", `${sentenceShare(values.r)} of `, old, ". "];
    return [
      ...start,
      `The old states, each let through so, add ${fixed(Wh + bh, 2)} to this candidate, ${input} adds `,
      `${fixed(Wx + bx, 2)}; the tanh of the sum is `,
      n,
      ".",
    ];
  }
  if (values.r < SENTENCE_NOTHING) {
    return [
      r,
      `: the candidate sees next to nothing of the old state. It is made of ${input} alone: `,
      n,
      ".",
    ];
  }
  const seen = `: the candidate sees ${sentenceShare(values.r)} of what the old states say (${
    fixed(Wh + bh, 2)
  }), `;
  return [
    r,
    seen,
    `so they add ${fixed(values.r * (Wh + bh), 2)} and ${input} adds ${fixed(Wx + bx, 2)}; `,
    "the tanh of the sum is ",
    n,
    ".",
  ];
}

/** What is special about step 1. @param {App} app @param {Unit} unit @returns {Sentence} */
function sentenceFirst({ network }, { t, convention, addends }) {
  if (t > 1) return [];
  const [old, r] = [
    symbolNode(unitLetter(convention, "h_prev"), { t }),
    symbolNode(unitLetter(convention, "r"), { t }),
  ];
  if (network.reset === "before" || addends.n.bh === 0) {
    return [" ", old, " is 0 everywhere, so ", r, " changes nothing yet."];
  }
  const bias = /** @type {SymbolData} */ (convention.addends.n.bh);
  return [" ", old, " is 0 everywhere: what the old states say is ", symbolNode(bias, { t }), " alone."];
}

/** Where most of the value was written. @param {App} app @param {Unit} unit @returns {Sentence} */
function sentenceWritten(app, { run, layer, index, t, convention }) {
  const found = shares(run, layer, index, t);
  const most = found.reduce((best, share, k) => (share >= found[best] ? k : best), 0);
  const h = symbolNode(unitLetter(convention, "h"), { t, index });
  const start = [`${sentenceShare(found[most])} of `, h];
  if (most === 0) return [...start, " is still the 0 from before the first character."];
  const lag = t - most;
  if (lag === 0) return [...start, " was written just now."];
  const character = el("bdi", {}, characterAlone(app, most));
  return [
    ...start,
    ` was written at step ${most}, at `,
    character,
    `, ${lag} step${lag === 1 ? "" : "s"} ago.`,
  ];
}

/** How surprising the next character is, and the likeliest. @param {App} app @param {Unit} unit @returns {Sentence} */
function sentenceNext(app, { run, t }) {
  if (!app.network.head) return [];
  const p = run.nextProbabilities(t);
  const known = [...p.keys()].filter((id) => app.network.vocabulary[id] !== null);
  const best = known.sort((a, b) => p[b] - p[a]).slice(0, SENTENCE_LIKELIEST);
  const list = best.flatMap((id, place) => [
    place ? ", " : "",
    el("bdi", {}, `'${app.network.shown[id]}'`),
    ` ${fixed(p[id], 2)}`,
  ]);
  if (t === run.T) return ["Likeliest next: ", ...list, ". The text ends here."];
  return [
    "Likeliest next: ",
    ...list,
    ". What comes is ",
    el("bdi", {}, characterAlone(app, t + 1)),
    `, with p = ${fixed(p[run.ids[t]], 2)}: ${fixed(run.bits[t], 2)} bits of surprise.`,
  ];
}
