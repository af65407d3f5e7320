/** Gates held by hand: made, replaced, said in words, and the command that holds the same. */

import { parseForce, writeForce } from "./forces.js";
import { countedBy, letterOf } from "./letter.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./forces.js").Force} Force */
/** @typedef {"step" | "on" | "all"} Reach this step only, from here on, every step */

/**
 * A force at what is selected.
 * @param {App} app
 * @param {"z" | "r"} gate
 * @param {number} value as PyTorch counts it
 * @param {Reach} reach
 * @param {boolean} everyIndex
 * @returns {Force}
 */
export function holdHere(app, gate, value, reach, everyIndex) {
  const { step, index, layer } = app.store.view;
  return {
    gate,
    value,
    layer: app.network.L > 1 ? layer - 1 : null,
    indices: everyIndex ? null : [index],
    first: reach === "all" ? 1 : step,
    last: reach === "step" ? step : null,
  };
}

/**
 * The forces with one more; one that holds the same gates at the same steps gives way to it.
 * @param {App} app @param {string[]} holds @param {Force} force
 */
export function withHold(app, holds, force) {
  const what = writeForce({ ...force, value: 0 });
  const others = holds.filter((one) => {
    const read = readHold(app, one);
    return !read || writeForce({ ...read, value: 0 }) !== what;
  });
  return [...others, writeForce(force)];
}

/** A force as it is written; null if it cannot be read. @param {App} app @param {string} written */
export function readHold(app, written) {
  try {
    return parseForce(written, app.network);
  } catch {
    return null;
  }
}

/**
 * A force in words, in the letters that are looked at: z[38] at 0.9 from step 34 on.
 * @param {App} app @param {string} written
 */
export function holdInWords(app, written) {
  const force = readHold(app, written);
  if (!force) return written;
  const convention = app.convention();
  const layer = force.layer === null
    ? (app.network.L > 1 ? " of every layer" : "")
    : ` of layer ${force.layer + 1}`;
  const indices = force.indices === null
    ? " of all indices"
    : (/\[(.*)\]/.exec(writeForce(force))?.[0] ?? "");
  const late = force.first > app.experiment.T ? ", after the end of this text" : "";
  const value = Number(countedBy(convention, force.gate, force.value).toFixed(6));
  return `${letterOf(convention, force.gate)}${indices}${layer} at ${value} ${holdSteps(force)}${late}`;
}

/** @param {Force} force */
function holdSteps({ first, last }) {
  if (last === null) return first === 1 ? "at every step" : `from step ${first} on`;
  return first === last ? `at step ${first}` : `at steps ${first} to ${last}`;
}

/** The command that holds the same. @param {App} app */
export function holdCommand(app) {
  const { payload, store, experiment, network } = app;
  const words = ["chargru", "trace"];
  if (payload.run.checkpoint) words.push("-c", shellQuoted(payload.run.name));
  words.push("--step", String(store.view.step));
  for (const written of experiment.holds) {
    const force = parseForce(written, network);
    if (force.first > experiment.T) continue; // chargru refuses steps that the text does not have
    const last = force.last !== null && force.last > experiment.T ? null : force.last;
    words.push("--force", shellQuoted(writeForce({ ...force, last })));
  }
  return [...words, ...holdText(app)].join(" ");
}

/** The option that names the text that is shown; none for the text of the run. @param {App} app */
function holdText({ payload, experiment }) {
  if (!experiment.own || payload.where === "--text") {
    return ["--text", shellQuoted(experiment.characters.join(""))];
  }
  return ["the run's text", "the text"].includes(payload.where) ? [] : ["--file", shellQuoted(payload.where)];
}

/** A word as a shell takes it whole. @param {string} word */
export function shellQuoted(word) {
  if (/^[\w./:=@%+,][\w./:=@%+,-]*$/.test(word)) return word;
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x09\x0b-\x1f\x7f]/.test(word)) return `$'${holdEscaped(word)}'`;
  return /[$`\\"!\n]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : `"${word}"`;
}

/** @param {string} word */
function holdEscaped(word) {
  return word.replace(/[\\']/g, (sign) => `\\${sign}`).replace(
    // deno-lint-ignore no-control-regex
    /[\x00-\x1f\x7f]/g,
    (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
