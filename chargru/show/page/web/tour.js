/** The guided tour: stops, each a view of the page with a few sentences. */

import { byId, el, fill } from "./dom.js";
import { viewFromHash } from "./state.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").View} View */

/** @param {HTMLElement} root @param {App} app */
export function mountTour(root, app) {
  const { store, payload } = app;
  const stops = payload.tour;
  if (stops.length === 0) return;
  const count = el("p", { class: "soft" });
  const title = el("h2", { id: "tour-title" });
  const words = el("div", { "aria-live": "polite" }, title);
  const button = (/** @type {string} */ text, /** @type {() => void} */ click) =>
    el("button", { type: "button", on: { click } }, text);
  const back = button("Back", () => tourGo(app, -1));
  const next = button("Next", () => tourGo(app, 1));
  const close = button("Close", () => tourClose(app));
  root.setAttribute("aria-labelledby", "tour-title");
  root.removeAttribute("aria-label");
  fill(root, count, words, el("div", { class: "tour-buttons" }, back, next, close));
  const draw = () => {
    const { tour } = store.view;
    root.hidden = tour === 0;
    document.body.classList.toggle("touring", tour > 0);
    if (tour === 0) return tourPoint("");
    const stop = stops[tour - 1];
    count.textContent = `${tour} of ${stops.length}`;
    title.textContent = stop.title;
    fill(words, title, ...stop.sentences.map((sentence) => el("p", {}, sentence)));
    back.disabled = tour === 1;
    next.textContent = tour === stops.length ? "Done" : "Next";
    tourPoint(stop.see ?? "", begun);
  };
  let begun = location.hash.length > 1; // a link to a stop brings what it speaks of into sight
  let computes = false;
  store.on((keys) => {
    if (keys.has("tour")) {
      tourShow(app);
      draw();
      const { hold, text } = store.view;
      computes = JSON.stringify(hold) !== JSON.stringify(app.experiment.holds) ||
        app.experiment.own !== (text === null);
    } else if (keys.has("run") && computes) { // what a stop holds makes other parts longer
      computes = false;
      draw();
    }
  });
  tourBegin(app);
  draw();
  begun = true;
}

/** One stop on or back; after the last it is over. @param {App} app @param {1 | -1} by */
export function tourGo(app, by) {
  const { tour } = app.store.view;
  if (tour === app.payload.tour.length && by > 0) tourClose(app);
  else app.store.set({ tour: Math.max(tour + by, 1) });
}

/** The view before the tour, where it was of a typed text. @type {Partial<View>} */
let tourBefore = {};

/** Leave the tour; the view stays, or that of a typed text comes back. @param {App} app */
export function tourClose(app) {
  app.store.set({ ...tourBefore, tour: 0 });
  tourBefore = {};
}

/** Begin where the address names nothing, or a stop alone. @param {App} app */
function tourBegin(app) {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (location.hash.length < 2) app.store.set({ tour: 1 });
  else if ([...asked.keys()].join() === "tour") tourShow(app);
}

/** Set the whole view of the stop that is shown. @param {App} app */
function tourShow(app) {
  const { store, payload } = app;
  const { tour } = store.view;
  if (tour === 0) return;
  const names = payload.conventions.map((one) => one.name);
  if (store.view.text !== null) tourBefore = { ...store.view };
  store.set({ ...viewFromHash(payload.tour[tour - 1].view, store.plain, names), tour });
}

/** Outline a section, and bring it into sight if that is wanted; an empty id outlines none. @param {string} id @param {boolean} [scrolls] */
function tourPoint(id, scrolls = false) {
  for (const old of document.querySelectorAll(".seen")) old.classList.remove("seen");
  if (!id) return;
  const section = byId(id).closest("section") ?? byId(id);
  section.classList.add("seen");
  if (!scrolls) return; // a page opens at its beginning
  const still = globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const scroll = () => {
    if (!tourSees(section)) section.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  };
  requestAnimationFrame(() => requestAnimationFrame(scroll)); // when the parts have drawn themselves
}

/** Whether a section that is larger than the window begins in its upper half; then nothing need move. @param {Element} section */
function tourSees(section) {
  const { top, height } = section.getBoundingClientRect();
  const covered = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop);
  return height > innerHeight - covered && top >= covered && top < innerHeight / 2;
}
