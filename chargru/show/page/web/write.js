/** Another text: typed into the page, or written on by the network itself. */

import { el, fill } from "./dom.js";
import { grouped, quotedCharacter } from "./letter.js";
import { fixed } from "./numbers.js";
import { unknownCharacters, writeOn } from "./writing.js";

/** @typedef {import("./types.js").App} App */

/** So many characters a typed text may have, and steps times units of all layers; or as many as the page's own text. */
const WRITE_MOST = 4000;
const WRITE_MOST_CELLS = 2_000_000;
/** Milliseconds without a key after which what is typed is read. */
const WRITE_PAUSE = 500;
/** So many unknown characters are named. */
const WRITE_NAMED = 5;
/** Writing on takes about so many frames, or as many as there are characters. */
const WRITE_FRAMES = 150;

/** @param {HTMLElement} root @param {App} app */
export function mountWrite(root, app) {
  const { experiment, store } = app;
  const area = el("textarea", {
    id: "write-text",
    rows: 4,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "aria-describedby": "write-said",
  });
  const said = el("p", { id: "write-said", class: "soft", role: "status" });
  const writer = new Writer(app, area, (sentence) => {
    said.textContent = sentence;
  });
  const read = el("button", { type: "button", on: { click: () => writer.read() } }, "Read");
  const back = el(
    "button",
    { type: "button", on: { click: () => writer.back() } },
    "Back to the page's text",
  );
  fill(
    root,
    el("label", { for: "write-text" }, "Type a text and watch it run"),
    area,
    el("div", { class: "write-buttons" }, read, back, el("span", { class: "soft" }, "or Ctrl+Enter")),
    said,
    app.network.head
      ? writeControls(writer)
      : el("p", { class: "soft" }, "This network has no head, so it cannot write."),
  );
  const draw = () => {
    back.hidden = experiment.own;
    writer.show();
  };
  area.addEventListener("input", () => writer.typed());
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) writer.read();
  });
  store.on((keys) => keys.has("run") && draw());
  draw();
}

/** @param {App} app */
function writeState({ experiment }) {
  const whose = experiment.own ? "the page's own text" : "your text";
  return `The page shows ${whose}, ${grouped(experiment.T)} character${experiment.T === 1 ? "" : "s"}.`;
}

/** What is in the box: read when it is finished, written on when it is asked for. */
class Writer {
  /** @param {App} app @param {HTMLTextAreaElement} area @param {(sentence: string) => void} say */
  constructor(app, area, say) {
    this.app = app;
    this.area = area;
    this.say = say;
    /** Whether the box holds what was not read. */
    this.unread = false;
    this.timer = 0;
    /** The writing that goes on. @type {AbortController | null} */
    this.work = null;
    /** Whether the page went on to another text or to a stop of the tour meanwhile; what was written is dropped then. */
    this.left = false;
    app.store.on((keys) => {
      if (!this.work || !(keys.has("text") || keys.has("tour"))) return;
      this.left = true;
      this.stop();
    });
    const quick = Math.floor(WRITE_MOST_CELLS / (app.network.H * app.network.L));
    this.most = Math.max(Math.min(WRITE_MOST, quick), Array.from(app.payload.text).length);
  }

