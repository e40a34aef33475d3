// Numbers as `format/packed.py` sends them: the inverse of it.

/**
 * @typedef {{bdata: string, dtype: "f8" | "f4"}
 *   | {bdata: string, pack: "levels", from: number, by: number, log: boolean}
 *   | {bdata: string, pack: "gaps", from: number, by: number, n: number}} Packed
 */

/** The level that stands for NaN. */
const NONE = 65535;

/** @param {string} text in base64 */
function bytesOf(text) {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

/** Doubles, from base64. */
export const doubles = (/** @type {string} */ text) => new Float64Array(bytesOf(text).buffer);

/**
 * @param {Packed} sent
 * @returns {Float64Array | Float32Array}
 */
export function unpacked(sent) {
  if (!("pack" in sent)) return sent.dtype === "f8" ? doubles(sent.bdata) : new Float32Array(bytesOf(sent.bdata).buffer);
  return sent.pack === "gaps" ? fromGaps(sent) : fromLevels(sent);
}

/** @param {Extract<Packed, {pack: "levels"}>} sent */
function fromLevels({ bdata, from, by, log }) {
  const levels = new Uint16Array(bytesOf(bdata).buffer);
  return Float64Array.from(levels, (level) => {
    const value = level === NONE ? NaN : from + level * by;
    return log ? 10 ** value : value;
  });
}

/**
 * Differences in seven bits a byte, lowest first, the eighth bit set where more follow.
 * @param {Extract<Packed, {pack: "gaps"}>} sent
 */
function fromGaps({ bdata, from, by, n }) {
  const out = new Float64Array(n);
  let [value, gap, weight, place] = [from, 0, 1, 0];
  out[place++] = value * by;
  for (const byte of bytesOf(bdata)) {
    gap += (byte & 127) * weight;
    weight *= 128;
    if (byte > 127) continue;
    value += gap;
    out[place++] = value * by;
    [gap, weight] = [0, 1];
  }
  return out;
}
