/** The head of the page: the run in one line, what is looked at, and what went wrong. */

import { byId, el, fill } from "./dom.js";
import { grouped } from "./letter.js";

/** @typedef {import("./types.js").App} App */

/** The run in one line. @param {HTMLElement} root @param {App} app */
export function mountSummary(root, app) {
  const { payload, network, experiment, store } = app;
  const known = network.vocabulary.filter((one) => one !== null).length;
  const bits = payload.run.figures?.val_bpc;
  const facts = [
    `${network.L} GRU layer${network.L === 1 ? "" : "s"} of ${grouped(network.H)} unit${
      network.H === 1 ? "" : "s"
    }`,
    `${grouped(known)} character${known === 1 ? "" : "s"} known`,
    ...(typeof bits === "number" ? [`${bits.toFixed(2)} bits per character`] : []),
    ...(network.head ? [] : ["no head, so it predicts nothing"]),
  ];
  const draw = () => {
    const own = Array.from(payload.text).length;
    const text = !experiment.own
      ? `a text of ${grouped(experiment.T)} character${experiment.T === 1 ? "" : "s"} that was typed here`
      : own < payload.text_length
      ? `the first ${grouped(own)} of ${grouped(payload.text_length)} characters of its text`
      : own === 1
      ? "the one character of its text"
      : `all ${grouped(own)} characters of its text`;
    const does = network.head ? " It reads a text character by character and guesses the next one." : "";
    fill(root, el("strong", {}, payload.run.name), `: ${facts.join(", ")}.${does} Here it reads ${text}.`);
  };
  store.on((keys) => keys.has("run") && draw());
  draw();
}

/** What went wrong, where something did. @param {HTMLElement} root @param {App} app */
export function mountProblem(root, app) {
  const draw = () => {
    root.textContent = app.store.problem;
    root.hidden = app.store.problem === "";
  };
  app.store.on((keys) => keys.has("problem") && draw());
  draw();
}

/** The controls. @param {HTMLElement} root @param {App} app */
export function mountBar(root, app) {
  const { store, network, experiment, payload } = app;
  const tour = el("button", { type: "button", on: { click: () => store.set({ tour: 1 }) } }, "Tour");
  fill(
    root,
    barNumber(app, "Step", "step", 1, () => experiment.T),
    barNumber(app, "Index", "index", 0, () => network.H - 1),
    network.L > 1 && barLayer(app),
    el(
      "span",
      { class: "bar-buttons" },
      payload.tour.length > 0 && tour,
      el("button", { type: "button", on: { click: () => switchTheme(app) } }, "Light or dark"),
      el("button", { type: "button", on: { click: showKeys } }, "Keys (?)"),
    ),
  );
}

/** From light to dark or back; nothing remembers it. @param {App} app */
export function switchTheme(app) {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : globalThis.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  app.store.tell(["theme"]);
}

/** Open the list of the keys. */
export function showKeys() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("keys"));
  if (!dialog.open) dialog.showModal();
}

/**
 * A number of the view with a button on either side.
 * @param {App} app @param {string} label @param {"step" | "index"} key @param {number} least @param {() => number} most
 */
function barNumber(app, label, key, least, most) {
  const { store } = app;
  const input = el("input", { type: "number", id: `bar-${key}`, min: least, autocomplete: "off" });
  const range = el("span", { class: "soft" });
  const draw = () => {
    input.value = String(store.view[key]);
    input.max = String(most());
    range.textContent = least === 0 ? `0 to ${grouped(most())}` : `of ${grouped(most())}`;
  };
  input.addEventListener("change", () => {
    const asked = Number(input.value);
    if (input.value !== "" && Number.isInteger(asked)) store.set({ [key]: asked });
    draw();
  });
  const button = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ name) =>
    el("button", {
      type: "button",
      "aria-label": `${name} ${key}`,
      on: { click: () => store.set({ [key]: store.view[key] + by }) },
    }, sign);
  store.on((keys) => (keys.has(key) || keys.has("run")) && draw());
  draw();
  return el(
    "span",
    { class: "bar-number" },
    el("label", { for: input.id }, label),
    button(-1, "‹", "Previous"),
    input,
    button(1, "›", "Next"),
    range,
  );
}

/** Which layer, where there are several. @param {App} app */
function barLayer(app) {
  const { store, network } = app;
  const select = el("select", { id: "bar-layer", autocomplete: "off" });
  for (let layer = 1; layer <= network.L; layer++) {
    select.append(el("option", { value: layer }, `${layer} of ${network.L}`));
  }
  const draw = () => {
    select.value = String(store.view.layer);
  };
  select.addEventListener("change", () => store.set({ layer: Number(select.value) }));
  store.on((keys) => keys.has("layer") && draw());
  draw();
  return el("span", { class: "bar-number" }, el("label", { for: select.id }, "Layer"), select);
}