  typed() {
    this.unread = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), WRITE_PAUSE);
  }

  /** Read what is in the box, or say why not; then the page shows what it showed, and the box keeps what it holds. */
  read() {
    clearTimeout(this.timer);
    if (this.work) return false;
    const refusal = this.refusal();
    if (refusal) {
      this.say(refusal);
      return false;
    }
    this.unread = false;
    const text = this.area.value;
    const own = text === Array.from(this.app.payload.text).join("");
    this.app.store.set({ text: own ? null : text });
    if (text === this.app.experiment.characters.join("")) this.say(writeState(this.app));
    return true;
  }

  /** Why what is in the box cannot be read, in a sentence; empty if it can. */
  refusal() {
    const characters = Array.from(this.area.value);
    if (characters.length === 0) return "Type at least one character.";
    if (characters.length > this.most) {
      return `This text has ${grouped(characters.length)} characters, and the page reads at most ${
        grouped(this.most)
      }: shorten it by ${grouped(characters.length - this.most)}.`;
    }
    const unknown = unknownCharacters(this.app.network, characters);
    if (unknown.size === 0) return "";
    const named = [...unknown].slice(0, WRITE_NAMED).map(([one, places]) =>
      `${quotedCharacter(one)} (character ${grouped(places[0])}${
        places.length > 1 ? ` and ${places.length - 1} more time${places.length > 2 ? "s" : ""}` : ""
      })`
    );
    const more = unknown.size > WRITE_NAMED ? `, and ${unknown.size - WRITE_NAMED} others` : "";
    return `The network was not trained on ${named.join(", ")}${more}: change that, and the text is read.`;
  }

  back() {
    this.stop();
    clearTimeout(this.timer);
    this.unread = false;
    const own = this.app.experiment.own;
    this.app.store.set({ text: null });
    if (own) this.area.value = this.app.experiment.characters.join("");
  }

  stop() {
    this.work?.abort();
  }

  /** Let the network go on from the end of what is in the box. @param {{count: number, temperature: number, seed: number}} options */
  async write(options) {
    const { app, area } = this;
    if (this.unread) {
      if (!this.read() || !(await app.experiment.load(app.store.view.text, app.store.view.hold))) return;
    }
    const run = app.experiment.run;
    const count = run ? Math.min(options.count, this.most - run.T) : 0;
    if (!run || count < 1) {
      this.say(`The text is as long as the page reads, ${grouped(this.most)} characters: shorten it first.`);
      return;
    }
    this.work = new AbortController();
    area.readOnly = true;
    this.left = false;
    const text = await this.drawn(run, { ...options, count, signal: this.work.signal });
    this.work = null;
    area.readOnly = false;
    if (this.left) this.show();
    else app.store.set({ text });
  }

  /** Put the text that the page shows into the box, unless it holds one that was not read or is being written. */
  show() {
    if (this.unread || this.work) return;
    this.area.value = this.app.experiment.characters.join("");
    this.say(writeState(this.app));
  }

  /**
   * The text and what the network adds to it, shown as it comes: a character a frame, more if there are many.
   * @param {import("./run.js").Run} run
   * @param {{count: number, temperature: number, seed: number, signal: AbortSignal}} options
   */
  async drawn(run, options) {
    const each = Math.ceil(options.count / WRITE_FRAMES);
    let made = 0;
    let text = this.app.experiment.characters.join("");
    const written = async (/** @type {string} */ character) => {
      text += character;
      made++;
      if (made % each) return;
      await new Promise(requestAnimationFrame);
      this.area.value = text;
      this.area.scrollTop = this.area.scrollHeight;
      this.say(`Writing: ${grouped(made)} of ${grouped(options.count)} characters.`);
    };
    await writeOn(run, { ...options, written }).catch((reason) => {
      if (!options.signal.aborted) throw reason;
    });
    return text;
  }
}

/** @param {Writer} writer */
function writeControls(writer) {
  const count = el("input", {
    type: "number",
    id: "write-count",
    min: 1,
    max: writer.most,
    value: 100,
    autocomplete: "off",
  });
  const seed = el("input", { type: "number", id: "write-seed", min: 0, value: 1, autocomplete: "off" });
  const temperature = el("input", {
    type: "range",
    id: "write-temperature",
    min: 0,
    max: 1.5,
    step: 0.05,
    value: 0.8,
    autocomplete: "off",
  });
  const shown = el("output", { for: "write-temperature", class: "number" }, "0.80");
  temperature.addEventListener("input", () => {
    shown.textContent = fixed(Number(temperature.value), 2);
  });
  const start = el("button", { type: "button", id: "write-start" }, "Let it write on");
  const stop = el("button", {
    type: "button",
    id: "write-stop",
    hidden: true,
    on: { click: () => writer.stop() },
  }, "Stop");
  const going = (/** @type {boolean} */ goes) => {
    start.hidden = goes;
    stop.hidden = !goes;
    (goes ? stop : start).focus();
  };
  start.addEventListener("click", async () => {
    going(true);
    await writer.write({
      count: writeWhole(count, 1, 100),
      temperature: Number(temperature.value),
      seed: writeWhole(seed, 0, 1),
    });
    going(false);
  });
  return el(
    "div",
    { class: "write-on" },
    el("span", {}, el("label", { for: "write-count" }, "characters"), count),
    el("span", {}, el("label", { for: "write-seed" }, "seed"), seed),
    el(
      "span",
      { class: "write-temperature" },
      el("label", { for: "write-temperature" }, "temperature"),
      temperature,
      shown,
    ),
    start,
    stop,
  );
}

/** The whole number in a field; what is none becomes `otherwise`, and is shown so. */
function writeWhole(
  /** @type {HTMLInputElement} */ input,
  /** @type {number} */ least,
  /** @type {number} */ otherwise,
) {
  const value = Number(input.value);
  const found = input.value !== "" && Number.isSafeInteger(value) && value >= least ? value : otherwise;
  input.value = String(found);
  return found;
}
