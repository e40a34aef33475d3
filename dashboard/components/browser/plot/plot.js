// A grid of charts. It tells Python which of them are in view and which window of them is looked at, so that Python
// computes these alone and sends more points of the window.

import { mount } from "../shared/mount.js";
import { library } from "../shared/plotly.js";
import { draw, guarded, release, spare } from "./drawing.js";
import { bindHover } from "./hover.js";
import { bindLarge, labelLarge } from "./large.js";
import { drawLegend } from "./legend.js";
import { bindLit } from "./lit.js";
import { lookOf } from "./look.js";
import { bindMenu, refreshMenu } from "./menu.js";
import { arrange, drawSections } from "./sections.js";
import { tellSeen } from "./seen.js";
import { newCard, newState } from "./state.js";
import { bindZoom, dropOldZoom } from "./zoom.js";
/** @import { Component } from "../shared/mount.js" */
/** @import { Chart, PlotData } from "./message.js" */
/** @import { Card, State } from "./state.js" */

/**
 * @param {HTMLElement} root
 * @param {PlotData} data
 */
function setup(root, data) {
  const state = newState(root, data);
  const cardOf = (/** @type {Element} */ node) =>
    [...state.cards.values()].find((card) => card.node === node || card.plot === node);
  const view = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const card = cardOf(target);
        if (!card) continue;
        card.inView = isIntersecting;
        draw(state, card);
      }
      spare(state);
      tellSeen(state);
    },
    { rootMargin: "300px" },
  );
  const size = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const card = cardOf(target);
      const width = Math.round(contentRect.width);
      if (!card?.bound || !width || card.width === width) continue;
      card.width = width;
      guarded(state, card, () => state.plotly?.relayout(card.plot, { width }));
    }
  });
  const room = new ResizeObserver(() => arrange(state));
  room.observe(root);
  state.watches = [view, size, room];
  state.watch = ({ node, plot }) => {
    view.observe(node);
    size.observe(plot);
  };
  state.unwatch = ({ node, plot }) => {
    view.unobserve(node);
    size.unobserve(plot);
  };
  root.prepend(state.legend);
  bindLit(state);
  return state;
}

/**
 * What a chart shows, after a message about it. One out of view comes without lines, and shows what it last had.
 * @param {Chart} before
 * @param {Chart} chart
 */
export function renewed(before, chart) {
  if (chart.traces || !before.traces) return chart;
  return { ...before, own: chart.own, pinned: chart.pinned, labels: chart.labels };
}

/**
 * @param {State} state
 * @param {Chart} chart
 */
function added(state, chart) {
  const card = newCard(chart);
  state.watch(card);
  bindHover(card);
  bindMenu(state, card);
  bindLarge(state, card);
  bindZoom(state, card);
  return card;
}

/**
 * @param {State} state
 * @param {Card} card
 * @param {Chart} chart
 */
function update(state, card, chart) {
  const { data, act } = state;
  const { node, title, note, plot, pin, more, menu } = card;
  card.fresh = Boolean(chart.traces);
  card.chart = renewed(card.chart, chart);
  card.text = JSON.stringify(card.chart);
  const { alt, hover } = card.chart;
  title.textContent = title.title = chart.title;
  note.textContent = note.title = card.chart.note;
  node.setAttribute("aria-label", alt);
  // Of single values all dots are one trace: there is nothing to tell apart.
  plot.classList.toggle("lb-lines", hover === "names");
  plot.setAttribute("aria-label", `${alt}; arrow keys tell values`);
  const alone = Boolean(data.menu?.alone);
  plot.style.minHeight = `${alone ? data.tall : data.height}px`;
  dropOldZoom(state, card);
  labelLarge(state, card);
  pin.hidden = !data.menu || alone;
  pin.setAttribute("aria-label", `${chart.pinned ? "Unpin" : "Pin"} ${chart.title}`);
  pin.setAttribute("aria-pressed", String(Boolean(chart.pinned)));
  pin.onclick = () => act({ kind: "pin", id: chart.id });
  more.hidden = !data.menu;
  more.setAttribute("aria-label", `Settings of ${chart.title}`);
  more.classList.toggle("lb-own", Boolean(chart.own?.any));
  menu.setAttribute("aria-label", `Settings of ${chart.title}`);
  if (data.menu) refreshMenu(state, card);
}

/**
 * @param {State} state
 * @param {Card} card
 */
function remove(state, card) {
  state.unwatch(card);
  card.ending.abort();
  release(state, card);
  card.node.remove();
}

/**
 * Cards of all charts, each in its section and in order.
 * @param {State} state
 */
function drawCards(state) {
  const { data, heads } = state;
  /** @type {Map<string, Card>} */
  const cards = new Map();
  /** @type {Map<string, number>} */
  const places = new Map();
  for (const chart of data.charts) {
    const card = state.cards.get(chart.id) ?? added(state, chart);
    guarded(state, card, () => update(state, card, chart));
    const section = data.sections.length ? (chart.section ?? "") : "";
    const grid = heads.get(section)?.grid;
    const at = places.get(section) ?? 0;
    places.set(section, at + 1);
    if (grid && grid.children[at] !== card.node) grid.insertBefore(card.node, grid.children[at] ?? null);
    cards.set(chart.id, card);
  }
  for (const [id, card] of state.cards) if (!cards.has(id)) remove(state, card);
  state.cards = cards;
}

/**
 * @param {State} state
 * @param {PlotData} data
 * @param {Component<PlotData>} component
 */
function drawAll(state, data, { setStateValue, setTriggerValue }) {
  state.data = data;
  state.tell = setStateValue;
  state.act = (done) => setTriggerValue("act", done);
  state.look = lookOf(state.root);
  drawLegend(state);
  const one = { id: "", title: "", folded: false, n: data.charts.length };
  const sections = data.sections.length ? data.sections : [one];
  const worth = sections.length > 1 || sections[0].n > 1 || sections[0].folded;
  drawSections(state, sections, Boolean(data.sections.length) && !data.menu?.alone && worth);
  drawCards(state);
  tellSeen(state);
  library(data.library).then(
    (plotly) => {
      state.plotly = plotly;
      for (const card of state.cards.values()) draw(state, card);
    },
    (error) => {
      for (const card of state.cards.values()) card.plot.textContent = error.message;
    },
  );
}

export default mount(".lb-plots", {
  setup,
  draw: drawAll,
  end(state) {
    for (const each of state.watches) each.disconnect();
    state.ending.abort();
    clearTimeout(state.looking);
    for (const card of state.cards.values()) {
      card.ending.abort();
      release(state, card);
    }
  },
});
