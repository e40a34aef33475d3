// The menu of a cell: what it copies is what the cell says in full; what narrows the table, Python decides.

import { el } from "../shared/dom.js";
import { wholeText } from "./copied.js";
import { popup } from "./popup.js";
import { lead } from "./state.js";
/** @import { Item } from "./popup.js" */
/** @import { State } from "./state.js" */

/**
 * Pages that are not served encrypted have no clipboard of their own; there the old way still works.
 * @param {HTMLElement} root
 * @param {string} text
 */
async function copy(root, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = el("textarea", "", text);
    field.style.position = "fixed";
    field.style.opacity = "0";
    root.appendChild(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

/**
 * @param {State} state
 * @param {MouseEvent} event
 */
export function cellMenu(state, event) {
  const { data, root, act } = state;
  if (data.corner === null && !data.columns.some((column) => column.menu)) return;
  const target = event.target instanceof Element ? event.target : null;
  const td = target?.closest("tbody td, tbody th");
  const tr = /** @type {HTMLElement | null | undefined} */ (td?.parentElement);
  const row = data.rows.find((each) => each.id === tr?.dataset.id);
  if (!td || !tr || !row || row.field?.group || target?.closest("a")) return;
  const at = [...tr.children].indexOf(td) - lead(data);
  const column = at >= 0 ? data.columns[at] : undefined;
  const cell = row.cells[at] ?? null;
  /** @type {Item[]} */
  const items = [];
  const text = column ? wholeText(column, cell, row) : "";
  const cut = cell !== null && typeof cell === "object" && cell.cut;
  if (text) items.push([cut ? "Copy the beginning" : "Copy value", () => copy(root, text)]);
  if (row.label && row.tint !== "group") items.push(["Copy name", () => copy(root, row.label)]);
  if (row.tint !== "group" && !row.field) items.push(["Copy run id", () => copy(root, row.id.split("@")[0])]);
  if (column?.narrows && row.tint !== "group") {
    const narrow = (/** @type {string} */ kind) => () => act({ kind, by: column.id, id: row.id });
    items.push([cell === null ? "Only runs without a value" : "Only runs with this value", narrow("only")]);
    items.push([cell === null ? "Only runs with a value" : "Leave out runs with this value", narrow("without")]);
  }
  if (!items.length) return;
  event.preventDefault();
  const box = td.getBoundingClientRect();
  // A key has no place of its own.
  const spot = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : { x: box.left, y: box.bottom };
  popup(state, spot, items, `${row.label || row.id}${column ? `, ${column.label}` : ""}`);
}
