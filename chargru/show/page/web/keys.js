/** The keyboard: one table of what each key does, for the handler and for the list that `?` opens. */

import { showKeys, switchTheme } from "./bar.js";
import { byId, el, fill } from "./dom.js";
import { indexBelow } from "./order.js";
import { tourClose, tourGo } from "./tour.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").View} View */
/** @typedef {{keys: string[], shown: string, does: string, run: (app: App, key: string) => void, when?: (app: App) => boolean}} Shortcut */

const KEYS_COLOURS = /** @type {const} */ (["gate", "mean", "surprise", "share", "gradient"]);
const KEYS_ORDERS = /** @type {const} */ (["index", "age", "similarity"]);

/** A shortcut that changes the view. */
function keysSet(
  /** @type {string[]} */ keys,
  /** @type {string} */ shown,
  /** @type {string} */ does,
  /** @type {(view: View, app: App, key: string) => Partial<View>} */ change,
) {
  return /** @type {Shortcut} */ ({
    keys,
    shown,
    does,
    run: (app, key) => app.store.set(change(app.store.view, app, key)),
  });
}

/** The next of several, the first after the last. @template T @param {readonly T[]} all @param {T} one @returns {T} */
function keysAfter(all, one) {
  return all[(all.indexOf(one) + 1) % all.length];
}

/** @param {App} app */
const keysTouring = (app) => app.store.view.tour > 0;

/** What applies only on a tour comes first: n is its next stop there, and the candidate elsewhere. */
const KEYS_TABLE = /** @type {Shortcut[]} */ ([
  {
    keys: ["n"],
    shown: "n",
    does: "on the tour: next stop",
    when: keysTouring,
    run: (app) => tourGo(app, 1),
  },
  {
    keys: ["p"],
    shown: "p",
    does: "on the tour: the stop before",
    when: keysTouring,
    run: (app) => tourGo(app, -1),
  },
  { keys: ["q", "Escape"], shown: "q, Escape", does: "leave the tour", when: keysTouring, run: tourClose },
  keysSet(["ArrowLeft"], "←", "step before", ({ step }) => ({ step: step - 1 })),
  keysSet(["ArrowRight"], "→", "next step", ({ step }) => ({ step: step + 1 })),
  keysSet(["ArrowUp"], "↑", "the row above in the map", (_, app) => ({ index: indexBelow(app, -1) })),
  keysSet(["ArrowDown"], "↓", "the row below in the map", (_, app) => ({ index: indexBelow(app, 1) })),
  keysSet(["Home"], "Home", "first step", () => ({ step: 1 })),
  keysSet(["End"], "End", "last step", (_, { experiment }) => ({ step: experiment.T })),
  keysSet(["PageUp"], "Page up", "10 steps back", ({ step }) => ({ step: step - 10 })),
  keysSet(["PageDown"], "Page down", "10 steps on", ({ step }) => ({ step: step + 10 })),
  keysSet(
    ["z", "r", "n", "h"],
    "z, r, n, h",
    "look at the update gate, the reset gate, the candidate, the state",
    (_view, _app, key) => ({ gate: /** @type {View["gate"]} */ (key) }),
  ),
  keysSet(
    ["1", "2", "3", "4", "5"],
    "1 to 5",
    "colour the text by the index, the mean, the surprise, the shares, the gradient",
    (_view, _app, key) => ({ colour: KEYS_COLOURS[Number(key) - 1] }),
  ),
  keysSet(["o"], "o", "next order of the indices", ({ order }) => ({ order: keysAfter(KEYS_ORDERS, order) })),
  keysSet(["c"], "c", "next author's letters", ({ letters }, { payload }) => ({
    letters: keysAfter(payload.conventions.map((one) => one.name), letters),
  })),
  keysSet(["l"], "l", "next layer", ({ layer }, { network }) => ({ layer: (layer % network.L) + 1 })),
  keysSet(["t"], "t", "begin the tour", (_, { payload }) => ({ tour: payload.tour.length ? 1 : 0 })),
  keysSet(["x"], "x", "let go of all gates held", () => ({ hold: [] })),
  { keys: ["m", "d"], shown: "m, d", does: "light or dark", run: switchTheme },
  { keys: ["?"], shown: "?", does: "this list", run: showKeys },
]);

/** @param {HTMLElement} root the dialog @param {App} app */
export function mountKeys(root, app) {
  const dialog = /** @type {HTMLDialogElement} */ (root);
  const listed = [...KEYS_TABLE.filter((one) => !one.when), ...KEYS_TABLE.filter((one) => one.when)];
  const rows = listed.map(({ shown, does }) =>
    el("div", {}, el("dt", {}, ...keysShown(shown)), el("dd", {}, does))
  );
  fill(
    dialog,
    el("h2", { id: "h-keys" }, "Keys"),
    el("dl", { tabindex: 0, "aria-label": "Keys and what they do" }, ...rows),
    el("button", { type: "button", autofocus: true, on: { click: () => dialog.close() } }, "Close"),
  );
  document.addEventListener("keydown", (event) => keysPressed(event, app));
}

/** @param {string} shown */
function keysShown(shown) {
  return shown.split(/(, | to )/).map((part, place) => (place % 2 ? part : el("kbd", {}, part)));
}

/** @param {KeyboardEvent} event @param {App} app */
function keysPressed(event, app) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
  if (/** @type {HTMLDialogElement} */ (byId("keys")).open) return; // Escape closes it by itself
  if (keysTyping(event.target) && event.key !== "Escape") return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = KEYS_TABLE.find((one) => one.keys.includes(key) && (!one.when || one.when(app)));
  if (!found) return;
  event.preventDefault();
  found.run(app, key);
}

/** Whether keys belong to what has the focus: a field, or a box that they scroll. @param {EventTarget | null} target */
function keysTyping(target) {
  const owners = "input, select, textarea, [role=slider], [contenteditable], [data-keys=own]";
  return target instanceof Element && target.closest(owners) !== null;
}
