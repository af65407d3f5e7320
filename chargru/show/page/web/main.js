/** Puts the page together: reads what it carries, runs the network, and gives every part its place. */

import { mountBar, mountProblem, mountSummary } from "./bar.js";
import { mountRun } from "./curves.js";
import { byId } from "./dom.js";
import { Experiment } from "./experiment.js";
import { mountKeys } from "./keys.js";
import { Network } from "./network.js";
import { firstView, Store, viewFromHash, viewToHash } from "./state.js";
import { mountTour } from "./tour.js";
import { mountValues } from "./values.js";
import { mountWhatif } from "./whatif.js";
import { mountWrite } from "./write.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").View} View */

/** The parts of the page by the id of their place, in the order in which they are drawn. */
const PARTS = /** @type {[string, (root: HTMLElement, app: App) => void][]} */ ([
  ["summary", mountSummary],
  ["problem", mountProblem],
  ["bar", mountBar],
  ["whatif", mountWhatif],
  ["write", mountWrite],
  ["run", mountRun],
  ["values", mountValues],
  ["keys", mountKeys],
  ["tour", mountTour],
]);

/** Milliseconds between two changes of the address: a browser refuses more than 100 in 30 seconds. */
const MAIN_ADDRESS_EVERY = 400;

/** @returns {App} */
function mainApp() {
  /** @type {import("./types.js").Payload} */
  const payload = JSON.parse(byId("payload").textContent ?? "");
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

/** Follow the address, and keep it at what is looked at. @param {App} app */
function mainFollowAddress(app) {
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
  globalThis.addEventListener("hashchange", () => store.set(viewFromHash(location.hash, plain, names)));
}

/** Compute anew when the text or the gates held change. @param {App} app */
function mainFollowExperiment(app) {
  const { store, experiment } = app;
  store.on((keys) => {
    if (keys.has("text") || keys.has("hold")) void experiment.load(store.view.text, store.view.hold);
    if (keys.has("run")) store.set({});
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
    app.store.view = { ...app.store.view, text: null, hold: [] };
    app.store.problem = problem;
  }
  app.store.view = app.store.clamped({ ...asked, text: app.store.view.text, hold: app.store.view.hold });
  mainFollowExperiment(app);
  for (const [id, mount] of PARTS) mount(byId(id), app);
  mainFollowAddress(app);
  document.documentElement.dataset.ready = "true";
}

void mainStart();
