// Axes as Plotly takes them, and its numbers as all others of the page are written.

import { numberText } from "../shared/numbers.js";
/** @import { Look } from "./look.js" */
/** @import { SentAxis } from "./message.js" */

/** What Plotly writes for powers of ten on logarithmic axes; these are as wide as they are drawn. */
const POWERS = {
  "1e−4": "0.0001",
  "1e−3": "0.001",
  "1e+3": "1,000",
  "1e+4": "10,000",
  "1e+5": "100,000",
  "1e+6": "1,000,000",
};

/**
 * A tick as Plotly writes it, `1e+7` or `5e−6`, as `1e7` and `5e-6`; other texts as they are.
 * @param {string} text
 */
export function plainTick(text) {
  const found = /^([-−]?)([\d.,]+)e([+−-])(\d+)$/.exec(text);
  if (!found) return text;
  const [, minus, digits, sign, power] = found;
  return numberText(Number(`${minus && "-"}${digits.replaceAll(",", "")}e${sign === "+" ? "" : "-"}${power}`), 6);
}

/**
 * From which power of ten a linear axis is written with exponents.
 * @param {Iterable<unknown>[]} values of the traces
 */
export function exponentFrom(values) {
  let most = 0;
  for (const some of values)
    for (const value of some) if (Number.isFinite(value)) most = Math.max(most, Math.abs(Number(value)));
  return most < 1e-3 ? 3 : 6;
}

/**
 * On log axes Plotly speaks of logarithms.
 * @param {number} value
 * @param {string | undefined} kind
 */
export const onAxis = (value, kind) => (kind === "log" ? Math.log10(value) : value);

/**
 * A name as a place on an axis. Plotly keeps those as properties of an object, which has some from the beginning, such as
 * `constructor`; with a joiner behind them, which is not seen, they are none of these.
 * @param {unknown} value
 */
export const category = (value) => (typeof value === "string" && value in Object.prototype ? `${value}\u200d` : value);

/**
 * @param {SentAxis} given
 * @param {Look} look
 * @param {Iterable<unknown>[]} values on it
 */
export function axis(given, look, values) {
  const names = Array.isArray(given.categoryarray) ? { categoryarray: given.categoryarray.map(category) } : {};
  return {
    minexponent: exponentFrom(values),
    automargin: true,
    separatethousands: true,
    labelalias: given.type === "log" ? POWERS : undefined,
    gridcolor: look.grid,
    griddash: "dot",
    linecolor: look.grid,
    zeroline: false,
    ticks: "",
    tickfont: { size: 11, color: look.soft },
    ...given,
    ...names,
    title: given.title ? { text: given.title, font: { size: 11, color: look.soft }, standoff: 6 } : undefined,
  };
}
