/** What if: two sliders that hold a gate of the selected step and index, and a list of what is held. */

import { el, fill } from "./dom.js";
import { mountFindings } from "./findings.js";
import { holdHere, holdInWords, withHold } from "./holds.js";
import { countedBy, letterOf } from "./letter.js";
import { fixed } from "./numbers.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./holds.js").Reach} Reach */

const WHATIF_GATES = /** @type {const} */ (["z", "r"]);
const WHATIF_REACHES = /** @type {[Reach, string][]} */ ([
  ["step", "at this step only"],
  ["on", "from here on"],
  ["all", "at every step"],
]);

/** @param {HTMLElement} root @param {App} app */
export function mountWhatif(root, app) {
  const sender = new WhatifSender(app);
  const choices = { reach: /** @type {Reach} */ ("step"), everyIndex: false };
  /** The gates that the sliders hold where they stand, so that the choices below move them. @type {Map<"z" | "r", number>} */
  const held = new Map();
  const findings = el("div", { id: "whatif-findings" });
  const place = el("p", {});
  fill(
    root,
    place,
    ...WHATIF_GATES.map((gate) => whatifSlider(app, sender, choices, held, gate)),
    whatifChoices(app, sender, choices, held),
    whatifList(app, sender, held),
    findings,
  );
  const draw = () => {
    const { step, index, layer } = app.store.view;
    const where = app.network.L > 1 ? ` of layer ${layer}` : "";
    place.textContent =
      `Hold a gate of index ${index}${where} at step ${step}, and the page reads on from there.`;
  };
  app.store.on((keys) => {
    if (["step", "index", "layer"].some((key) => keys.has(key))) {
      held.clear();
      draw();
    }
  });
  draw();
  mountFindings(findings, app);
}

/** Hands the forces on, one at a time: while the page computes, only the newest waits. */
class WhatifSender {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.busy = false;
    /** @type {string[] | null} */
    this.waiting = null;
    app.store.on((keys) => {
      if (keys.has("run") || keys.has("problem")) this.next();
    });
  }

  /** What is held, or will be in a moment. */
  get holds() {
    return this.waiting ?? (this.busy ? this.app.store.view.hold : this.app.experiment.holds);
  }

  /** @param {string[]} holds */
  send(holds) {
    this.waiting = holds;
    if (!this.busy) this.next();
  }

  next() {
    const holds = this.waiting;
    this.waiting = null;
    this.busy = holds !== null && JSON.stringify(holds) !== JSON.stringify(this.app.store.view.hold);
    if (holds && this.busy) queueMicrotask(() => this.app.store.set({ hold: holds }));
  }
}

/**
 * @param {App} app @param {WhatifSender} sender @param {{reach: Reach, everyIndex: boolean}} choices
 * @param {Map<"z" | "r", number>} held @param {"z" | "r"} gate
 */
function whatifSlider(app, sender, choices, held, gate) {
  const { store, experiment } = app;
  const id = `whatif-${gate}`;
  const label = el("label", { for: id });
  const input = el("input", { type: "range", id, min: 0, max: 1, step: 0.01, autocomplete: "off" });
  const output = el("output", { for: id, class: "number" });
  const computed = el("span", { class: "soft" });
  let dragged = false;
  const draw = () => {
    const { step, index, layer } = store.view;
    const convention = app.convention();
    const letter = letterOf(convention, gate);
    const value = (/** @type {import("./run.js").Run | null} */ run) =>
      countedBy(convention, gate, run?.value(gate, layer - 1, step, index) ?? NaN);
    label.textContent = `${letter}, ${gate === "z" ? "update gate" : "reset gate"}`;
    if (!dragged) {
      input.value = String(value(experiment.run));
      output.textContent = fixed(value(experiment.run), 4);
      input.setAttribute("aria-valuetext", output.textContent);
    }
    const changed = experiment.held && value(experiment.held) !== value(experiment.plain);
    computed.textContent = changed ? `was ${fixed(value(experiment.plain), 4)}` : "as computed";
  };
  input.addEventListener("input", () => {
    dragged = true;
    output.textContent = fixed(Number(input.value), 4);
    input.setAttribute("aria-valuetext", output.textContent);
    const value = Number(countedBy(app.convention(), gate, Number(input.value)).toFixed(4));
    held.set(gate, value);
    const force = holdHere(app, gate, value, choices.reach, choices.everyIndex);
    sender.send(withHold(app, sender.holds, force));
  });
  input.addEventListener("change", () => {
    dragged = false;
    if (!sender.busy) draw();
  });
  store.on((keys) => {
    if (["step", "index", "layer", "letters", "run"].some((key) => keys.has(key))) draw();
  });
  draw();
  return el("div", { class: "whatif-row" }, label, input, output, computed);
}

/**
 * @param {App} app @param {WhatifSender} sender @param {{reach: Reach, everyIndex: boolean}} choices
 * @param {Map<"z" | "r", number>} held
 */
function whatifChoices(app, sender, choices, held) {
  const move = (/** @type {Partial<typeof choices>} */ changed) => {
    let holds = sender.holds;
    const before = { ...choices };
    Object.assign(choices, changed);
    for (const [gate, value] of held) {
      const old = holdHere(app, gate, value, before.reach, before.everyIndex);
      holds = withHold(app, holds, old).slice(0, -1);
      holds = withHold(app, holds, holdHere(app, gate, value, choices.reach, choices.everyIndex));
    }
    sender.send(holds);
  };
  const radio = (
    /** @type {string} */ name,
    /** @type {string} */ text,
    /** @type {boolean} */ checked,
    /** @type {Partial<typeof choices>} */ changed,
  ) =>
    el(
      "label",
      {},
      el("input", { type: "radio", name, checked, autocomplete: "off", on: { change: () => move(changed) } }),
      ` ${text}`,
    );
  return el(
    "div",
    { class: "whatif-choices" },
    el(
      "fieldset",
      {},
      el("legend", {}, "When"),
      ...WHATIF_REACHES.map(([reach, text]) =>
        radio("whatif-reach", text, reach === choices.reach, { reach })
      ),
    ),
    el(
      "fieldset",
      {},
      el("legend", {}, "Which"),
      radio("whatif-index", "this index", true, { everyIndex: false }),
      radio("whatif-index", "all indices", false, { everyIndex: true }),
    ),
  );
}

/** @param {App} app @param {WhatifSender} sender @param {Map<"z" | "r", number>} held what the sliders hold, which then do not */
function whatifList(app, sender, held) {
  const root = el("div", { id: "whatif-held", tabindex: -1 });
  const letGo = (/** @type {string[]} */ holds) => {
    root.focus(); // the button that has it goes
    held.clear();
    sender.send(holds);
  };
  const draw = () => {
    const hold = app.experiment.holds;
    const items = hold.map((written, place) =>
      el(
        "li",
        {},
        el("span", {}, holdInWords(app, written)),
        el("button", {
          type: "button",
          "aria-label": `Let go ${holdInWords(app, written)}`,
          on: { click: () => letGo(hold.filter((_, at) => at !== place)) },
        }, "let go"),
      )
    );
    fill(
      root,
      hold.length > 0 && el("ul", { "aria-label": "Gates held" }, ...items),
      hold.length > 1 && el("button", { type: "button", on: { click: () => letGo([]) } }, "let all go"),
    );
  };
  app.store.on((keys) => (keys.has("run") || keys.has("letters")) && draw());
  draw();
  return root;
}
