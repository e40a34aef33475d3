// Arrow keys go from row to row within a column; with shift they take the rows on the way along.

import { showSelected } from "./body.js";
/** @import { State } from "./state.js" */

const STEPS = new Map([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
]);
const HELD = "input, a, button";

/**
 * @param {State} state
 * @param {KeyboardEvent} event
 */
export function walk(state, event) {
  const step = STEPS.get(event.key);
  const target = event.target instanceof Element ? event.target : null;
  const from = /** @type {HTMLElement | null | undefined} */ (target?.closest(HELD));
  const cell = target?.closest("td, th");
  if (!step || !from || !cell?.parentElement) return;
  const place = [...cell.parentElement.children].indexOf(cell);
  const held = (/** @type {Element} */ tr) => /** @type {HTMLElement | null} */ (tr.children[place]?.querySelector(HELD));
  const next = (/** @type {Element} */ tr) =>
    /** @type {HTMLElement | null} */ (step > 0 ? tr.nextElementSibling : tr.previousElementSibling);
  let tr = next(cell.parentElement);
  while (tr && (tr.hidden || !held(tr))) tr = next(tr);
  if (!tr) return;
  event.preventDefault();
  held(tr)?.focus();
  const { id } = tr.dataset;
  if (!event.shiftKey || from.dataset.pick === undefined || id === undefined) return;
  state.selected[state.selected.has(from.dataset.pick) ? "add" : "delete"](id);
  state.anchor = id;
  showSelected(state);
  state.tell();
}
