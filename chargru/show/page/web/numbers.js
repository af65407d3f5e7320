/** Numbers as bytes and as text. */

const NUMBERS_BYTES = { float64: 8, float32: 4, float16: 2 };

/**
 * The numbers that little-endian bytes hold.
 * @param {string} base64 spaces and line ends in it are skipped
 * @param {"float64" | "float32" | "float16"} precision of one number in the bytes
 * @returns {Float64Array}
 * Throws an Error where the bytes are not base64 or end within a number.
 */
export function decodeFloats(base64, precision) {
  const bytes = numbersBytes(base64);
  if (bytes.length % NUMBERS_BYTES[precision]) throw new Error(`the bytes end within a ${precision}`);
  if (precision === "float64") return new Float64Array(bytes.buffer);
  if (precision === "float32") return Float64Array.from(new Float32Array(bytes.buffer));
  return Float64Array.from(new Uint16Array(bytes.buffer), numbersHalf);
}

/** @param {string} base64 @returns {Uint8Array<ArrayBuffer>} */
function numbersBytes(base64) {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** The number that 16 bits hold: a sign, 5 bits of exponent, 10 of fraction. @param {number} bits */
function numbersHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * A number with so many digits after the point, as Python writes f"{value:z.{digits}f}": ties go to the even
 * digit, and what rounds to zero has no sign.
 * @param {number} value
 * @param {number} digits 0 to 100
 * @returns {string}
 */
export function fixed(value, digits) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const written = numbersUnsigned(Math.abs(value), digits);
  return value < 0 && /[1-9]/.test(written) ? `-${written}` : written;
}

/** @param {number} value at least 0 @param {number} digits */
function numbersUnsigned(value, digits) {
  if (value >= 1e21) return BigInt(value).toString() + (digits ? `.${"0".repeat(digits)}` : "");
  const written = value.toFixed(digits);
  // Halfway between two neighbours: value * 10^digits is an odd half, so value * 2^(digits + 1) is odd.
  const tie = (value * 2 ** (digits + 1)) % 2 === 1;
  const last = Number(written.at(-1));
  return tie && last % 2 ? written.slice(0, -1) + (last - 1) : written; // toFixed had rounded up
}
