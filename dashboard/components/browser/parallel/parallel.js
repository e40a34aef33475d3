// Parallel coordinates: a line a run across one axis for each param or metric. Dragging along an axis selects the runs
// that pass there; what was selected goes to Python as values.

import { el, svg } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { goTo } from "../shared/navigation.js";
import { doubles } from "../shared/unpacking.js";
import { inside, pickOf, stretch } from "./brushing.js";
import { drawLegend, furnish, tell } from "./furniture.js";
import { drawLines } from "./lines.js";
import { nearestLine, placer, xOf } from "./places.js";
/** @import { Component } from "../shared/mount.js" */
/** @import { Axis, ParallelData, Pick } from "./message.js" */

/** @typedef {ReturnType<typeof setup>} State */

/**
 * A brush that is being drawn.
 * @typedef {object} Drag
 * @property {Axis} axis
 * @property {number} start where the pointer went down
 * @property {number} from
 * @property {number} to
 * @property {[number, number] | null} base the stretch that is moved; null where a new one is drawn
 * @property {Pick | null} pick
 */

/** Pixels that a click may move. */
const STILL = 4;
const REACH = 7;

/**
 * @param {HTMLElement} root
 * @param {ParallelData} data
 */
function setup(root, data) {
  const state = {
    root,
    data,
    text: "",
    /** @type {Axis[]} */ axes: [],
    colour: new Float64Array(),
    /** @type {Map<string, Pick>} By axis. */ picks: new Map(),
    /** Whether the brushes say who is in them, since Python has not answered yet. */
    ahead: false,
    width: 0,
    height: 0,
    /** @type {number | null} The run under the pointer. */ over: null,
    /** @type {Drag | null} */ drag: null,
    titles: el("div", "titles"),
    canvas: el("canvas"),
    overlay: svg("svg", { class: "overlay", role: "img" }),
    tip: el("div", "tip"),
    legend: el("div", "legend"),
    stage: el("div", "stage"),
    /** @type {ResizeObserver | null} */ size: null,
    on: () => selected(state),
    layout: () => layoutOf(state),
    send: (/** @type {Record<string, unknown>} */ _act) => {},
  };
  const { canvas, overlay, titles, tip, legend, stage } = state;
  canvas.setAttribute("aria-hidden", "true");
  tip.hidden = true;
  stage.append(canvas, overlay, titles, tip);
  root.replaceChildren(stage, legend);
  overlay.onpointerdown = (event) => grab(state, event);
  overlay.onpointermove = (event) => move(state, event);
  overlay.onpointerup = (event) => release(state, event);
  overlay.onpointercancel = () => {
    state.drag = null;
    refresh(state);
  };
  overlay.onpointerleave = () => {
    if (!state.drag) hover(state, null, 0, 0);
  };
  state.size = new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (!width || width === state.width) return;
    state.width = width;
    refresh(state);
  });
  state.size.observe(stage);
  return state;
}

/**
 * By run whether it is selected. Python's word counts, but while a brush is drawn the axes themselves say who is in it.
 * @param {State} state
 */
function selected({ data, drag, picks, axes, ahead }) {
  if (!drag && !ahead) return Array.from(data.on, (sign) => sign === "1");
  const pickOn = (/** @type {Axis} */ axis) => (drag?.axis === axis ? drag.pick : picks.get(axis.id));
  return data.names.map((_, run) => axes.every((axis) => inside(axis, pickOn(axis), axis.values[run])));
}

/**
 * Where the axes stand, and where runs pass them.
 * @param {State} state
 */
function layoutOf({ axes, width, height }) {
  const places = axes.map((axis) => placer(axis, height));
  return {
    xs: axes.map((_, i) => xOf(i, axes.length, width)),
    ys: axes.map((axis, i) => (/** @type {number} */ run) => places[i](axis.values[run])),
  };
}

/** @param {State} state */
function refresh(state) {
  drawLines(state);
  furnish(state);
}

/**
 * @param {State} state
 * @param {PointerEvent} event
 */
