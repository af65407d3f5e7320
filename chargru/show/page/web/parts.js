/** Every part of the page and its place. */

import { mountBar, mountProblem, mountSummary } from "./bar.js";
import { mountCalculation } from "./calculation.js";
import { mountCell } from "./cell.js";
import { mountRun } from "./curves.js";
import { mountHeatmap } from "./heatmap.js";
import { mountKeys } from "./keys.js";
import { mountLetters } from "./letters.js";
import { mountSentence } from "./sentence.js";
import { mountStrip } from "./strip.js";
import { mountTour } from "./tour.js";
import { mountValues } from "./values.js";
import { mountWhatif } from "./whatif.js";
import { mountWrite } from "./write.js";

/** @typedef {import("./types.js").App} App */

/** The parts by the id of their place, in the order in which they are drawn. */
export const PARTS = /** @type {[string, (root: HTMLElement, app: App) => void][]} */ ([
  ["summary", mountSummary],
  ["problem", mountProblem],
  ["bar", mountBar],
  ["text", mountStrip],
  ["cell", mountCell],
  ["sentence", mountSentence],
  ["calculation", mountCalculation],
  ["map", mountHeatmap],
  ["whatif", mountWhatif],
  ["write", mountWrite],
  ["letters", mountLetters],
  ["run", mountRun],
  ["values", mountValues],
  ["keys", mountKeys],
  ["tour", mountTour],
]);
