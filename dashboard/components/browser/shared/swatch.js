// A short line in the run's colour and dash, the same that its curves have.

import { colourOf, dashArray } from "./colours.js";
import { svg } from "./dom.js";
/** @import { Mark, Palette } from "./colours.js" */

/**
 * @param {Mark} mark
 * @param {Palette} palette
 * @param {boolean} dark
 */
export function swatch(mark, palette, dark) {
  const image = svg("svg", { class: "swatch", viewBox: "0 0 18 8", "aria-hidden": "true" });
  const otherwise = mark.slot === -2 ? "var(--st-text-color)" : "var(--st-gray-text-color)";
  const stroke = colourOf(mark, palette, dark) || otherwise;
  const line = svg("line", { x1: 1, y1: 4, x2: 17, y2: 4, "stroke-width": 3.2, "stroke-linecap": "round", stroke });
  const dashes = dashArray(mark.dash);
  if (dashes) line.setAttribute("stroke-dasharray", dashes);
  image.appendChild(line);
  return image;
}

