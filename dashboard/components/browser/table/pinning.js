// Columns that stay at the left while the others scroll, and a shade where there are more at the right.

import { stays, widthRules } from "./widths.js";
import { lead } from "./state.js";
/** @import { State } from "./state.js" */

/**
 * Pinned columns stand side by side, each where the widths before it end. Where they would leave too little room for
 * the others, as on a small screen, only the first column stays.
 * @param {State} state
 */
function pin({ thead, table, frame }) {
  const heads = /** @type {HTMLElement[]} */ ([...thead.querySelectorAll("th.pick, th.k-run, th.pinned")]);
  const pinned = heads.filter((th) => th.classList.contains("pinned"));
  const places = stays(
    heads.map((th) => th.offsetWidth),
    frame.clientWidth,
  );
  table.classList.toggle("pins", places !== null && pinned.length > 0);
  for (const th of pinned) {
    const at = [...(th.parentNode?.children ?? [])].indexOf(th);
    const cells = /** @type {NodeListOf<HTMLElement>} */ (table.querySelectorAll(`tr > :nth-child(${at + 1})`));
    for (const cell of cells) {
      cell.style.left = places ? `${places[heads.indexOf(th)]}px` : "";
      cell.classList.toggle("last", th === pinned.at(-1));
    }
  }
}

/**
 * A shade at the right tells that there are more columns.
 * @param {State} state
 */
export function edge({ root, frame }) {
  root.classList.toggle("beyond", frame.scrollWidth - frame.clientWidth - frame.scrollLeft > 2);
}

/**
 * All that hangs on how wide the table and its columns are.
 * @param {State} state
 */
export function layOut(state) {
  const { data, widths } = state;
  const rules = widthRules(data.columns.map((column) => widths.get(column.id)), lead(data));
  if (state.sizes.textContent !== rules) state.sizes.textContent = rules;
  pin(state);
  edge(state);
}
