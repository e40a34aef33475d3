// The rows of a table. They are kept between refreshes and only cells that changed are touched, so nothing jumps or loses
// focus.

import { button, el } from "../shared/dom.js";
import { fill } from "./cells.js";
import { unfolded } from "./folds.js";
import { boxOfAll } from "./selection.js";
import { pickable } from "./state.js";
/** @import { Cell, Field, Row } from "./message.js" */
/** @import { Kept, State } from "./state.js" */

const FRESH = ["number", "score"];

/**
 * @param {State} state
 * @param {Row} row
 * @returns {Kept}
 */
function added({ data }, row) {
  const tr = el("tr");
  tr.dataset.id = row.id;
  /** @type {Kept} */
  const kept = { row, tr, cells: [], was: [], text: "" };
  if (!row.field) {
    // Charts on the page let the run under the pointer stand out.
    const light = (/** @type {string} */ id) => dispatchEvent(new CustomEvent("lb-lit-run", { detail: { id } }));
    tr.onpointerenter = () => light(row.id);
    tr.onpointerleave = () => light("");
  }
  if (!data.selectable) return kept;
  const td = el("td", "pick");
  tr.appendChild(td);
  if (row.tint !== "group") {
    kept.box = el("input");
    kept.box.type = "checkbox";
    kept.box.dataset.pick = row.id;
    td.appendChild(kept.box);
  }
  return kept;
}

/**
 * The head of a row of a field's values, or of a group of fields.
 * @param {string} id
 * @param {Field} field
 * @param {number} columns
 */
function fieldHead(id, field, columns) {
  const th = el("th", "thing");
  th.scope = field.group ? "rowgroup" : "row";
  th.style.paddingLeft = `${10 + 14 * (field.depth ?? 0)}px`;
  const note = field.note ? [el("span", "note", field.note)] : [];
  if (!field.group) {
    const name = el("span", "what", field.name);
    if (field.title) name.title = field.title;
    th.append(name, ...note);
    return th;
  }
  th.colSpan = 1 + columns;
  const fold = button("fold");
  fold.dataset.fold = id;
  fold.append(el("span", "arrow", "▾"), el("span", "", field.name), ...note);
  th.append(fold);
  return th;
}

/** @param {Cell} cell */
const textOf = (cell) => (cell !== null && typeof cell === "object" ? cell.text : (cell ?? ""));

/**
 * Everything of a row that differs from what it shows.
 * @param {State} state
 * @param {Kept} kept
 * @param {Row} row
 */
function update({ data, look }, kept, row) {
  const { tr } = kept;
  kept.row = row;
  kept.box?.setAttribute("aria-label", `Select ${row.label || row.id}`);
  if (row.field) {
    const told = JSON.stringify(row.field);
    if (told !== kept.was[data.columns.length]) {
      const th = fieldHead(row.id, row.field, data.columns.length);
      if (kept.field) kept.field.replaceWith(th);
      else tr.appendChild(th);
      kept.field = th;
      kept.was[data.columns.length] = told;
    }
    if (row.field.group) return;
    kept.text = [row.field.find ?? row.field.name, ...row.cells.map(textOf)].join(" ").toLowerCase();
  }
  data.columns.forEach((column, i) => {
    let td = kept.cells[i];
    if (!td) {
      td = kept.cells[i] = el("td");
      tr.appendChild(td);
    }
    const told = JSON.stringify(row.cells[i] ?? null);
    if (told === kept.was[i]) return;
    const changed = kept.was[i] !== undefined && FRESH.includes(column.kind);
    fill(td, column, row.cells[i], look);
    if (changed) td.classList.add("fresh");
    kept.was[i] = told;
  });
}

/** @param {State} state */
export function drawRows(state) {
  const { data, tbody } = state;
  /** @type {Map<string, Kept>} */
  const rows = new Map();
  let place = tbody.firstChild;
  for (const row of data.rows) {
    const kept = state.rows.get(row.id) ?? added(state, row);
    kept.tr.className = row.tint ? `row-${row.tint}` : "";
    update(state, kept, row);
    if (kept.tr !== place) tbody.insertBefore(kept.tr, place);
    else place = place.nextSibling;
    rows.set(row.id, kept);
  }
  for (const [id, kept] of state.rows) if (!rows.has(id)) kept.tr.remove();
  state.rows = rows;
}

/**
 * What is selected, in the boxes and rows.
 * @param {State} state
 */
export function showSelected({ data, thead, rows, selected }) {
  const all = /** @type {HTMLInputElement | null} */ (thead.querySelector("[data-all]"));
  if (!all) return;
  Object.assign(all, boxOfAll(pickable(data), selected));
  for (const [id, { tr, box }] of rows) {
    if (!box) continue;
    box.checked = selected.has(id);
    tr.classList.toggle("on", box.checked);
  }
}

/**
 * The rows that match the search and are not folded away.
 * @param {State} state
 */
export function showUnfolded(state) {
  const { data, rows, find, empty } = state;
  const lines = [...rows].map(([id, { row, text }]) => ({
    id,
    parent: row.field?.parent ?? "",
    group: Boolean(row.field?.group),
    text,
  }));
  const { seen, open, found } = unfolded(lines, state.folded, find.value);
  for (const [id, { tr, field }] of rows) {
    tr.hidden = !seen.has(id);
    field?.querySelector(".fold")?.setAttribute("aria-expanded", String(open.has(id)));
  }
  const none = find.value.trim() !== "" && !found;
  empty.hidden = rows.size > 0 && !none;
  empty.textContent = none ? "Nothing matches." : data.empty;
}
