// One chart, drawn by Plotly while it is in view. It keeps its zoom and hidden lines when new points arrive. What goes
// wrong in one is said in its place, and takes no other with it.

import { el } from "../shared/dom.js";
import { goTo } from "../shared/navigation.js";
import { plainTick } from "./axes.js";
import { figure } from "./figure.js";
import { isLarge } from "./state.js";
import { rangeOf, windowOf } from "./windows.js";
import { chosenWindow, labelZoom, resetZoom, zoomed } from "./zoom.js";
/** @import { Card, State } from "./state.js" */

const MANY_DRAWN = 40;
const CONFIG = {
  responsive: false,
  displaylogo: false,
  displayModeBar: false,
  showSendToCloud: false,
  showTips: false,
  doubleClick: false,
};

/** What is left for a plot of the window's height. */
const largeHeight = (/** @type {Card} */ { head }) => Math.max(260, Math.round(innerHeight * 0.92) - head.offsetHeight - 30);

/**
 * Do something for one chart; where it fails, the chart says so.
 * @param {State} state
 * @param {Card} card
 * @param {(state: State, card: Card) => void} act
 */
export function guarded(state, card, act) {
  try {
    act(state, card);
  } catch (error) {
    fail(state, card, error);
  }
}

/**
 * @param {State} state
 * @param {Card} card
 * @param {unknown} error
 */
function fail(state, card, error) {
  console.error(error);
  const { plot, drawn } = card;
  release(state, card);
  // Not again until it has something else to show.
  card.drawn = drawn;
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const said = el("p", "lb-failed", `This chart could not be drawn. ${name}: ${message}`);
  said.setAttribute("role", "alert");
  plot.replaceChildren(said);
  delete plot.dataset.drawn;
}

/**
 * Draw a chart if it is in view and differs from what it shows.
 * @param {State} state
 * @param {Card} card
 */
export function draw(state, card) {
  guarded(state, card, drawChart);
}

/**
 * @param {State} state
 * @param {Card} card
 */
function drawChart(state, card) {
  const { chart, plot } = card;
  const { data, look, plotly } = state;
  if (!chart.traces || !card.inView || !plotly) return;
  const large = isLarge(card);
  const big = large || Boolean(data.menu?.alone);
  const height = large ? largeHeight(card) : big ? data.tall : data.height;
  const mark = `${look.dark}|${height}|${card.text}`;
  if (card.drawn === mark) return;
  card.drawn = mark;
  if (!card.bound) plot.replaceChildren();
  const { traces, layout, named } = figure(chart, data.palette, look, height);
  card.named = named;
  layout.showlegend ||= big && (chart.keyed ?? chart.traces.length > 1);
  const window = chosenWindow(state, chart);
  if (!card.bound && window)
    Object.assign(layout.xaxis, { range: rangeOf(window, chart.x?.type), autorange: false });
  labelZoom(state, card);
  // Plotly keeps the room of a legend that is gone.
  if (!layout.showlegend && plot._fullLayout) plot._fullLayout._reservedMargin = {};
  Promise.resolve(plotly.react(plot, traces, layout, CONFIG)).then(
    () => (plot.dataset.drawn = "1"),
    (error) => fail(state, card, error),
  );
  if (!card.bound) bind(state, card);
  card.bound = true;
}

/**
 * Hear of what people do in a chart.
 * @param {State} state
 * @param {Card} card
 */
function bind(state, card) {
  const { plot } = card;
  plot.on("plotly_relayout", (event) => {
    const found = plot._fullLayout && windowOf(plot._fullLayout.xaxis.type, event);
    if (found !== undefined) zoomed(state, card, found);
  });
  plot.on("plotly_afterplot", () => {
    for (const node of plot.querySelectorAll(".xtick text, .ytick text")) {
      const text = plainTick(node.textContent ?? "");
      if (text !== node.textContent) node.textContent = text;
    }
  });
  plot.on("plotly_doubleclick", () => resetZoom(state, card));
  plot.on("plotly_click", (event) => {
    const id = event.points?.[0]?.customdata;
    if (typeof id === "string" && card.chart.clicks) goTo(`${card.chart.clicks}${encodeURIComponent(id)}`);
  });
}

/**
 * Charts far out of view give their memory back where there are many.
 * @param {State} state
 */
export function spare(state) {
  const drawn = [...state.cards.values()].filter((card) => card.bound);
  if (drawn.length > MANY_DRAWN) for (const card of drawn) if (!card.inView) release(state, card);
}

/**
 * @param {State} state
 * @param {Card} card
 */
export function release(state, card) {
  if (card.bound) state.plotly?.purge(card.plot);
  Object.assign(card, { bound: false, drawn: null, over: null });
}
