// The window on x that a chart shows: its own, and on demand that of all charts with the same axis.

import { alike, rangeOf } from "./windows.js";
/** @import { Chart } from "./message.js" */
/** @import { Card, State } from "./state.js" */
/** @import { Window } from "./windows.js" */

/**
 * Charts of single values have no x to zoom into; of those far below it is not known yet what they are.
 * @param {State} state
 * @param {Chart} chart
 */
const ranked = ({ data }, chart) => Boolean(data.menu) && chart.hover === "closest";

/**
 * @param {State} state
 * @param {Card} card
 */
const zoomable = (state, { chart: { axis } }) =>
  [...state.cards.values()].filter(({ chart }) => chart.axis === axis && !ranked(state, chart));

/**
 * The window that somebody chose for a chart, if it shows one.
 * @param {State} state
 * @param {Chart} chart
 */
export const chosenWindow = (state, chart) => (ranked(state, chart) ? undefined : state.ranges.get(chart.id)?.window);

/**
 * @param {State} state
 * @param {Card} card
 */
export function resetZoom(state, card) {
  if (!card.bound) {
    zoomed(state, card, null);
    return;
  }
  const range = card.chart.y?.range;
  const y = range ? { "yaxis.range": range } : { "yaxis.autorange": true };
  state.plotly?.relayout(card.plot, { "xaxis.autorange": true, ...y });
}

/**
 * @param {State} state
 * @param {Card} card
 * @param {Window} window
 */
function zoomTo(state, card, window) {
  if (card.bound) state.plotly?.relayout(card.plot, { "xaxis.range": rangeOf(window, card.chart.x?.type) });
  else zoomed(state, card, window);
}

/**
 * Remember the window of a chart, and tell Python once nobody moves it any more.
 * @param {State} state
 * @param {Card} card
 * @param {Window | null} window null for all of x
 */
export function zoomed(state, { chart }, window) {
  if (window) state.ranges.set(chart.id, { window, axis: chart.axis ?? "" });
  else state.ranges.delete(chart.id);
  for (const each of state.cards.values()) labelZoom(state, each);
  clearTimeout(state.telling);
  const told = () => [...state.ranges].map(([id, kept]) => [id, ...kept.window, kept.axis]);
  state.telling = setTimeout(() => state.tell("ranges", told()), 150);
}

/**
 * Forget the window of a chart whose x means something else now.
 * @param {State} state
 * @param {Card} card
 */
export function dropOldZoom(state, card) {
  const { id, axis } = card.chart;
  const kept = state.ranges.get(id);
  if (kept && axis !== undefined && kept.axis !== axis) zoomed(state, card, null);
}

/**
 * Whether all charts that can show this one's window do.
 * @param {State} state
 * @param {Card} card
 */
const allZoomed = (state, card) =>
  zoomable(state, card).every(({ chart }) =>
    alike(state.ranges.get(card.chart.id)?.window, state.ranges.get(chart.id)?.window),
  );

/**
 * @param {State} state
 * @param {Card} card
 */
export function labelZoom(state, card) {
  const { unzoom, zoomAll, chart } = card;
  unzoom.hidden = !state.ranges.has(chart.id);
  zoomAll.hidden = unzoom.hidden || !state.data.menu || ranked(state, chart) || zoomable(state, card).length < 2;
  if (zoomAll.hidden) return;
  const all = allZoomed(state, card);
  zoomAll.textContent = all ? "Reset all" : "Zoom all";
  zoomAll.title = all ? "Show all of x in every chart" : "Show this part of x in every chart";
}

/**
 * @param {State} state
 * @param {Card} card
 */
export function bindZoom(state, card) {
  card.unzoom.onclick = () => resetZoom(state, card);
  card.zoomAll.onclick = () => {
    const window = allZoomed(state, card) ? undefined : state.ranges.get(card.chart.id)?.window;
    for (const each of zoomable(state, card)) {
      if (!window) resetZoom(state, each);
      else if (each !== card) zoomTo(state, each, window);
    }
  };
}
