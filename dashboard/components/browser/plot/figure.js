// What Python sent of a chart, as Plotly takes it.

import { channels } from "../shared/colours.js";
import { unpacked } from "../shared/unpacking.js";
import { axis, category, onAxis } from "./axes.js";
import { slotColour } from "./look.js";
/** @import { Palette } from "../shared/colours.js" */
/** @import { Packed } from "../shared/unpacking.js" */
/** @import { Chart, Slot, Trace } from "./message.js" */
/** @import { Look } from "./look.js" */

/**
 * A line that the pointer can name.
 * @typedef {object} Named
 * @property {string} uid
 * @property {string} label
 * @property {string} run
 * @property {ArrayLike<number>} x
 * @property {ArrayLike<number>} y
 * @property {string} colour
 * @property {string} dash
 * @property {ArrayLike<number>} [low]
 * @property {ArrayLike<number>} [high]
 * @property {ArrayLike<number>} [n]
 */

/** @param {Packed | unknown[] | undefined} sent */
function valuesOf(sent) {
  if (sent === undefined) return undefined;
  return Array.isArray(sent) ? sent.map(category) : unpacked(sent);
}

/**
 * A trace in the page's colours; and its line, where the pointer can name it.
 * @param {Trace} given
 * @param {(slot: Slot | undefined) => string} colour
 * @param {Look} look
 */
function traceOf(given, colour, look) {
  const { area, hover, ...trace } = /** @type {Record<string, any>} */ (given);
  for (const way of ["x", "y"]) if (trace[way]) trace[way] = valuesOf(trace[way]);
  for (const part of ["line", "marker"]) {
    if (!trace[part]) continue;
    const { slot, slots, ...rest } = trace[part];
    if (slots) rest.color = slots.map(colour);
    else if (slot !== undefined) rest.color = colour(slot);
    if (slots && rest.line) rest.line = { ...rest.line, color: look.background };
    trace[part] = rest;
  }
  if (area !== undefined) trace.fillcolor = `rgba(${channels(colour(area)).join(",")},${look.dark ? 0.18 : 0.16})`;
  // Such groups are properties of an object too.
  if (trace.legendgroup !== undefined) trace.legendgroup = `of ${trace.legendgroup}`;
  if (!hover) return { trace, named: null };
  trace.hoverinfo = "skip";
  const { low, high, n, ...told } = hover;
  const edges = low ? { low: unpacked(low), high: unpacked(high), n: unpacked(n) } : {};
  const { uid, x, y, line } = trace;
  /** @type {Named} */
  const named = { ...told, ...edges, uid, x, y, colour: line.color, dash: line.dash };
  return { trace, named };
}

/**
 * @param {Chart} chart
 * @param {Palette} palette
 * @param {Look} look
 * @param {number} height
 */
export function figure(chart, palette, look, height) {
  const colour = (/** @type {Slot | undefined} */ slot) => slotColour(slot, palette, look);
  const [x, y] = [chart.x ?? { type: "linear" }, chart.y ?? { type: "linear" }];
  const all = (chart.traces ?? []).map((given) => traceOf(given, colour, look));
  const traces = all.map(({ trace }) => trace);
  const named = all.flatMap((each) => (each.named ? [each.named] : []));
  const tags = (chart.tags ?? []).map((tag) => ({
    x: onAxis(tag.x, x.type),
    y: onAxis(tag.y, y.type),
    text: tag.text,
    xanchor: tag.xanchor,
    yanchor: "bottom",
    font: { size: 10.5, color: look.text },
    bgcolor: look.background,
    opacity: 0.85,
    borderpad: 1,
  }));
  const layout = {
    uirevision: chart.revision,
    height,
    margin: { l: 8, r: chart.margin ?? 12, t: 6, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: look.font, size: 12, color: look.text },
    hovermode: chart.hover === "names" ? false : chart.hover,
    hoverlabel: {
      bgcolor: look.background,
      bordercolor: look.grid,
      font: { size: 11.5, color: look.text, family: look.font },
      namelength: -1,
      align: "left",
    },
    showlegend: Boolean(chart.legend),
    legend: { orientation: "h", x: 0, y: 0, yref: "container", yanchor: "bottom", font: { size: 11.5, color: look.text } },
    dragmode: "zoom",
    xaxis: axis(x, look, traces.map((trace) => trace.x ?? [])),
    yaxis: axis(y, look, traces.map((trace) => trace.y ?? [])),
    annotations: [...tags, ...(chart.annotations ?? [])].map((note) => ({
      showarrow: false,
      font: { size: 11, color: look.soft },
      ...note,
    })),
  };
  return { traces, layout, named };
}
