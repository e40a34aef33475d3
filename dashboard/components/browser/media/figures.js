// Figures of Plotly's, in the page's colours, and histograms as such figures.

import { el } from "../shared/dom.js";
import { library } from "../shared/plotly.js";
/** @import { Plot } from "../shared/plotly.js" */

const HEIGHT = 340;

/**
 * Counts as bars; null for what are none.
 * @param {any} told
 */
export function histogram(told) {
  const { edges, counts } = told ?? {};
  if (!Array.isArray(edges) || !Array.isArray(counts) || edges.length !== counts.length + 1) return null;
  const x = counts.map((_, n) => (edges[n] + edges[n + 1]) / 2);
  const width = counts.map((_, n) => edges[n + 1] - edges[n]);
  const text = counts.map((count, n) => `${edges[n].toPrecision(4)} to ${edges[n + 1].toPrecision(4)}: ${count}`);
  const bars = { type: "bar", x, y: counts, width, hovertext: text, hoverinfo: "text", marker: { color: "#2f86b7" } };
  return { data: [bars], layout: { bargap: 0, showlegend: false, yaxis: { title: { text: "Count" } } } };
}

/**
 * A layout in the page's colours, whatever it was made for.
 * @param {any} given
 * @param {{text: string, line: string, font: string}} look
 * @param {number} height
 */
export function themed(given, look, height) {
  const layout = { ...(given ?? {}) };
  delete layout.template;
  for (const name of ["xaxis", "yaxis", ...Object.keys(layout).filter((each) => /^[xy]axis\d*$/.test(each))])
    layout[name] = { gridcolor: look.line, zerolinecolor: look.line, linecolor: look.line, automargin: true, ...layout[name] };
  return {
    ...layout,
    autosize: true,
    width: undefined,
    height,
    margin: { l: 56, r: 16, t: layout.title ? 44 : 16, b: 48 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { ...(layout.font ?? {}), color: look.text, family: look.font, size: 12 },
  };
}

/**
 * Draw one; says what is wrong where it can't be drawn.
 * @param {any} told
 * @param {string} path of Plotly's script
 * @param {number} [height]
 */
export function drawFigure(told, path, height = HEIGHT) {
  const plot = /** @type {Plot} */ (/** @type {unknown} */ (el("div", "lb-m-plot")));
  plot.style.minHeight = `${height}px`;
  library(path).then(
    (plotly) => {
      if (!plot.isConnected) return;
      const css = getComputedStyle(plot);
      const look = {
        text: css.getPropertyValue("--st-text-color").trim() || css.color,
        line: css.getPropertyValue("--st-border-color").trim() || "#ccc",
        font: css.fontFamily,
      };
      const config = { displaylogo: false, responsive: true, displayModeBar: false };
      try {
        plotly.react(plot, told.data, themed(told.layout, look, height), config);
      } catch (error) {
        plot.textContent = `This figure can't be drawn: ${error}`;
      }
    },
    (error) => {
      plot.textContent = String(error.message);
    },
  );
  return plot;
}
