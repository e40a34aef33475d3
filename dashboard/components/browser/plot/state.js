// What a grid of charts keeps between drawings.

import { button, el } from "../shared/dom.js";
import { icon } from "./icons.js";
import { lookOf } from "./look.js";
/** @import { Named } from "./figure.js" */
/** @import { Chart, PlotData, Section } from "./message.js" */
/** @import { Plot, Plotly } from "../shared/plotly.js" */
/** @import { Window } from "./windows.js" */

/** @typedef {ReturnType<typeof newState>} State */
/** @typedef {ReturnType<typeof newCard>} Card */

/** @typedef {{node: HTMLElement, title: HTMLElement, fold: HTMLButtonElement, grid: HTMLElement}} Head of a section */

/**
 * @param {HTMLElement} root
 * @param {PlotData} data
 */
export function newState(root, data) {
  return {
    root,
    data,
    look: lookOf(root),
    /** @type {Plotly | null} */ plotly: null,
    /** @type {Map<string, Card>} By chart. */ cards: new Map(),
    /** @type {Map<string, Head>} */ heads: new Map(),
    /** @type {Section[]} */ sections: [],
    legend: el("div", "lb-legend"),
    lit: el("style"),
    /** @type {Map<string, {window: Window, axis: string}>} By chart; what Python remembers of an earlier visit. */
    ranges: new Map(data.ranges.map(([id, from, to, axis]) => [id, { window: [from, to], axis }])),
    /** @type {string | undefined} The charts that Python was told to be in view. */ seen: undefined,
    /** @type {ReturnType<typeof setTimeout> | undefined} */ looking: undefined,
    /** @type {ReturnType<typeof setTimeout> | undefined} */ telling: undefined,
    ending: new AbortController(),
    /** @type {{disconnect(): void}[]} */ watches: [],
    watch: (/** @type {Card} */ _card) => {},
    unwatch: (/** @type {Card} */ _card) => {},
    tell: (/** @type {string} */ _name, /** @type {unknown} */ _value) => {},
    act: (/** @type {Record<string, unknown>} */ _done) => {},
  };
}

/**
 * The elements of a chart, without what it shows.
 * @param {Chart} chart
 */
export function newCard(chart) {
  const node = el("figure", "lb-card");
  node.dataset.chart = chart.id;
  const before = button("lb-step", "", "Previous chart");
  before.append(icon("before"));
  before.title = "Previous chart (Page Up)";
  const after = button("lb-step", "", "Next chart");
  after.append(icon("after"));
  after.title = "Next chart (Page Down)";
  const [zoomAll, unzoom] = [button("lb-zoomall"), button("lb-unzoom", "Reset zoom")];
  zoomAll.hidden = unzoom.hidden = true;
  const pin = button("lb-pin");
  pin.append(icon("pin"));
  pin.title = "Pin to the top";
  const wide = button("lb-wide");
  const more = button("lb-more");
  more.append(icon("menu"));
  more.title = "Settings and downloads";
  more.setAttribute("aria-haspopup", "dialog");
  more.setAttribute("aria-expanded", "false");
  const [title, note, words, tools] = [el("h3"), el("span", "lb-note"), el("div"), el("span", "lb-tools")];
  // Beside the title where there is room, else below it.
  const zooms = el("span", "lb-tools lb-zooms");
  zooms.append(zoomAll, unzoom);
  words.append(title, note, zooms);
  tools.append(before, after, pin, wide, more);
  const head = el("figcaption");
  head.append(words, tools);
  const menu = el("div", "lb-menu");
  menu.setAttribute("role", "dialog");
  menu.hidden = true;
  const plot = /** @type {Plot} */ (/** @type {unknown} */ (el("div", "lb-plot")));
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  node.append(head, menu, plot);
  return {
    ...{ chart, node, head, title, note, before, after, zoomAll, unzoom, wide, pin, more, menu, plot },
    ending: new AbortController(),
    text: "",
    /** What the menu was filled for. */
    filled: "",
    width: 0,
    inView: false,
    /** Whether its points came with the last message. */
    fresh: false,
    /** @type {string | null} What it was drawn for. */ drawn: null,
    /** Whether Plotly has drawn into it. */
    bound: false,
    /** @type {Named[]} */ named: [],
    /** @type {{rule: HTMLElement, dots: HTMLElement, tip: HTMLElement} | null} */ over: null,
    /** @type {string | null} What the pointer tells, for copying. */ told: null,
    /** @type {number | undefined} Where arrow keys stand, in pixels. */ cursor: undefined,
  };
}

/** Whether a chart fills the window. */
export const isLarge = (/** @type {Card} */ card) => card.node.classList.contains("lb-big");
