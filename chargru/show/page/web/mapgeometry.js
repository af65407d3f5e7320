/** Where things stand on the heat map, in CSS pixels of its canvas. */

/** The narrowest column; where not all of the text fits then, the map scrolls. */
const MAP_NARROWEST = 3;
const MAP_WIDEST = 28;
/** From this width on a column has its character above it. */
const MAP_LETTERS = 9;
const MAP_HEIGHT = 480;
const MAP_TALLEST_ROW = 22;
const MAP_TICKS = 16;
const MAP_HEADS = 17;

/** The places of H rows and T columns in a box of a width, scrolled so far. */
export class MapGeometry {
  /**
   * @param {number} H
   * @param {number} T
   * @param {number} width of the box
   * @param {boolean} wide whether columns are to be wide enough for their characters
   * @param {number} ratio device pixels to a CSS pixel
   */
  constructor(H, T, width, wide, ratio) {
    this.H = H;
    this.T = T;
    this.left = 14 + 6.5 * String(H - 1).length;
    this.right = width < 480 ? 34 : 74;
    const room = (width - this.left - this.right) / T;
    const fitting = Math.min(Math.max(room, MAP_NARROWEST), MAP_WIDEST);
    /** Whether the characters fit without scrolling. */
    this.roomy = fitting >= MAP_LETTERS;
    this.column = mapWhole(wide ? Math.max(fitting, MAP_LETTERS + 2) : fitting, ratio);
    this.row = Math.max(Math.round(Math.min(MAP_HEIGHT / H, MAP_TALLEST_ROW) * ratio), 1) / ratio;
    this.letters = this.column >= MAP_LETTERS;
    this.top = MAP_TICKS + (this.letters ? MAP_HEADS : 2);
    this.scroll = 0;
    /** All that can be scrolled through. */
    this.whole = this.left + T * this.column + this.right;
    this.width = Math.min(width, this.whole);
    this.height = this.top + H * this.row + 2;
  }

  /** Where the columns end on the canvas. */
  get end() {
    return this.width - this.right;
  }

  /** The left edge of a step's column, which may be out of sight. @param {number} t */
  x(t) {
    return this.left + (t - 1) * this.column - this.scroll;
  }

  /** The upper edge of a row, counted from 0. @param {number} row */
  y(row) {
    return this.top + row * this.row;
  }

  /** The first and the last step that can be seen, in part at least. @returns {[number, number]} */
  get steps() {
    const first = Math.floor(this.scroll / this.column) + 1;
    const last = Math.ceil((this.scroll + this.end - this.left) / this.column);
    return [Math.max(first, 1), Math.min(last, this.T)];
  }

  /** The step and the row at a point of the canvas; null beside the cells. @param {number} x @param {number} y */
  at(x, y) {
    if (x < this.left || x >= this.end) return null;
    const t = Math.floor((x - this.left + this.scroll) / this.column) + 1;
    const row = Math.floor((y - this.top) / this.row);
    return t >= 1 && t <= this.T && row >= 0 && row < this.H ? { t, row } : null;
  }

  /** How far to scroll so that a step is in sight: not at all where it is. @param {number} t */
  scrollTo(t) {
    const x = this.x(t);
    if (x >= this.left && x + this.column <= this.end) return this.scroll;
    const middle = (t - 0.5) * this.column - (this.end - this.left) / 2;
    return Math.min(Math.max(middle, 0), this.whole - this.width);
  }
}

/** The smallest of 1, 2, 5, 10, 20, ... that is at least so much. @param {number} least */
export function roundStep(least) {
  for (let power = 1;; power *= 10) {
    const found = [1, 2, 5].find((digit) => digit * power >= least);
    if (found) return found * power;
  }
}

/** A length in whole device pixels, one at least. @param {number} length @param {number} ratio */
function mapWhole(length, ratio) {
  return Math.max(Math.floor(length * ratio), 1) / ratio;
}
