// What lies under the pointer, or under the arrow keys: the nearest lines by name, their values at that place.

import { moment } from "../shared/ages.js";
import { el } from "../shared/dom.js";
import { numberText } from "../shared/numbers.js";
import { tellStep } from "../shared/step.js";
import { onAxis } from "./axes.js";
import { sayLit } from "./lit.js";
import { linesAt } from "./nearest.js";
import { isLarge } from "./state.js";
/** @import { Chart } from "./message.js" */
/** @import { Near } from "./nearest.js" */
/** @import { FullLayout } from "../shared/plotly.js" */
/** @import { Card } from "./state.js" */

const MOST = 8;
const MOST_LARGE = 24;
const DIGITS = 5;
const STEP = "step";
/** The title of an axis of steps; metrics on x have their own names. */

/**
 * A place on x in words.
 * @param {number} value
 * @param {Pick<Chart, "x">} chart
 */
export function placeText(value, { x }) {
  if (x?.type === "date") return moment(value).slice(0, 19).replace("T", " ");
  return `${x?.title || "x"} ${numberText(value, DIGITS)}`;
}

/**
 * Lines as rows of name, x and value, for a spreadsheet or a message.
 * @param {Pick<Near, "line" | "x" | "y">[]} lines
 */
export function rowsOf(lines) {
  return lines.map(({ line, x, y }) => [line.label, x, Number(y.toPrecision(DIGITS))].join("\t")).join("\n");
}

/** @param {Card} card */
function parts(card) {
  if (card.over) return card.over;
  const made = { rule: el("div", "lb-rule"), dots: el("div", "lb-dots"), tip: el("div", "lb-tip") };
  for (const node of Object.values(made)) node.hidden = true;
  made.tip.setAttribute("role", "status");
  card.plot.append(made.rule, made.dots, made.tip);
  card.over = made;
  return made;
}

/** @param {Card} card */
export function hideHover(card) {
  if (card.over) for (const node of Object.values(card.over)) node.hidden = true;
  if (card.told !== null) sayLit("");
  card.told = null;
}

/**
 * @param {Near} near
 * @param {boolean} marked whether it is the nearest of several
 */
function tipRow({ line, y, at }, marked) {
  const row = el("div", marked ? "lb-tip-row lb-near" : "lb-tip-row");
  const swatch = el("i");
  swatch.style.borderTop = `3px ${line.dash && line.dash !== "solid" ? "dashed" : "solid"} ${line.colour}`;
  row.append(swatch, el("span", "", line.label), el("b", "", numberText(y, DIGITS)));
  if (line.low && line.high && line.n) {
    const [low, high] = [line.low[at], line.high[at]].map((edge) => numberText(edge, DIGITS));
    row.append(el("em", "", Number.isFinite(line.low[at]) ? `${low} to ${high}, n ${line.n[at]}` : `n ${line.n[at]}`));
  }
  return row;
}

/**
 * @param {Card} card
 * @param {FullLayout} full
 * @param {number} px
 * @param {number} py
 */
function near(card, { xaxis, yaxis }, px, py) {
  const plain = xaxis.p2l(px);
  const v = xaxis.type === "log" ? 10 ** plain : plain;
  const hidden = new Set((card.plot._fullData ?? []).filter((t) => t.visible === "legendonly").map((t) => t.uid));
  const shown = card.named.filter((line) => !hidden.has(line.uid));
  return linesAt(shown, { x: px, y: py }, v, (x, y) => [
    xaxis.l2p(onAxis(x, xaxis.type)),
    yaxis.l2p(onAxis(y, yaxis.type)),
  ]);
}

/**
 * @param {Card} card
 * @param {number} px
 * @param {number} py
 */
