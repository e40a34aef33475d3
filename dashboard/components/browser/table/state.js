// What a table keeps between drawings.

import { el } from "../shared/dom.js";
/** @import { Row, TableData } from "./message.js" */

/**
 * A row as it stands on the page.
 * @typedef {object} Kept
 * @property {Row} row
 * @property {HTMLTableRowElement} tr
 * @property {HTMLElement} [field] its head
 * @property {HTMLInputElement} [box] that selects it
 * @property {HTMLElement[]} cells
 * @property {string[]} was by cell, what it shows; the last is of the head
 * @property {string} text what a search looks at
 */

/** @typedef {ReturnType<typeof newState>} State */

/**
 * @param {HTMLElement} root
 * @param {TableData} data
 */
export function newState(root, data) {
  const state = {
    root,
    data,
    find: el("input", "find"),
    frame: el("div", "frame"),
    table: el("table"),
    caption: el("caption"),
    thead: el("thead"),
    tbody: el("tbody"),
    empty: el("p", "empty"),
    sizes: el("style"),
    /** @type {HTMLElement | null} */ menu: null,
    look: { palette: data.palette, dark: false },
    /** @type {Map<string, Kept>} */ rows: new Map(),
    shape: "",
    /** @type {Set<string>} */ selected: new Set(),
    /** @type {number | null} */ revision: null,
    /** @type {string | null} The row that was selected last. */ anchor: null,
    /** @type {Set<string>} */ folded: new Set(),
    /** @type {Map<string, number>} Widths of columns that somebody has drawn. */ widths: new Map(),
    /** @type {ResizeObserver | null} */ watch: null,
    /** @type {ReturnType<typeof setInterval> | undefined} */ clock: undefined,
    act: (/** @type {Record<string, unknown>} */ _what) => {},
    tell: () => {},
  };
  const { frame } = state;
  state.find.type = "search";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  state.table.append(state.caption, state.thead, state.tbody);
  frame.append(state.table, state.empty);
  root.replaceChildren(state.sizes, state.find, frame);
  return state;
}

/** How many cells of a row stand before those of the columns. */
export const lead = (/** @type {TableData} */ data) => (data.selectable ? 1 : 0) + (data.corner === null ? 0 : 1);

/** The rows that can be selected, by id. */
export const pickable = (/** @type {TableData} */ data) =>
  data.rows.filter((row) => row.tint !== "group").map((row) => row.id);
