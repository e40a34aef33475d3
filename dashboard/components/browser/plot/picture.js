// A picture of a chart as it is looked at, with its title and legend, on the page's background.

import { figure } from "./figure.js";
/** @import { Card, State } from "./state.js" */

const MOST_IN_LEGEND = 40;

const escaped = (/** @type {string} */ text) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** What a chart's file is called: letters, digits, `.`, `_` and `-` of its name alone. */
export const fileName = (/** @type {string} */ id) => id.replace(/[^\w.-]+/g, "_") || "chart";

/**
 * @param {State} state
 * @param {Card} card
 * @param {"png" | "svg"} format
 */
export function picture({ data, look, plotly }, { chart, plot }, format) {
  if (!plot._fullLayout) return;
  const { traces, layout } = figure(chart, data.palette, look, 560);
  const { xaxis, yaxis } = plot._fullLayout;
  const few = traces.filter((trace) => trace.showlegend !== false).length;
  const asSeen = (/** @type {{range: [unknown, unknown]}} */ { range }) => ({ range: [...range], autorange: false });
  const framed = {
    ...layout,
    width: 1120,
    paper_bgcolor: look.background,
    plot_bgcolor: look.background,
    title: { text: chart.tags ? escaped(chart.title) : "", font: { size: 15 }, x: 0.02 },
    margin: { l: 20, r: 20 + (chart.margin ?? 0), t: 44, b: 20 },
    showlegend: few > 1 && few <= MOST_IN_LEGEND,
    xaxis: { ...layout.xaxis, ...asSeen(xaxis) },
    yaxis: { ...layout.yaxis, ...asSeen(yaxis) },
  };
  const options = { format, width: 1120, height: 560, scale: 2, filename: fileName(chart.id) };
  plotly?.downloadImage({ data: traces, layout: framed }, options);
}
