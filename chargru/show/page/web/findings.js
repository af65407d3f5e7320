/** What holding gates changed: first in sentences, then h step by step and the next characters side by side. */

import { changeLine } from "./changeline.js";
import { el, fill } from "./dom.js";
import { likeliestOfBoth, mostChanged, mostMoved, totalBits } from "./effect.js";
import { holdCommand, holdInWords } from "./holds.js";
import { letterOf, quotedId } from "./letter.js";
import { fixed } from "./numbers.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./run.js").Run} Run */

const FINDINGS_CHARACTERS = 5;
const FINDINGS_COPIED = 4000;
const FINDINGS_NONE = "Nothing is held now. Drag a gate, and this shows what it changes.";

/** @param {HTMLElement} root @param {App} app */
export function mountFindings(root, app) {
  const { experiment, store } = app;
  /** The step after which the next character changes most; 0 if none does, null while it is looked for. @type {number | null} */
  let most = null;
  let work = new AbortController();
  const parts = el("div", {});
  const code = el("code", { id: "whatif-command", tabindex: 0 });
  const command = findingsCommand(code);
  fill(root, parts, command);
  const draw = () => {
    const { plain, held } = experiment;
    command.hidden = !held;
    if (!plain || !held) {
      fill(parts, el("p", { class: "soft" }, FINDINGS_NONE));
      return;
    }
    fill(parts, ...findingsParts(app, plain, held, most));
    code.textContent = holdCommand(app);
  };
  const look = async () => {
    work.abort();
    work = new AbortController();
    const { plain, held, network } = experiment;
    if (most !== null && most > experiment.T) most = null;
    if (!plain || !held || !network.head) return;
    const found = await mostMoved(plain, held, work.signal).catch(() => null);
    if (found === null || most === found.step) return;
    most = found.step;
    draw();
  };
  store.on((keys) => {
    if (["run", "step", "index", "layer", "letters"].some((key) => keys.has(key))) draw();
    if (keys.has("run")) void look();
  });
  draw();
  void look();
}

/** @param {App} app @param {Run} plain @param {Run} held @param {number | null} most */
function findingsParts(app, plain, held, most) {
  const { step } = app.store.view;
  const steps = app.network.head ? [...new Set([...(most ? [most] : []), step])] : [];
  return [
    el("p", { id: "whatif-most" }, ...findingsMost(app, plain, held, most)),
    el("p", { id: "whatif-h" }, findingsH(app, plain, held)),
    changeLine(app, plain, held),
    el("div", { class: "whatif-next" }, ...steps.map((t) => findingsNext(app, plain, held, t))),
    app.network.head && el("p", { id: "whatif-bits" }, findingsBits(plain, held)),
  ];
}

/** @param {App} app @param {Run} plain @param {Run} held @param {number | null} most */
function findingsMost(app, plain, held, most) {
  const what = `Held ${app.experiment.holds.map((one) => holdInWords(app, one)).join(", and ")}: `;
  if (!app.network.head) return [`${what}this network has no head, so only h can be compared.`];
  if (most === null) return [`${what}looking for where the next character changes most …`];
  if (most === 0) return [`${what}no next character becomes more or less likely anywhere.`];
  const before = plain.nextProbabilities(most);
  const after = held.nextProbabilities(most);
  const id = mostChanged(before, after);
  return [
    `${what}the next character changes most after step ${most}: `,
    el("bdi", {}, quotedId(app.network, id)),
    ` ${fixed(before[id], 2)} → ${fixed(after[id], 2)}.`,
  ];
}

/** @param {App} app @param {Run} plain @param {Run} held */
function findingsH(app, plain, held) {
  const { step, index, layer } = app.store.view;
  const before = plain.value("h", layer - 1, step, index);
  const after = held.value("h", layer - 1, step, index);
  const where = app.network.L > 1 ? ` of layer ${layer}` : "";
  const name = `${letterOf(app.convention(), "h")}[${index}]${where}`;
  if (before === after) return `${name} at step ${step} stays ${fixed(before, 4)}.`;
  return `${name} at step ${step}: ${fixed(before, 4)} → ${fixed(after, 4)}.`;
}

/** @param {Run} plain @param {Run} held */
function findingsBits(plain, held) {
  const [before, after] = [plain, held].map((run) => Number(fixed(totalBits(run), 1)));
  const change = after - before; // of what is shown, so that it can be checked
  const more = change === 0 ? "as many" : `${fixed(Math.abs(change), 1)} ${change > 0 ? "more" : "fewer"}`;
  return `To predict the whole text took ${fixed(before, 1)} bits and takes ${fixed(after, 1)} now, ${more}.`;
}

/** The likeliest next characters after a step, before and after. @param {App} app @param {Run} plain @param {Run} held @param {number} t */
function findingsNext(app, plain, held, t) {
  const shown = likeliestOfBoth(plain.nextProbabilities(t), held.nextProbabilities(t), FINDINGS_CHARACTERS);
  const selected = t === app.store.view.step ? ", selected" : "";
  const rows = shown.map(({ id, before, after }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, quotedId(app.network, id)),
      findingsBar(before, "old"),
      findingsBar(after, "new"),
    )
  );
  return el(
    "table",
    { "data-step": t },
    el("caption", {}, `Next after step ${t}, ${quotedId(app.network, plain.ids[t - 1])}${selected}`),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, el("span", { class: "hidden-text" }, "character")),
        el("th", { scope: "col" }, "computed"),
        el("th", { scope: "col" }, "held"),
      ),
    ),
    el("tbody", {}, ...rows),
  );
}

/** @param {number} probability @param {"old" | "new"} which */
function findingsBar(probability, which) {
  const bar = el("span", { class: `whatif-bar ${which}` });
  bar.style.width = `${(100 * probability).toFixed(1)}%`;
  return el(
    "td",
    {},
    el("span", { class: "whatif-track" }, bar),
    el("span", { class: "number" }, fixed(probability, 2)),
  );
}

/** The command, and a button that copies it; both stay as they are, so that they keep the focus. @param {HTMLElement} code */
function findingsCommand(code) {
  const copy = el("button", { type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      copy.textContent = "Copied";
    } catch {
      globalThis.getSelection()?.selectAllChildren(code);
      copy.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => {
      copy.textContent = "Copy";
    }, FINDINGS_COPIED);
  });
  return el(
    "div",
    { class: "whatif-command" },
    el("p", { class: "soft" }, "The same on the command line, in PyTorch's letters:"),
    el("div", { class: "whatif-copy" }, code, copy),
  );
}
