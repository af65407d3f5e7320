/** The text that is read, the gates that are held, and the numbers that come of it. */

import { parseForce } from "./forces.js";
import { grouped } from "./letter.js";
import { computeRun } from "./run.js";

/** @typedef {import("./run.js").Run} Run */

/** So many characters a text that is not the page's own may have, and steps times units of all layers. */
const EXPERIMENT_MOST = 4000;
const EXPERIMENT_MOST_CELLS = 2_000_000;

/** One text under one network, with and without gates held; it computes when it is told what changed. */
export class Experiment {
  /**
   * @param {import("./types.js").Payload} payload
   * @param {import("./network.js").Network} network
   * @param {import("./state.js").Store} store told "run" when the numbers are new, and what went wrong
   */
  constructor(payload, network, store) {
    this.payload = payload;
    this.network = network;
    this.store = store;
    /** The characters of the text, one code point each. */
    this.characters = Array.from(payload.text);
    this.ids = network.encode(this.characters);
    /** Whether the text is the page's own. */
    this.own = true;
    /** The text as it is. @type {Run | null} */
    this.plain = null;
    /** The same with gates held; null if none is. @type {Run | null} */
    this.held = null;
    /** @type {string[]} */
    this.holds = [];
    /** @type {AbortController | null} */
    this.work = null;
  }

  /** How many steps the text has. */
  get T() {
    return this.ids.length;
  }

  /** So many characters a text may have: the page's own, or as many as are computed quickly. */
  get most() {
    const quick = Math.floor(EXPERIMENT_MOST_CELLS / (this.network.H * this.network.L));
    return Math.max(Math.min(EXPERIMENT_MOST, quick), Array.from(this.payload.text).length);
  }

  /** Why a text of so many characters is not read, in a sentence; empty if it is. @param {number} length */
  tooLong(length) {
    if (length <= this.most) return "";
    return `This text has ${grouped(length)} characters, and the page reads at most ${grouped(this.most)}: ` +
      `shorten it by ${grouped(length - this.most)}.`;
  }

  /** What is shown: the run with gates held where some are, else the plain one. */
  get run() {
    return this.held ?? this.plain;
  }

  /**
   * Read another text (null: the page's own), with these gates held; true if it was done, false if it cannot be
   * done or was overtaken by the next call. What is wrong is said in one sentence, and text and gates stay as they were.
   * @param {string | null} text
   * @param {string[]} holds
   */
  async load(text, holds) {
    this.work?.abort();
    const work = new AbortController();
    this.work = work;
    try {
      const characters = Array.from(text ?? this.payload.text);
      const refusal = this.tooLong(characters.length);
      if (refusal) throw new Error(refusal);
      const ids = this.network.encode(characters);
      const forces = holds.map((written) => parseForce(written, this.network));
      document.documentElement.dataset.busy = "true";
      const sameText = this.plain !== null && characters.join("") === this.characters.join("");
      const options = { signal: work.signal };
      const plain = sameText && this.plain ? this.plain : await computeRun(this.network, ids, [], options);
      const from = Math.min(...forces.map((force) => force.first));
      const replay = { ...options, from, base: plain };
      const held = forces.length ? await computeRun(this.network, ids, forces, replay) : null;
      if (work.signal.aborted) return false;
      Object.assign(this, { characters, ids, plain, held, holds, own: text === null });
      this.store.problem = "";
      const { asked } = this.store; // with a text: a step that the one before may not have had
      this.store.asked = null;
      this.store.set(asked === null ? {} : { step: asked }, ["run", "problem"]);
      return true;
    } catch (error) {
      if (work.signal.aborted) return false;
      this.store.asked = null;
      const text = this.own ? null : this.characters.join("");
      this.store.view = { ...this.store.view, text, hold: this.holds }; // what cannot be read is not looked at
      this.store.say(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      if (this.work === work) delete document.documentElement.dataset.busy;
    }
  }
}
