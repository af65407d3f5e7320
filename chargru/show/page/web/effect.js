/** What holding gates changed: two runs over the same text, compared. */

import { Slices } from "./slices.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {{id: number, before: number, after: number}} ChangedCharacter */

/**
 * The largest change of h of any index of a layer at each step.
 * @param {Run} plain @param {Run} held @param {number} layer 0-based
 */
export function largestChanges(plain, held, layer) {
  const found = new Float64Array(plain.T);
  for (let t = 1; t <= plain.T; t++) {
    const before = plain.row("h", layer, t);
    const after = held.row("h", layer, t);
    for (let i = 0; i < before.length; i++) {
      found[t - 1] = Math.max(found[t - 1], Math.abs(after[i] - before[i]));
    }
  }
  return found;
}

/**
 * The step after which most of the probability of the next character moved, half the sum of all changes; step 0 if
 * none moved. It works in slices; the signal cancels it.
 * @param {Run} plain @param {Run} held @param {AbortSignal} signal
 * @returns {Promise<{step: number, moved: number}>}
 */
export async function mostMoved(plain, held, signal) {
  const changes = largestChanges(plain, held, plain.layers.length - 1);
  const slices = new Slices(signal);
  let [step, moved] = [0, 0];
  for (let t = 1; t <= plain.T; t++) {
    if (changes[t - 1] === 0) continue;
    const here = probabilityMoved(plain.nextProbabilities(t), held.nextProbabilities(t));
    if (here > moved) [step, moved] = [t, here];
    if (slices.over) await slices.next();
  }
  return { step, moved };
}

/** Half the sum of all changes. @param {Float64Array} before @param {Float64Array} after */
export function probabilityMoved(before, after) {
  let sum = 0;
  for (let id = 0; id < before.length; id++) sum += Math.abs(after[id] - before[id]);
  return sum / 2;
}

/**
 * The characters likeliest before or after, the likeliest first, ties by id.
 * @param {Float64Array} before @param {Float64Array} after @param {number} count
 * @returns {ChangedCharacter[]}
 */
export function likeliestOfBoth(before, after, count) {
  const all = Array.from(before, (value, id) => ({ id, before: value, after: after[id] }));
  const size = (/** @type {ChangedCharacter} */ one) => Math.max(one.before, one.after);
  return all.sort((a, b) => size(b) - size(a) || a.id - b.id).slice(0, count);
}

/** The character whose probability changed most. @param {Float64Array} before @param {Float64Array} after */
export function mostChanged(before, after) {
  let found = 0;
  for (let id = 1; id < before.length; id++) {
    if (Math.abs(after[id] - before[id]) > Math.abs(after[found] - before[found])) found = id;
  }
  return found;
}

/** The bits of all characters that are predicted. @param {Run} run */
export function totalBits(run) {
  return run.bits.reduce((sum, bits) => (Number.isNaN(bits) ? sum : sum + bits), 0);
}
