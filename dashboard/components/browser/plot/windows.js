// The stretch of x that a chart shows, in plain values; Plotly speaks of logarithms and of dates in writing.

import { onAxis } from "./axes.js";

/** @typedef {[number, number]} Window */

/** A date as Plotly writes it, or milliseconds, as milliseconds. */
export const dateOf = (/** @type {unknown} */ value) =>
  typeof value === "number" ? value : Date.parse(`${String(value).replace(" ", "T")}Z`);

/**
 * The window after an event of Plotly's: null for all of x, undefined where the event is not about x.
 * @param {string} kind of the axis
 * @param {Record<string, any>} event
 * @returns {Window | null | undefined}
 */
export function windowOf(kind, event) {
  if (event["xaxis.autorange"]) return null;
  const [from, to] = [0, 1].map((end) => event[`xaxis.range[${end}]`] ?? event["xaxis.range"]?.[end]);
  if (from === undefined || to === undefined) return undefined;
  const plain = (/** @type {unknown} */ v) => (kind === "log" ? 10 ** Number(v) : kind === "date" ? dateOf(v) : Number(v));
  return [plain(from), plain(to)];
}

/**
 * The same the other way.
 * @param {Window} window
 * @param {string | undefined} kind
 */
export const rangeOf = (window, kind) => window.map((value) => onAxis(value, kind));

/**
 * Whether two windows look the same: their ends are at most a thousandth of them apart.
 * @param {Window | undefined} a
 * @param {Window | undefined} b
 */
export const alike = (a, b) =>
  a !== undefined && b !== undefined && Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) <= 1e-3 * Math.abs(a[1] - a[0]);
