/** The next character of a text that the network writes itself. */

/**
 * The id of the next character: drawn from softmax(ln p / temperature) by the Gumbel-max trick, or the likeliest at
 * temperature 0. Ties go to the smaller id.
 * @param {Float64Array} logProbabilities ln p, (V)
 * @param {object} options
 * @param {number} options.temperature
 * @param {() => number} options.random a number from 0 to 1, without 1
 * @param {number} [options.unknown] the id of the unknown symbol, which is never drawn
 * @returns {number}
 */
export function nextCharacter(logProbabilities, { temperature, random, unknown = -1 }) {
  let best = -1;
  let highest = -Infinity;
  logProbabilities.forEach((log, id) => {
    const noise = temperature ? -temperature * Math.log(-Math.log(1 - random())) : 0;
    if (id !== unknown && (best < 0 || log + noise > highest)) {
      best = id;
      highest = log + noise;
    }
  });
  return best;
}

/**
 * A generator of numbers from 0 to 1, without 1, of 53 bits each: the same seed gives the same numbers.
 * @param {number} seed a whole number
 * @returns {() => number}
 */
export function randomFrom(seed) {
  const state = new Uint32Array([seed, Math.floor(seed / 2 ** 32), 0x9e3779b9, 1]);
  const next = () => drawBits(state);
  for (let k = 0; k < 16; k++) next(); // so that seeds next to each other part
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** 32 bits of the "small fast counting" generator (C. Doty-Humphrey). @param {Uint32Array} state three words and a counter */
function drawBits(state) {
  const [a, b, c, counter] = state;
  const found = (a + b + counter) >>> 0;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + found;
  state[3] = counter + 1;
  return found;
}
