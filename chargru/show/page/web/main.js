/** Puts the page together: reads what it carries, runs the network, and gives every part its place. */

import { byId } from "./dom.js";
import { Experiment } from "./experiment.js";
import { Network } from "./network.js";
import { PARTS } from "./parts.js";
import { firstView, Store, viewFromHash, viewToHash } from "./state.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").View} View */

/** Milliseconds between two changes of the address: a browser refuses more than 100 in 30 seconds. */
const MAIN_ADDRESS_EVERY = 400;

/** A symbol of a formula with the entries that the payload leaves out. @param {string} _ @param {any} value */
function mainWhole(_, value) {
  const isSymbol = value !== null && typeof value === "object" && "letter" in value;
  return isSymbol ? { subscript: "", tilde: false, time: null, angled: false, ...value } : value;
}

/** @returns {App} */
function mainApp() {
  /** @type {import("./types.js").Payload} */
  const payload = JSON.parse(byId("payload").textContent ?? "", mainWhole);
  const network = Network.read(payload.network, byId("weights").textContent ?? "");
  const names = payload.conventions.map((one) => one.name);
  const plain = viewFromHash(payload.view, firstView(), names);
  /** @type {{T: number}} */
  let text = { T: Infinity };
  const clamped = (/** @type {View} */ view) => ({
    ...view,
    step: Math.min(Math.max(view.step, 1), text.T),
    index: Math.min(Math.max(view.index, 0), network.H - 1),
    layer: Math.min(Math.max(view.layer, 1), network.L),
    tour: Math.min(Math.max(view.tour, 0), payload.tour.length),
  });
  const store = new Store(plain, clamped);
  const experiment = new Experiment(payload, network, store);
  text = experiment;
  const convention = () =>
    payload.conventions.find((one) => one.name === store.view.letters) ?? payload.conventions[0];
  return { payload, network, experiment, store, convention };
}

/** Follow the address, and keep it at what is looked at; a notebook's frame has none. @param {App} app */
function mainFollowAddress(app) {
  if (location.protocol === "about:") return;
  const { store, payload } = app;
  const names = payload.conventions.map((one) => one.name);
  const plain = store.plain;
  let written = -Infinity;
  let waits = false;
  const write = () => {
    [written, waits] = [performance.now(), false];
    history.replaceState(null, "", `#${viewToHash(store.view, plain)}`);
  };
  store.on((keys) => {
    if (waits || [...keys].every((key) => !(key in store.view))) return;
    const left = written + MAIN_ADDRESS_EVERY - performance.now();
    waits = left > 0;
    if (waits) setTimeout(write, left);
    else write();
  });
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault(); // the address is the view's
    byId("main").focus();
  });
  globalThis.addEventListener("hashchange", () => {
    const hash = location.hash.slice(1);
    if (hash && document.getElementById(hash)) return; // a link to a part of the page, which is no view
    const asked = viewFromHash(hash, plain, names);
    store.set(asked);
    if ([...new URLSearchParams(hash).keys()].join() !== "tour") store.set(asked); // the rest of it comes before the view of a stop
  });
}

/** Compute anew when the text or the gates held change. @param {App} app */
function mainFollowExperiment(app) {
  const { store, experiment } = app;
  store.on((keys) => {
    const { text, hold } = store.view;
    if (keys.has("text") || keys.has("hold")) void experiment.load(text, hold);
  });
}

async function mainStart() {
  const app = mainApp();
  const names = app.payload.conventions.map((one) => one.name);
  Object.assign(globalThis, { chargru: app });
  const asked = viewFromHash(location.hash, app.store.plain, names);
  app.store.view = app.store.clamped(asked);
  if (!(await app.experiment.load(asked.text, asked.hold))) {
    const problem = app.store.problem;
    await app.experiment.load(null, []);
    app.store.problem = problem;
  }
  app.store.view = app.store.clamped({ ...asked, text: app.store.view.text, hold: app.store.view.hold });
  mainFollowExperiment(app);
  for (const [id, mount] of PARTS) mount(byId(id), app);
  mainFollowAddress(app);
  document.documentElement.dataset.ready = "true";
}

void mainStart();
