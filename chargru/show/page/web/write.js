/** Another text: typed into the page, or written on by the network itself. */

import { el, fill } from "./dom.js";
import { grouped, quotedCharacter } from "./letter.js";
import { fixed } from "./numbers.js";
import { knownCharacters, LINE_END, unknownCharacters, withLineEnds, writeOn } from "./writing.js";

/** @typedef {import("./types.js").App} App */

/** Milliseconds without a key after which what is typed is read. */
const WRITE_PAUSE = 500;
/** So many unknown characters are named. */
const WRITE_NAMED = 5;
/** So many of the likeliest next characters are named. */
const WRITE_LIKELIEST = 3;
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
  const writer = new Writer(app, area, (sentence, refused = false) => {
    said.textContent = sentence;
    said.className = refused ? "problem" : "soft";
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
    el("div", { class: "write-buttons" }, read, el("span", { class: "soft" }, "or Ctrl+Enter"), back),
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

/** Whose text is read, and what the network expects after a typed one. @param {App} app */
function writeState({ experiment, network }) {
  const { run, own, T } = experiment;
  const whose = own ? "the page's own text" : "your text";
  const shown = `The page shows ${whose}, ${grouped(T)} character${T === 1 ? "" : "s"}.`;
  if (own || !run || !network.head) return shown;
  const p = run.nextProbabilities(T);
  const best = [...p.keys()].filter((id) => id !== network.unknown).sort((a, b) => p[b] - p[a]).slice(
    0,
    WRITE_LIKELIEST,
  );
  const likeliest = best.map((id) => `'${network.shown[id]}' ${fixed(p[id], 2)}`);
  return `${shown} After its last character: ${likeliest.join(", ")}.`;
}

/** What is in the box: read when it is finished, written on when it is asked for. */
class Writer {
  /** @param {App} app @param {HTMLTextAreaElement} area @param {(sentence: string, refused?: boolean) => void} say */
  constructor(app, area, say) {
    this.app = app;
    this.area = area;
    this.say = say;
    /** Whether the box holds what was not read. */
    this.unread = false;
    this.timer = 0;
    /** The writing that goes on. @type {AbortController | null} */
    this.work = null;
    this.most = app.experiment.most;
    /** Whether the page went on to another text or to a stop of the tour meanwhile; what was written is dropped then. */
    this.left = false;
    app.store.on((keys) => {
      if (!this.work || !(keys.has("text") || keys.has("tour"))) return;
      this.left = true;
      this.stop();
    });
  }

  typed() {
    this.unread = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), WRITE_PAUSE);
  }

  /** What is in the box. A box holds every line end as a newline; they become again what they are in the page's text. */
  get text() {
    const { experiment, payload } = this.app;
    const value = this.area.value;
    const known = [experiment.characters.join(""), Array.from(payload.text).join("")];
    return known.find((text) => withLineEnds(text, "\n") === value) ??
      withLineEnds(value, LINE_END.exec(payload.text)?.[0] ?? "\n");
  }

  /** Read what is in the box, or say why not; then the page shows what it showed, and the box keeps what it holds. */
  read() {
    clearTimeout(this.timer);
    if (this.work) return false;
    const refusal = this.refusal();
    if (refusal) {
      this.say(refusal, true);
      return false;
    }
    this.unread = false;
    const { text } = this;
    const own = text === Array.from(this.app.payload.text).join("");
    const hold = this.app.store.view.hold.filter((one) => !one.includes("@")); // steps of another text
    const step = Array.from(text).length;
    const same = text === this.app.experiment.characters.join("");
    if (!same) this.app.store.set(own ? { text: null, hold } : { text, hold, step });
    if (text === this.app.experiment.characters.join("")) this.say(writeState(this.app));
    return true;
  }

  /** Why what is in the box cannot be read, in a sentence; empty if it can. */
  refusal() {
    const characters = Array.from(this.text);
    if (characters.length === 0) return "Type at least one character.";
    const tooLong = this.app.experiment.tooLong(characters.length);
    if (tooLong) return tooLong;
    const unknown = unknownCharacters(this.app.network, characters);
    if (unknown.size === 0) return "";
    const named = [...unknown].slice(0, WRITE_NAMED).map(([one, places]) =>
      `${quotedCharacter(one)} (character ${grouped(places[0])}${
        places.length > 1 ? ` and ${places.length - 1} more time${places.length > 2 ? "s" : ""}` : ""
      })`
    );
    const more = unknown.size > WRITE_NAMED ? `, and ${unknown.size - WRITE_NAMED} others` : "";
    return `The network was not trained on ${
      named.join(", ")
    }${more}: change that, and the text is read. It knows ${knownCharacters(this.app.network)}`;
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
    this.say(`Writing ${grouped(options.count)} character${options.count === 1 ? "" : "s"}.`);
    let made = 0;
    let text = this.app.experiment.characters.join("");
    const written = async (/** @type {string} */ character) => {
      text += character;
      made++;
      if (made % each) return;
      await new Promise(requestAnimationFrame);
      this.area.value = text;
      this.area.scrollTop = this.area.scrollHeight;
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
