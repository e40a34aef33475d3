// Which lines lie under the pointer.

/** @import { Named } from "./figure.js" */

/** Pixels beyond a line's ends at which it is still told. */
const FAR = 14;

/** @typedef {{line: Named, at: number, x: number, y: number, left: number, top: number, away: number}} Near */

/**
 * The place of sorted numbers that is nearest to `v`; of two that are equally near the first.
 * @param {ArrayLike<number>} xs
 * @param {number} v
 */
export function nearest(xs, v) {
  let low = 0;
  let high = xs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < v) low = middle + 1;
    else high = middle;
  }
  return low > 0 && Math.abs(xs[low - 1] - v) <= Math.abs(xs[low] - v) ? low - 1 : low;
}

/**
 * The lines at a pixel of a chart: all that have a point there, nearest first.
 * @param {Named[]} lines
 * @param {{x: number, y: number}} at in pixels
 * @param {number} v the same place on x, as a value
 * @param {(x: number, y: number) => [number, number]} place pixels of a point
 * @returns {Near[]}
 */
export function linesAt(lines, at, v, place) {
  const found = [];
  for (const line of lines) {
    if (!line.x.length) continue;
    const i = nearest(line.x, v);
    const [x, y] = [line.x[i], line.y[i]];
    const [left, top] = place(x, y);
    const within = v >= line.x[0] && v <= line.x[line.x.length - 1];
    if (!Number.isFinite(y) || !Number.isFinite(top) || (!within && Math.abs(left - at.x) > FAR)) continue;
    found.push({ line, at: i, x, y, left, top, away: Math.abs(top - at.y) });
  }
  return found.sort((a, b) => a.away - b.away);
}
