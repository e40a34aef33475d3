// The lines of parallel coordinates, on a 2D canvas: no WebGL, thousands of them in a few milliseconds.

import { blend } from "../shared/colours.js";
/** @import { State } from "./parallel.js" */

/**
 * How strongly so many lines are drawn over each other.
 * @param {number} count
 */
export const opacity = (count) => Math.max(0.12, Math.min(0.9, 14 / Math.sqrt(count * 6 + 1)));

/** @param {State} state */
function colours({ root, data }) {
  const css = getComputedStyle(root);
  const get = (/** @type {string} */ name, /** @type {string} */ otherwise) => css.getPropertyValue(name).trim() || otherwise;
  const soft = get("--st-gray-text-color", "#666");
  const at = (/** @type {number} */ t) => (Number.isNaN(t) ? soft : blend(data.scale, t));
  return { at, soft, back: get("--st-background-color", "#fff") };
}

/** @param {State} state */
export function drawLines(state) {
  const { canvas, width, height, data, over } = state;
  const pen = canvas.getContext("2d");
  if (!width || !pen) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  pen.scale(ratio, ratio);
  const look = colours(state);
  const { xs, ys } = state.layout();
  const n = data.names.length;
  const on = state.on();
  const chosen = on.filter(Boolean).length;
  const path = (/** @type {number} */ run) => {
    pen.beginPath();
    xs.forEach((x, k) => (k ? pen.lineTo(x, ys[k](run)) : pen.moveTo(x, ys[k](run))));
    pen.stroke();
  };
  pen.lineJoin = "round";
  pen.globalAlpha = Math.min(0.16, opacity(n));
  pen.strokeStyle = look.soft;
  pen.lineWidth = 1;
  for (let run = 0; run < n; run += 1) if (!on[run]) path(run);
  // They come best first, and the best belong on top.
  pen.globalAlpha = opacity(Math.max(1, chosen));
  pen.lineWidth = chosen > 300 ? 1 : 1.5;
  for (let run = n - 1; run >= 0; run -= 1)
    if (on[run]) {
      pen.strokeStyle = look.at(state.colour[run]);
      path(run);
    }
  if (over === null || over >= n) return;
  pen.globalAlpha = 1;
  pen.lineWidth = 5;
  pen.strokeStyle = look.back;
  path(over);
  pen.lineWidth = 2.5;
  pen.strokeStyle = look.at(state.colour[over]);
  path(over);
}
