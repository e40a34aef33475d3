// The heads of a table's columns: names that sort, runs that lead to their pages, the baseline, menus.

import { button, el, focusIn } from "../shared/dom.js";
import { swatch } from "../shared/swatch.js";
import { columnTools } from "./column_menu.js";
import { layOut } from "./pinning.js";
/** @import { Column, TableData } from "./message.js" */
/** @import { State } from "./state.js" */

/** A name that may go on in the next line behind its marks, not within a word. */
function breakable(/** @type {string} */ text) {
  const span = el("span");
  text.split(/(?<=[-_/.])/).forEach((piece, i) => span.append(...(i ? [el("wbr")] : []), piece));
  return span;
}

/** @param {Column} column */
function label(column) {
  const node = el("span", "label");
  if (column.over) node.appendChild(el("span", "over", column.over));
  node.appendChild(column.kind === "score" ? breakable(column.label) : el("span", "", column.label));
  return node;
}

/**
 * @param {Column} column
 * @param {TableData["sort"]} sort
 */
function sorting(column, sort) {
  const on = sort?.by === column.id ? sort : null;
  const node = button("sort");
  node.dataset.sort = column.id;
  node.append(label(column), el("span", "arrow", on ? (on.descending ? "↓" : "↑") : ""));
  return { node, aria: on ? (on.descending ? "descending" : "ascending") : "none" };
}

/**
 * What the head of a run's column holds.
 * @param {State} state
 * @param {Column} column
 */
function run(state, column) {
  const box = el("div", "run");
  if (column.mark) box.appendChild(swatch(column.mark, state.look.palette, state.look.dark));
  const link = el("a", "name", column.label);
  link.href = column.href ?? "";
  link.dataset.go = "";
  link.title = column.title || column.label;
  box.appendChild(link);
  const out = [box];
  if (column.below) {
    const below = el("div", "below", column.below);
    below.title = column.below;
    out.push(below);
  }
  return out;
}

/** @param {Column} column */
function baseline(column) {
  const text = column.base ? "baseline" : "set as baseline";
  const node = button("choose", text, `${column.base ? "Baseline" : "Set as baseline"}: ${column.label}`);
  node.dataset.base = column.id;
  node.setAttribute("aria-pressed", String(column.base));
  return node;
}

/**
 * @param {State} state
 * @param {Column} column
 */
function head(state, column) {
  const th = el("th", `k-${column.kind}`);
  th.dataset.column = column.id;
  th.scope = "col";
  th.classList.toggle("pinned", column.pinned);
  th.classList.toggle("wide", column.wide);
  th.classList.toggle("base", Boolean(column.base));
  if (column.href) th.append(...run(state, column));
  else {
    if (column.title) th.title = column.title;
    if (column.sortable) {
      const { node, aria } = sorting(column, state.data.sort);
      th.setAttribute("aria-sort", aria);
      th.appendChild(node);
    } else th.appendChild(label(column));
  }
  if (column.base !== undefined) th.appendChild(baseline(column));
  if (column.menu) th.append(...columnTools(state, column, th, () => layOut(state)));
  return th;
}

/** The box that selects all rows. */
function pickAll() {
  const th = el("th", "pick");
  th.scope = "col";
  const all = el("input");
  all.type = "checkbox";
  all.dataset.all = "1";
  all.setAttribute("aria-label", "Select all runs on this page");
  th.appendChild(all);
  return th;
}

/** @param {State} state */
export function drawHeads(state) {
  const { data, thead } = state;
  const row = el("tr");
  if (data.selectable) row.appendChild(pickAll());
  if (data.corner !== null) {
    const corner = el("th", "corner", data.corner);
    corner.scope = "col";
    row.appendChild(corner);
  }
  row.append(...data.columns.map((column) => head(state, column)));
  // Whoever sorts with the keyboard stays where they are.
  const focused = focusIn(thead);
  const kept = focused instanceof HTMLElement && thead.contains(focused) ? focused.dataset : {};
  thead.replaceChildren(row);
  const all = /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll("button, input"));
  const same = (/** @type {HTMLElement} */ each) =>
    ["sort", "menu", "base", "all"].some((name) => kept[name] !== undefined && each.dataset[name] === kept[name]);
  [...all].find(same)?.focus({ preventScroll: true });
}
