// Where values stand on their axes, and axes on the page.

/** @import { Axis } from "./message.js" */

/** Pixels around the axes, and of the lane below them for runs without a value. */
export const TOP = 46;
export const BOTTOM = 16;
export const SIDE = 54;
const LANE = 26;

/** Where an axis ends; runs without a value pass below that. */
export const floorOf = (/** @type {Pick<Axis, "missing">} */ axis, /** @type {number} */ height) =>
  height - BOTTOM - (axis.missing ? LANE : 0);

/**
 * The function that gives the place of a value in pixels from the top; of NaN, that of runs without one.
 * @param {Pick<Axis, "categories" | "log" | "low" | "high" | "missing">} axis
 * @param {number} height
 */
export function placer(axis, height) {
  const floor = floorOf(axis, height);
  const lane = height - BOTTOM;
  const scale = axis.log ? Math.log10 : (/** @type {number} */ v) => v;
  const n = axis.categories?.length ?? 0;
  // Halved, so that no reach is beyond the largest number.
  const [low, high] = (n ? [0, n - 1] : [scale(axis.low), scale(axis.high)]).map((end) => end / 2);
  return (/** @type {number} */ value) => {
    if (Number.isNaN(value)) return lane;
    if (high === low) return (TOP + floor) / 2;
    return floor - (((n ? value : scale(value)) / 2 - low) / (high - low)) * (floor - TOP);
  };
}

/**
 * How far from the left the `i`-th of `n` axes stands.
 * @param {number} i
 * @param {number} n
 * @param {number} width
 */
export const xOf = (i, n, width) => (n < 2 ? width / 2 : SIDE + (i * (width - 2 * SIDE)) / (n - 1));

/**
 * The line that is nearest to a point and at most `near` pixels away, by its run's number; null for none.
 * @param {{x: number, y: number}} at
 * @param {number[]} xs of the axes
 * @param {((run: number) => number)[]} ys by axis, where a run passes
 * @param {number} n runs
 * @param {(run: number) => boolean} shown
 */
export function nearestLine(at, xs, ys, n, shown, near = 7) {
  if (xs.length < 2) return null;
  const room = xs[1] - xs[0];
  const i = Math.max(0, Math.min(xs.length - 2, Math.floor((at.x - xs[0]) / room)));
  const t = Math.min(1, Math.max(0, (at.x - xs[i]) / room));
  let best = null;
  let reach = near;
  for (let run = 0; run < n; run += 1) {
    if (!shown(run)) continue;
    const away = Math.abs((1 - t) * ys[i](run) + t * ys[i + 1](run) - at.y);
    if (away < reach) [best, reach] = [run, away];
  }
  return best;
}
