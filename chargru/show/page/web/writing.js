/** The network writes on: what it draws, character by character, after a text it has read. */

import { nextCharacter, randomFrom } from "./draw.js";
import { Slices } from "./slices.js";

/** @typedef {import("./run.js").Run} Run */

export const LINE_END = /\r\n|\r|\n/;

/**
 * The characters that the network draws after a run, as it draws them; the gates that the run holds stay held.
 * @param {Run} run
 * @param {object} options
 * @param {number} options.count how many
 * @param {number} options.temperature 0 is always the likeliest
 * @param {number} options.seed
 * @param {AbortSignal} options.signal stops it: what is thrown is its reason
 * @param {(character: string) => Promise<void> | void} options.written told each character, and waited for
 */
export async function writeOn(run, { count, temperature, seed, signal, written }) {
  const { network, forces, T } = run;
  const random = randomFrom(seed);
  const slices = new Slices(signal);
  let states = network.zeroState().map((_, layer) => run.row("h", layer, T));
  for (let t = T + 1; t <= T + count; t++) {
    const logs = network.logProbabilities(states[states.length - 1]);
    const id = nextCharacter(logs, { temperature, random, unknown: network.unknown });
    await written(network.vocabulary[id] ?? "");
    signal.throwIfAborted();
    states = network.step(id, states, forces, t).map((rows) => rows.h);
    if (slices.over) await slices.next();
  }
}

/**
 * The characters of a text that a network does not know, each with its places (from 1), in the order of the text.
 * @param {import("./network.js").Network} network @param {string[]} characters
 * @returns {Map<string, number[]>}
 */
export function unknownCharacters(network, characters) {
  /** @type {Map<string, number[]>} */
  const found = new Map();
  if (network.unknown >= 0) return found;
  characters.forEach((character, place) => {
    if (network.ids.has(character)) return;
    const places = found.get(character);
    if (places) places.push(place + 1);
    else found.set(character, [place + 1]);
  });
  return found;
}

/** The characters that a network knows, the first hundred. @param {import("./network.js").Network} network */
export function knownCharacters({ shown, vocabulary }) {
  const known = shown.filter((_, id) => vocabulary[id] !== null);
  const most = 100;
  return known.slice(0, most).join(" ") + (known.length > most ? ` and ${known.length - most} others.` : "");
}

/** A text with all its line ends alike. @param {string} text @param {string} end */
export function withLineEnds(text, end) {
  return text.split(LINE_END).join(end);
}