function pointer({ overlay }, event) {
  const box = overlay.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/** The axis under the pointer. */
const grabbed = (/** @type {PointerEvent} */ event) =>
  event.target instanceof SVGElement ? event.target.dataset.grab : undefined;

/**
 * The line under the pointer.
 * @param {State} state
 * @param {{x: number, y: number}} at
 */
function lineAt(state, at) {
  const { xs, ys } = state.layout();
  const on = state.on();
  return nearestLine(at, xs, ys, on.length, (run) => on[run]);
}

/**
 * @param {State} state
 * @param {number | null} over
 * @param {number} x
 * @param {number} y
 */
function hover(state, over, x, y) {
  const changed = over !== state.over;
  state.over = over;
  tell(state, x, y);
  if (changed) drawLines(state);
}

/**
 * @param {State} state
 * @param {PointerEvent} event
 */
function grab(state, event) {
  const axis = state.axes.find((each) => each.id === grabbed(event));
  if (!axis || event.button) return;
  const { y } = pointer(state, event);
  const pick = state.picks.get(axis.id) ?? null;
  const known = pick && stretch(axis, placer(axis, state.height), pick);
  const base = known && y > known[0] && y < known[1] ? known : null;
  state.drag = { axis, start: y, from: base ? base[0] : y, to: base ? base[1] : y, base, pick };
  state.over = null;
  tell(state, 0, 0);
  state.overlay.setPointerCapture(event.pointerId);
  event.preventDefault();
}

/**
 * @param {State} state
 * @param {PointerEvent} event
 */
function move(state, event) {
  const { x, y } = pointer(state, event);
  const { drag, overlay } = state;
  if (!drag) {
    const over = lineAt(state, { x, y });
    const idle = over === null ? "default" : "pointer";
    overlay.style.cursor = grabbed(event) === undefined ? idle : "ns-resize";
    hover(state, over, x, y);
    return;
  }
  if (drag.base) [drag.from, drag.to] = drag.base.map((end) => end + y - drag.start);
  else drag.to = y;
  if (Math.abs(y - drag.start) >= STILL)
    drag.pick = pickOf(drag.axis, placer(drag.axis, state.height), drag.from, drag.to);
  refresh(state);
}

/**
 * @param {State} state
 * @param {PointerEvent} event
 */
function release(state, event) {
  const { drag, data, picks } = state;
  const { x, y } = pointer(state, event);
  state.drag = null;
  if (!drag) {
    const over = lineAt(state, { x, y });
    if (over !== null && !event.button) goTo(`${data.href}${encodeURIComponent(data.ids[over])}`);
    return;
  }
  const { axis } = drag;
  let { pick } = drag;
  if (Math.abs(y - drag.start) < STILL) {
    // A click takes the category under it, or clears what was selected.
    const takes = axis.categories && !picks.has(axis.id);
    pick = takes ? pickOf(axis, placer(axis, state.height), y - REACH, y + REACH) : null;
  }
  if (pick) picks.set(axis.id, pick);
  else picks.delete(axis.id);
  state.ahead = true;
  refresh(state);
  state.send({ kind: "brush", axis: axis.id, pick });
}

/**
 * @param {State} state
 * @param {ParallelData} data
 * @param {Component<ParallelData>} component
 */
function draw(state, data, { setTriggerValue }) {
  const { root, stage, overlay } = state;
  state.send = (act) => setTriggerValue("act", act);
  const text = JSON.stringify(data);
  if (text !== state.text) {
    state.text = text;
    state.data = data;
    state.ahead = false;
    state.over = null;
    state.height = data.height;
    stage.style.height = `${data.height}px`;
    state.axes = data.axes.map((axis) => ({ ...axis, values: doubles(axis.values) }));
    // Whoever is drawing a brush goes on, as long as there is its axis.
    const dragged = state.axes.find((axis) => axis.id === state.drag?.axis.id);
    state.drag = state.drag && dragged ? { ...state.drag, axis: dragged } : null;
    state.colour = doubles(data.colour);
    state.picks = new Map(data.axes.flatMap(({ id, pick }) => (pick ? [[id, pick]] : [])));
    overlay.setAttribute("aria-label", data.alt);
    drawLegend(state.legend, data);
  }
  refresh(state);
  root.dataset.drawn = "1";
}

export default mount(".lb-parallel", {
  setup,
  draw,
  end: (state) => state.size?.disconnect(),
});
