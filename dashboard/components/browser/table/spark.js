// A curve without axes: its shape is all that it tells, so each one fills its cell.

import { svg } from "../shared/dom.js";

const WIDTH = 112, HEIGHT = 20, PAD = 2;

/**
 * Where the points of a curve stand, in pixels: evenly from left to right, the lowest at the bottom; a flat one in the
 * middle.
 * @param {number[]} values
 * @returns {[number, number][]}
 */
export function points(values) {
  // Halved, so that no reach is beyond the largest number.
  const low = values.reduce((a, b) => Math.min(a, b), Infinity) / 2;
  const reach = values.reduce((a, b) => Math.max(a, b), -Infinity) / 2 - low;
  const step = (WIDTH - 2 * PAD) / Math.max(1, values.length - 1);
  const part = (/** @type {number} */ value) => (reach > 0 ? (value / 2 - low) / reach : 0.5);
  return values.map((value, i) => [PAD + step * i, HEIGHT - PAD - (HEIGHT - 2 * PAD) * part(value)]);
}

/** @param {number[]} values */
export function spark(values) {
  const image = svg("svg", { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const places = points(values);
  const text = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  image.append(svg("polyline", { points: text }));
  const last = places.at(-1);
  if (last) image.append(svg("circle", { cx: last[0], cy: last[1], r: 2 }));
  return image;
}
