// One chart over the whole window, without leaving the page: what stands in it, its menu and its zoom stay. Page Up and
// Page Down, or the arrows beside its title, go through the charts; Escape or a click beside it leads back.

import { draw } from "./drawing.js";
import { hideHover } from "./hover.js";
import { icon } from "./icons.js";
import { menuClosedBy } from "./menu.js";
import { isLarge } from "./state.js";
/** @import { Card, State } from "./state.js" */

/**
 * @param {State} state
 * @param {Card} card
 */
function enlarge(state, card) {
  const before = [...state.cards.values()].find(isLarge);
  if (before) shrink(state, before);
  card.node.classList.add("lb-big");
  // The top layer: nothing of the page can lie above it, and the chart keeps its place in the document.
  card.node.popover = "manual";
  card.node.showPopover();
  labelLarge(state, card);
  draw(state, card);
  card.plot.focus({ preventScroll: true });
}

/**
 * @param {State} state
 * @param {Card} card
 */
function shrink(state, card) {
  const inside = card.node.contains(document.activeElement);
  card.node.classList.remove("lb-big");
  if (card.node.matches(":popover-open")) card.node.hidePopover();
  card.node.removeAttribute("popover");
  labelLarge(state, card);
  hideHover(card);
  draw(state, card);
  if (inside) card.wide.focus({ preventScroll: true });
}

/**
 * @param {State} state
 * @param {Card} card
 */
export function labelLarge(state, card) {
  const large = isLarge(card);
  card.wide.replaceChildren(icon(large ? "close" : "large"));
  card.wide.setAttribute("aria-label", `${large ? "Shrink" : "Enlarge"} ${card.chart.title}`);
  card.wide.title = large ? "Back to all charts (Escape)" : "Enlarge";
  card.before.hidden = card.after.hidden = !large || state.cards.size < 2;
}

/**
 * @param {State} state
 * @param {Card} card
 * @param {number} by
 */
function stepLarge(state, card, by) {
  const every = [...state.cards.values()].filter((each) => !each.node.closest("[hidden]"));
  const next = every[(every.indexOf(card) + by + every.length) % every.length];
  if (!next || next === card) return;
  shrink(state, card);
  // Those that are far below are computed when they come into view.
  next.node.scrollIntoView({ block: "nearest" });
  enlarge(state, next);
}

/**
 * @param {State} state
 * @param {Card} card
 * @param {KeyboardEvent} event
 */
function pressed(state, card, event) {
  if (!isLarge(card) || event.defaultPrevented) return;
  const by = event.key === "PageUp" ? -1 : event.key === "PageDown" ? 1 : 0;
  if (by) {
    event.preventDefault();
    stepLarge(state, card, by);
  } else if (event.key === "Escape" && card.menu.hidden && !menuClosedBy(event)) shrink(state, card);
}

/**
 * @param {State} state
 * @param {Card} card
 */
export function bindLarge(state, card) {
  const { signal } = card.ending;
  const { node } = card;
  card.wide.onclick = () => (isLarge(card) ? shrink : enlarge)(state, card);
  card.before.onclick = () => stepLarge(state, card, -1);
  card.after.onclick = () => stepLarge(state, card, 1);
  addEventListener("keydown", (event) => pressed(state, card, event), { signal });
  addEventListener(
    "pointerdown",
    (event) => {
      // A click on what dims the page hits the chart's own element, outside of its box.
      if (!isLarge(card) || event.target !== node) return;
      const { left, right, top, bottom } = node.getBoundingClientRect();
      const { clientX: x, clientY: y } = event;
      if (x < left || x > right || y < top || y > bottom) shrink(state, card);
    },
    { signal },
  );
  addEventListener("resize", () => isLarge(card) && draw(state, card), { signal });
}