function showHover(card, px, py) {
  const full = card.plot._fullLayout;
  if (!full?.xaxis || !card.named.length) return;
  const { xaxis, yaxis } = full;
  const out = px < 0 || px > xaxis._length || py < -4 || py > yaxis._length + 4;
  const every = out ? [] : near(card, full, px, py);
  if (!every.length) {
    hideHover(card);
    return;
  }
  const { rule, dots, tip } = parts(card);
  // The place that is told is that of the nearest line; others are told at their point nearest to it.
  const place = every[0];
  const few = every.slice(0, isLarge(card) ? MOST_LARGE : MOST).sort((a, b) => a.top - b.top);
  const head = el("div", "lb-tip-head", placeText(place.x, card.chart));
  if (isLarge(card)) head.append(el("em", "", "Ctrl+C copies"));
  card.told = rowsOf([...every].sort((a, b) => a.top - b.top));
  if (card.chart.x?.title === STEP) tellStep(place.x);
  sayLit(every.length > 1 ? place.line.run : "", card.plot);
  const rows = few.map((each) => tipRow(each, each === place && every.length > 1));
  const rest = every.length - few.length;
  tip.replaceChildren(head, ...rows, ...(rest ? [el("div", "lb-tip-rest", `and ${rest} further away`)] : []));
  dots.replaceChildren(
    ...few.map((each) => {
      const dot = el("i", each === place ? "lb-near" : "");
      const [x, y] = [each.left + xaxis._offset, each.top + yaxis._offset];
      dot.style.cssText = `left:${x}px;top:${y}px;background:${each.line.colour}`;
      return dot;
    }),
  );
  rule.style.cssText = `left:${place.left + xaxis._offset}px;top:${yaxis._offset}px;height:${yaxis._length}px`;
  for (const node of [rule, dots, tip]) node.hidden = false;
  const left = px + xaxis._offset;
  // It may reach beyond its chart, not beyond the window.
  const from = card.plot.getBoundingClientRect().left;
  const flip = from + left + 24 + tip.offsetWidth > document.documentElement.clientWidth;
  tip.style.left = `${flip ? Math.max(8 - from, left - 16 - tip.offsetWidth) : left + 16}px`;
  tip.style.top = `${Math.max(-8, py + yaxis._offset - tip.offsetHeight / 2)}px`;
}

/**
 * Copy what is told under the pointer, of all lines.
 * @param {Card} card
 * @param {ClipboardEvent} event
 */
function copyTold({ told, chart, over }, event) {
  const inField = event.target instanceof Element && event.target.closest("input, textarea");
  if (told === null || !event.clipboardData || String(getSelection() ?? "") || inField) return;
  event.clipboardData.setData("text/plain", `run\t${chart.x?.title || "x"}\t${chart.title}\n${told}\n`);
  event.preventDefault();
  over?.tip.append(el("div", "lb-tip-rest", "Copied."));
}

/** @param {Card} card */
export function bindHover(card) {
  const { plot, ending } = card;
  const { signal } = ending;
  document.addEventListener("copy", (event) => copyTold(card, event), { signal });
  let frame = 0;
  let pressed = false;
  plot.addEventListener("pointermove", (event) => {
    const full = plot._fullLayout;
    if (card.chart.hover !== "names" || pressed || !full?.xaxis) return;
    const box = plot.getBoundingClientRect();
    const px = event.clientX - box.left - full.xaxis._offset;
    const py = event.clientY - box.top - full.yaxis._offset;
    card.cursor = px;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => showHover(card, px, py));
  });
  plot.addEventListener("pointerdown", () => {
    pressed = true;
    cancelAnimationFrame(frame);
    hideHover(card);
  });
  addEventListener("pointerup", () => (pressed = false), { signal });
  for (const leaving of ["pointerleave", "blur"])
    plot.addEventListener(leaving, () => {
      cancelAnimationFrame(frame);
      card.cursor = undefined;
      hideHover(card);
    });
  plot.addEventListener("keydown", (event) => {
    const full = plot._fullLayout;
    if (card.chart.hover !== "names" || event.target !== plot || !full?.xaxis) return;
    if (event.key === "Escape") hideHover(card);
    const way = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (!way) return;
    event.preventDefault();
    const { _length: width } = full.xaxis;
    const from = card.cursor ?? (way > 0 ? 0 : width);
    card.cursor = Math.min(width, Math.max(0, from + (way * width) / (event.shiftKey ? 10 : 50)));
    showHover(card, card.cursor, full.yaxis._length / 2);
  });
}
