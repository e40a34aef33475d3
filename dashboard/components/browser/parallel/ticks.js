// Which numbers are written beside an axis.

const MOST = 12;

/** @typedef {{low: number, high: number, log: boolean, ticks: number[] | null}} Scale */

/**
 * Those that Python chose, else round numbers within the ends: powers of ten on a logarithmic axis.
 * @param {Scale} axis
 */
export function ticksOf({ low, high, log, ticks }) {
  return ticks ?? (log ? powers(low, high) : evenly(low, high));
}

/**
 * @param {number} low
 * @param {number} high
 */
function powers(low, high) {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const step = Math.max(1, Math.ceil((to - from) / 6));
  const out = [];
  for (let e = from; e <= to; e += step) out.push(Number(`1e${e}`));
  return out.filter((v) => v >= low * 0.999 && v <= high * 1.001);
}

/**
 * @param {number} low
 * @param {number} high
 */
function evenly(low, high) {
  // In parts, so that no reach is beyond the largest number.
  const raw = high > low ? high / 5 - low / 5 : (Math.abs(high) || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const first = Math.ceil(low / step);
  const n = Math.min(MOST, Math.floor(high / step + 1e-9) - first + 1);
  // Numbers that lie close together beside their size are one.
  const all = Array.from({ length: Math.max(0, n) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return [...new Set(all)].map((v) => (v === 0 ? 0 : v));
}
