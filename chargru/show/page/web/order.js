/** In which order the indices of a layer stand below each other. */

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./types.js").Order} Order */
/** @typedef {import("./types.js").Quantity} Quantity */

/** More steps than these are thinned evenly before rows are compared. */
const ORDER_STEPS = 256;

/**
 * The indices in this order, (H); of equals the smaller first.
 * @param {Run} run
 * @param {number} layer from 0
 * @param {Quantity} quantity by which rows are alike
 * @param {Order} order
 * @returns {Int32Array}
 */
export function orderedIndices(run, layer, quantity, order) {
  const indices = Int32Array.from({ length: run.H }, (_, index) => index);
  if (order === "index") return indices;
  if (order === "similarity") return Int32Array.from(orderAlike(orderRows(run, layer, quantity)));
  const ages = meanAges(run, layer);
  return indices.sort((one, other) => ages[other] - ages[one] || one - other);
}

/** The orders that were made of each run. @type {WeakMap<Run, Map<string, Int32Array>>} */
const ORDER_KNOWN = new WeakMap();

/**
 * The indices as the rows of the map stand, (H). Holding a gate does not move them: the order is of the text as the
 * network reads it by itself.
 * @param {import("./types.js").App} app
 * @returns {Int32Array}
 */
export function rowsShown(app) {
  const { gate, layer, order } = app.store.view;
  const run = app.experiment.plain;
  if (!run) return new Int32Array();
  const known = ORDER_KNOWN.get(run) ?? new Map();
  ORDER_KNOWN.set(run, known);
  const key = `${order} ${layer} ${order === "similarity" ? gate : ""}`;
  if (!known.has(key)) known.set(key, orderedIndices(run, layer - 1, gate, order));
  return known.get(key);
}

/**
 * The view's index so many rows further down, the first or last row at the ends.
 * @param {import("./types.js").App} app
 * @param {number} by
 */
export function indexBelow(app, by) {
  const rows = rowsShown(app);
  return rows[Math.min(Math.max(rows.indexOf(app.store.view.index) + by, 0), rows.length - 1)];
}

/**
 * How long each index holds what it holds, (H), in steps: the mean over the steps of a_t = z_t (1 + a_{t-1}).
 * @param {Run} run
 * @param {number} layer from 0
 * @returns {Float64Array}
 */
export function meanAges(run, layer) {
  const { H, T } = run;
  const { z } = run.layers[layer];
  const age = new Float64Array(H);
  const sum = new Float64Array(H);
  for (let at = 0; at < T * H; at += H) {
    for (let i = 0; i < H; i++) {
      age[i] = z[at + i] * (1 + age[i]);
      sum[i] += age[i];
    }
  }
  return sum.map((total) => total / T);
}

/**
 * The rows of a quantity, one an index, of mean 0 and length 1, so that their products are correlations; a row that
 * never changes is 0, like no other.
 * @param {Run} run
 * @param {number} layer
 * @param {Quantity} quantity
 */
function orderRows(run, layer, quantity) {
  const { H, T } = run;
  const values = run.layers[layer][quantity];
  const stride = H * Math.ceil(T / ORDER_STEPS);
  const rows = Array.from({ length: H }, () => new Float64Array(Math.ceil((T * H) / stride)));
  rows.forEach((row, index) => {
    for (let k = 0; k < row.length; k++) row[k] = values[k * stride + index];
    orderStandardise(row);
  });
  return rows;
}

/** @param {Float64Array} row */
function orderStandardise(row) {
  if (row.every((value) => value === row[0])) {
    row.fill(0);
    return;
  }
  let [sum, squares] = [0, 0];
  for (let k = 0; k < row.length; k++) sum += row[k];
  for (let k = 0; k < row.length; k++) squares += (row[k] - sum / row.length) ** 2;
  const [mean, length] = [sum / row.length, Math.sqrt(squares)];
  for (let k = 0; k < row.length; k++) row[k] = (row[k] - mean) / length;
}

/**
 * Rows that are alike beside each other: the two groups that are most alike on average are joined, again and again,
 * each turned so that the ends that meet are alike.
 * @param {Float64Array[]} rows
 * @returns {number[]}
 */
function orderAlike(rows) {
  const likeness = orderLikeness(rows);
  const between = likeness.map((row) => row.slice());
  const groups = rows.map((_, index) => [index]);
  const alive = rows.map((_, index) => index);
  while (alive.length > 1) {
    const [one, other] = orderClosest(between, alive);
    const [size, added] = [groups[one].length, groups[other].length];
    for (const group of alive) {
      const mean = (size * between[one][group] + added * between[other][group]) / (size + added);
      between[one][group] = between[group][one] = mean;
    }
    groups[one] = orderJoined(groups[one], groups[other], likeness);
    alive.splice(alive.indexOf(other), 1);
  }
  return groups[0];
}

/** The correlations of all pairs. @param {Float64Array[]} rows @returns {Float64Array[]} */
function orderLikeness(rows) {
  const found = rows.map(() => new Float64Array(rows.length));
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) {
      let product = 0;
      for (let t = 0; t < rows[i].length; t++) product += rows[i][t] * rows[j][t];
      found[i][j] = found[j][i] = product;
    }
  }
  return found;
}

/** The pair of groups that are most alike; of equals the first. @param {Float64Array[]} between @param {number[]} alive */
function orderClosest(between, alive) {
  let [one, other, most] = [alive[0], alive[1], -Infinity];
  for (let i = 0; i < alive.length; i++) {
    const row = between[alive[i]];
    for (let j = i + 1; j < alive.length; j++) {
      if (row[alive[j]] > most) [one, other, most] = [alive[i], alive[j], row[alive[j]]];
    }
  }
  return [one, other];
}

/** Two groups as one, turned so that the ends that meet are alike. @param {number[]} one @param {number[]} other @param {Float64Array[]} likeness */
function orderJoined(one, other, likeness) {
  const turned = (/** @type {number[]} */ group) => group.toReversed();
  const ways = [[one, other], [turned(one), other], [one, turned(other)], [turned(one), turned(other)]];
  const met = ways.map(([left, right]) => likeness[left[left.length - 1]][right[0]]);
  return ways[met.indexOf(Math.max(...met))].flat();
}
