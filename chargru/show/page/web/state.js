/** What is looked at: the view, its listeners, and its way into the page's address and back. */

/** @typedef {import("./types.js").View} View */

const STATE_CHOICES = {
  gate: ["z", "r", "n", "h"],
  colour: ["gate", "mean", "surprise", "share", "gradient"],
  order: ["index", "age", "similarity"],
};

/** @returns {View} */
export function firstView() {
  return {
    step: 1,
    index: 0,
    layer: 1,
    gate: "z",
    colour: "gate",
    order: "index",
    letters: "torch",
    hold: [],
    text: null,
    tour: 0,
  };
}

/**
 * A view as it stands in an address: what differs from `plain` is left out, but for step and index.
 * @param {View} view
 * @param {View} plain
 */
export function viewToHash(view, plain) {
  const found = new URLSearchParams();
  for (const [key, value] of Object.entries(view)) {
    const same = JSON.stringify(value) === JSON.stringify(plain[/** @type {keyof View} */ (key)]);
    if (same && key !== "step" && key !== "index") continue;
    const all = Array.isArray(value) ? (value.length ? value : [""]) : [value]; // hold= lets go what `plain` holds
    for (const one of all) {
      if (one !== null) found.append(key, String(one));
    }
  }
  return found.toString();
}

/**
 * The view that an address asks for, put onto `plain`; what cannot be is left as it is there.
 * @param {string} hash with or without #
 * @param {View} plain
 * @param {string[]} letters the names of the conventions
 * @returns {View}
 */
export function viewFromHash(hash, plain, letters) {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {any} */
  const view = { ...plain };
  for (const key of ["step", "index", "layer", "tour"]) {
    const value = asked.get(key);
    if (value !== null && /^\d{1,9}$/.test(value)) view[key] = Number(value);
  }
  for (const [key, known] of Object.entries({ ...STATE_CHOICES, letters })) {
    const value = asked.get(key);
    if (value !== null && known.includes(value)) view[key] = value;
  }
  if (asked.has("hold")) view.hold = asked.getAll("hold").filter((one) => one !== "");
  if (asked.get("text")) view.text = asked.get("text");
  return view;
}

/** The view and who wants to know when it changes. */
export class Store {
  /**
   * @param {View} view the first one
   * @param {(view: View) => View} clamped puts step, index and layer within what there is
   */
  constructor(view, clamped) {
    this.view = clamped(view);
    this.plain = { ...this.view };
    /** What went wrong last, as a sentence; empty if nothing did. */
    this.problem = "";
    /** The step to be looked at as soon as the text that was asked for with it is read. @type {number | null} */
    this.asked = null;
    this.clamped = clamped;
    /** @type {((keys: Set<string>) => void)[]} */
    this.listeners = [];
  }

  /** Be told which keys of the view changed; "run" stands for new numbers, "problem" for a new sentence. */
  on(/** @type {(keys: Set<string>) => void} */ listener) {
    this.listeners.push(listener);
  }

  /**
   * Change some of the view, and tell those who listen, once.
   * @param {Partial<View>} changes
   * @param {string[]} [also] what else is new
   */
  set(changes, also = []) {
    const before = this.view;
    this.view = this.clamped({ ...before, ...changes });
    const anew = before.text !== this.view.text;
    if (anew || this.asked !== null) this.asked = changes.step ?? (anew ? null : this.asked);
    const keys = /** @type {(keyof View)[]} */ (Object.keys(this.view));
    const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(this.view[key]));
    if (changed.length || also.length) this.tell([...changed, ...also]);
  }

  /** Say in a sentence what went wrong; an empty one takes it back. */
  say(/** @type {string} */ problem) {
    this.problem = problem;
    this.tell(["problem"]);
  }

  /** Tell those who listen that these changed. */
  tell(/** @type {string[]} */ keys) {
    const changed = new Set(keys);
    for (const listener of this.listeners) listener(changed);
  }
}
