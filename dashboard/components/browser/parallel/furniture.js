// What stands around the lines: axes with their titles and ticks, brushes, the legend, what the pointer tells.

import { el, svg } from "../shared/dom.js";
import { numberText } from "../shared/numbers.js";
import { stretch } from "./brushing.js";
import { BOTTOM, SIDE, TOP, floorOf, placer, xOf } from "./places.js";
import { ticksOf } from "./ticks.js";
/** @import { Axis, ParallelData } from "./message.js" */
/** @import { State } from "./parallel.js" */

const GRAB = 15;
const LETTER = 6.4;
const LINE = 13;

/**
 * A text with at most so many letters, its end cut.
 * @param {string} text
 * @param {number} letters
 */
export const cut = (text, letters) => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text);

/**
 * What is written beside an axis, at which values.
 * @param {Axis} axis
 * @returns {[number, string][]}
 */
function marksOf(axis) {
  if (axis.categories) return axis.categories.map((text, at) => [at, text]);
  return ticksOf(axis).map((value) => [value, numberText(value)]);
}

/**
 * @param {Axis} axis
 * @param {number} x
 * @param {number} width
 * @param {number} room from one axis to the next
 */
function titleOf(axis, x, width, room) {
  const title = el("div", "title");
  title.append(el("span", "main", axis.label), el("span", "over", axis.over || (axis.log ? "log" : "\u00a0")));
  title.title = `${axis.full}\nDrag along the axis to select runs; click to clear`;
  const wide = Math.min(room - 8, 2 * SIDE + 40);
  title.style.width = `${wide}px`;
  title.style.left = `${Math.max(0, Math.min(width - wide, x - wide / 2))}px`;
  return title;
}

/**
 * @param {State} state
 * @param {Axis} axis
 * @param {number} x
 * @param {boolean} last whether its ticks stand at its left
 * @param {number} room
 */
function rule(state, axis, x, last, room) {
  const { height, drag } = state;
  const place = placer(axis, height);
  const floor = floorOf(axis, height);
  const group = svg("g", { class: "axis", "data-axis": axis.id });
  const side = { x: last ? x - 7 : x + 7, "text-anchor": last ? "end" : "start" };
  group.append(svg("line", { x1: x, x2: x, y1: TOP, y2: floor, class: "rule" }));
  const marks = marksOf(axis);
  const every = Math.max(1, Math.ceil((LINE * marks.length) / (floor - TOP)));
  const letters = Math.max(4, Math.floor((last ? SIDE + room / 2 : room - 16) / LETTER));
  marks.forEach(([at, text], k) => {
    if (k % every) return;
    const y = place(at);
    const label = svg("text", { ...side, y: y + 4, class: "tick" }, cut(text, letters));
    if (cut(text, letters) !== text) label.append(svg("title", {}, text));
    group.append(svg("line", { x1: x - 3, x2: x + 3, y1: y, y2: y, class: "rule" }), label);
  });
  if (axis.missing) {
    // Runs without a value pass below the axis, which ends above them.
    const y = height - BOTTOM;
    group.append(
      svg("line", { x1: x, x2: x, y1: floor, y2: y, class: "rule gap" }),
      svg("circle", { cx: x, cy: y, r: 2.5, class: "hole" }),
      svg("text", { ...side, y: y + 4, class: "tick none" }, "none"),
    );
  }
  const pick = state.picks.get(axis.id);
  const shown = drag?.axis === axis ? [drag.from, drag.to] : pick && stretch(axis, place, pick);
  if (shown) {
    const [top, bottom] = [Math.min(...shown), Math.max(...shown)];
    const brush = { x: x - 9, width: 18, y: top, height: Math.max(2, bottom - top), rx: 3, class: "brush" };
    group.append(svg("rect", brush));
  }
  const grab = { x: x - GRAB, width: 2 * GRAB, y: TOP - 10, height: height - TOP + 4, class: "grab" };
  group.append(svg("rect", { ...grab, "data-grab": axis.id }));
  return group;
}

/** @param {State} state */
export function furnish(state) {
  const { width, height, axes, overlay, titles } = state;
  if (!width) return;
  overlay.setAttribute("width", String(width));
  overlay.setAttribute("height", String(height));
  const n = axes.length;
  const room = n > 1 ? (width - 2 * SIDE) / (n - 1) : width;
  const xs = axes.map((_, i) => xOf(i, n, width));
  titles.replaceChildren(...axes.map((axis, i) => titleOf(axis, xs[i], width, room)));
  overlay.replaceChildren(...axes.map((axis, i) => rule(state, axis, xs[i], i === n - 1 && i > 0, room)));
  // All of them are measured at once, after all are there; then each gets a plate that covers the lines behind it.
  const labels = /** @type {SVGTextElement[]} */ ([...overlay.querySelectorAll(".tick")]);
  const boxes = labels.map((label) => label.getBBox());
  labels.forEach((label, i) => {
    const { x, y, width: w, height: h } = boxes[i];
    label.before(svg("rect", { x: x - 3, y: y + 0.5, width: w + 6, height: h - 1, rx: 3, class: "plate" }));
  });
}

/**
 * What is told of the run under the pointer, beside that.
 * @param {State} state
 * @param {number} x
 * @param {number} y
 */
export function tell(state, x, y) {
  const { tip, data, over, axes } = state;
  tip.hidden = over === null;
  if (over === null) return;
  const rows = axes.map((axis) => {
    const value = axis.values[over];
    const text = Number.isNaN(value) ? "none" : axis.categories ? axis.categories[value] : numberText(value);
    const row = el("div", "pair");
    row.append(el("span", "key", `${axis.label}${axis.over ? ` ${axis.over}` : ""}`), el("span", "", text));
    return row;
  });
  tip.replaceChildren(el("div", "who", data.names[over]), ...rows);
  const left = x + 16 + tip.offsetWidth > state.width ? x - 16 - tip.offsetWidth : x + 16;
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${Math.max(0, Math.min(state.height - tip.offsetHeight, y - 20))}px`;
}

/**
 * @param {HTMLElement} into
 * @param {ParallelData} data
 */
export function drawLegend(into, { legend, scale }) {
  into.replaceChildren();
  if (!legend) return;
  const bar = el("span", "bar");
  bar.style.background = `linear-gradient(to right, ${scale.join(", ")})`;
  into.append(el("span", "label", legend.label), el("span", "", legend.from), bar, el("span", "", legend.to));
  if (legend.note) into.append(el("span", "soft", legend.note));
}
