/** Scales from numbers to colours, even in lightness, so that they read in grey and to colour-blind eyes. */

/**
 * @typedef {"gate" | "state" | "share" | "bits" | "gradient"} ScaleName
 * @typedef {[number, number, number]} Triple
 *
 * @typedef {object} Recipe
 * @property {number} low the number of the first stop; what is below has its colour
 * @property {number} high
 * @property {number} bend a number stands at its place between low and high to this power
 * @property {number[]} ticks
 * @property {string[]} light stops, evenly spaced
 * @property {string[]} dark
 */

/** @type {Record<ScaleName, Recipe>} */
const COLOUR_RECIPES = {
  gate: {
    low: 0,
    high: 1,
    bend: 1,
    ticks: [0, 0.25, 0.5, 0.75, 1],
    light: ["#12285c", "#4b5878", "#878677", "#c3b677", "#fbe98f"],
    dark: ["#1d3873", "#505e80", "#87877d", "#bdb178", "#f0dd86"],
  },
  state: {
    low: -1,
    high: 1,
    bend: 1,
    ticks: [-1, -0.5, 0, 0.5, 1],
    light: ["#22589c", "#4f83c2", "#86b0e0", "#f4f1ea", "#e9a566", "#cc7c38", "#a34f12"],
    dark: ["#9dcdfb", "#6fa6dd", "#4478ad", "#2b2e35", "#9c6433", "#cd8c50", "#f7bd88"],
  },
  share: {
    low: 0,
    high: 1,
    bend: 0.5,
    ticks: [0, 0.05, 0.25, 0.5, 1],
    light: ["#f5f4ef", "#b4d9c6", "#62ad95", "#22776b", "#0a3d3d"],
    dark: ["#24282e", "#2a5650", "#3b8a78", "#7cc3a4", "#e0f7d0"],
  },
  bits: {
    low: 0,
    high: 1,
    bend: 1,
    ticks: [],
    light: ["#f7f3ea", "#f2c896", "#dd8c4e", "#ab4a23", "#5e160d"],
    dark: ["#292728", "#693826", "#ab5930", "#e59858", "#ffedc4"],
  },
  gradient: {
    low: -6,
    high: 0,
    bend: 1,
    ticks: [-6, -4, -2, 0],
    light: ["#f5f3f7", "#cdbfe2", "#9d83c6", "#6a479c", "#33155c"],
    dark: ["#27262f", "#4c3f73", "#7a62b0", "#b29add", "#f0e6ff"],
  },
};

/** So many colours a scale has. */
export const LEVELS = 256;

/** A scale in one theme. */
export class Scale {
  /** @param {Recipe} recipe @param {string[]} stops */
  constructor(recipe, stops) {
    this.low = recipe.low;
    this.high = recipe.high;
    this.bend = recipe.bend;
    this.ticks = recipe.ticks;
    const labs = stops.map((stop) => colourToLab(colourFromHex(stop)));
    const colours = Array.from({ length: LEVELS }, (_, level) => colourBetween(labs, level / (LEVELS - 1)));
    /** The colours as CSS has them. */
    this.css = colours.map((colour) => `rgb(${colour.join(" ")})`);
    /** The colour of letters on each. */
    this.ink = colours.map(ink);
    /** The same as a canvas's bytes have them, alpha first in the number. */
    this.packed = Uint32Array.from(colours, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
  }

  /** Where a number stands, from 0 to 1; beyond the ends it stands at the end. @param {number} value */
  place(value) {
    const part = Math.min(Math.max((value - this.low) / (this.high - this.low), 0), 1);
    return this.bend === 1 ? part : part ** this.bend;
  }

  /** Which of the colours a number has; -1 if it is NaN. @param {number} value */
  level(value) {
    return Number.isNaN(value) ? -1 : Math.round(this.place(value) * (LEVELS - 1));
  }
}

/** @type {Map<string, Scale>} */
const colourScales = new Map();

/**
 * The scale of this name, in the theme of the page.
 * @param {ScaleName} name
 * @param {number} [high] the number of the last stop, where it is not the scale's own
 */
export function scaleNamed(name, high) {
  const dark = isDark();
  const key = `${name} ${high} ${dark}`;
  const recipe = COLOUR_RECIPES[name];
  const own = high === undefined ? recipe : { ...recipe, high, ticks: colourTicks(recipe.low, high) };
  const scale = colourScales.get(key) ?? new Scale(own, dark ? recipe.dark : recipe.light);
  colourScales.set(key, scale);
  return scale;
}

/** Black or white, whichever stands out more; the contrast is 4.58 at least. @param {Triple} colour of 0 to 255 */
export function ink(colour) {
  const [r, g, b] = colour.map(colourLinear);
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return luminance > Math.sqrt(1.05 * 0.05) - 0.05 ? "#000000" : "#ffffff";
}

/** Whether the page is dark: by its own choice, else by the system's. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Be told when the page turns dark or light. @param {() => void} listener */
export function onTheme(listener) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
  const watch = new MutationObserver(listener);
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
}

/** Round numbers from low to high, some five of them. @param {number} low @param {number} high */
function colourTicks(low, high) {
  const step = Math.max(Math.ceil((high - low) / 5), 1);
  const found = [];
  for (let tick = low; tick <= high; tick += step) found.push(tick);
  return found;
}

/** @param {Triple[]} labs @param {number} place from 0 to 1 @returns {Triple} */
function colourBetween(labs, place) {
  const at = place * (labs.length - 1);
  const before = Math.min(Math.floor(at), labs.length - 2);
  const part = at - before;
  const mixed = labs[before].map((value, axis) => value + part * (labs[before + 1][axis] - value));
  return colourFromLab(/** @type {Triple} */ (mixed));
}

/** @param {string} hex as #rrggbb @returns {Triple} */
function colourFromHex(hex) {
  const number = parseInt(hex.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** A channel of sRGB, 0 to 255, as light, 0 to 1. @param {number} channel */
function colourLinear(channel) {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

/** The way back, rounded and kept within 0 to 255. @param {number} light */
function colourChannel(light) {
  const c = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(Math.max(c, 0), 1));
}

/** sRGB in OKLab: lightness, green to red, blue to yellow. @param {Triple} colour @returns {Triple} */
function colourToLab(colour) {
  const [r, g, b] = colour.map(colourLinear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** @param {Triple} lab @returns {Triple} */
function colourFromLab([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const light = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return /** @type {Triple} */ (light.map(colourChannel));
}
