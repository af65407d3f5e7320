/** The selected unit at the selected step: its numbers as the chosen convention counts them, and its letters. */

import { visibleCharacter } from "./character.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").Convention} Convention */
/** @typedef {import("./types.js").SymbolData} SymbolData */
/** @typedef {import("./network.js").Addends} Addends */
/** @typedef {"r" | "z" | "n" | "h" | "h_prev"} Value */

/**
 * One index of one layer (both from 0) at step t. `values` are the unit's, `addends` those of its gates, both as the
 * convention counts them (gamma_u is 1 - z); `keep` and `take` are the shares of the old value and of the candidate.
 * @typedef {object} Unit
 * @property {import("./run.js").Run} run
 * @property {Convention} convention
 * @property {number} t
 * @property {number} layer
 * @property {number} index
 * @property {Record<Value, number>} values
 * @property {Record<"r" | "z" | "n", Addends>} addends
 * @property {number} keep
 * @property {number} take
 */

/** @param {App} app @returns {Unit | null} null before the first run */
export function selectedUnit(app) {
  const { run } = app.experiment;
  if (!run) return null;
  const { step, index, layer: number } = app.store.view;
  const [t, layer, convention] = [Math.min(step, run.T), number - 1, app.convention()];
  const value = (/** @type {Value} */ name) => run.value(name, layer, t, index);
  const values = { r: value("r"), z: value("z"), n: value("n"), h: value("h"), h_prev: value("h_prev") };
  const addends = app.network.terms(run, layer, t, index);
  if (convention.takes) {
    values.z = 1 - values.z;
    addends.z = unitNegated(addends.z);
  }
  const take = convention.takes ? values.z : 1 - values.z;
  return { run, convention, t, layer, index, values, addends, keep: 1 - take, take };
}

/** @param {Addends} addends @returns {Addends} */
function unitNegated({ Wx, bx, Wh, bh }) {
  return { Wx: -Wx, bx: -bx, Wh: -Wh, bh: -bh };
}

/**
 * A value's letter at its step; the old state's is that of the state, one step before.
 * @param {Convention} convention
 * @param {Value | "x"} name
 * @returns {SymbolData}
 */
export function unitLetter(convention, name) {
  return name === "h_prev" ? { ...convention.letters.h, time: -1 } : { ...convention.letters[name], time: 0 };
}

/** The character that step t reads, as it is shown alone, e.g. 's'. @param {App} app @param {number} t */
export function characterAlone({ experiment, network }, t) {
  const id = experiment.ids[t - 1];
  return `'${id === network.unknown ? visibleCharacter(experiment.characters[t - 1]) : network.shown[id]}'`;
}
