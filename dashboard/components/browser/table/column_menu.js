// The menu of a column's head, and its right edge, which draws it wider. What a menu does, Python decides.

import { button, el } from "../shared/dom.js";
import { popup } from "./popup.js";
import { within } from "./widths.js";
/** @import { Column } from "./message.js" */
/** @import { Item } from "./popup.js" */
/** @import { State } from "./state.js" */

const STEP = 40;

/**
 * @param {State} state
 * @param {Column} column
 * @param {HTMLElement} th
 * @param {HTMLElement} opener
 */
function open(state, column, th, opener) {
  const { act } = state;
  const width = (/** @type {number} */ to) => act({ kind: "width", by: column.id, to });
  /** @type {Item[]} */
  const items = [
    ...(column.menu ?? []).map(([kind, text]) => /** @type {Item} */ ([text, () => act({ kind, by: column.id })])),
    ["Wider", () => width(within(th.offsetWidth + STEP))],
    ["Narrower", () => width(within(th.offsetWidth - STEP))],
  ];
  if (column.width) items.push(["Usual width", () => width(0)]);
  const box = opener.getBoundingClientRect();
  popup(state, { x: box.left, y: box.bottom + 3 }, items, `Column ${column.label}`);
}

/**
 * The right edge of a head: dragging it draws the column wider, a double click gives it its usual width.
 * @param {State} state
 * @param {Column} column
 * @param {HTMLElement} th
 * @param {() => void} moved
 */
function grip(state, column, th, moved) {
  const tell = (/** @type {number} */ to) => state.act({ kind: "width", by: column.id, to });
  const edge = el("span", "grip");
  edge.setAttribute("aria-hidden", "true");
  edge.onpointerdown = (event) => {
    if (event.button) return;
    event.preventDefault();
    edge.setPointerCapture(event.pointerId);
    const [from, width] = [event.clientX, th.offsetWidth];
    let to = 0;
    edge.classList.add("on");
    edge.onpointermove = (move) => {
      to = within(width + move.clientX - from);
      state.widths.set(column.id, to);
      moved();
    };
    edge.onpointerup = edge.onpointercancel = () => {
      edge.onpointermove = edge.onpointerup = edge.onpointercancel = null;
      edge.classList.remove("on");
      if (to) tell(to);
    };
  };
  edge.ondblclick = () => tell(0);
  return edge;
}

/**
 * What stands in the head of a column that has a menu.
 * @param {State} state
 * @param {Column} column
 * @param {HTMLElement} th
 * @param {() => void} moved called while it is drawn wider
 */
export function columnTools(state, column, th, moved) {
  const label = `Menu of the column ${[column.label, column.over].filter(Boolean).join(", ")}`;
  const more = button("more", "⋮", label, () => open(state, column, th, more));
  more.dataset.menu = column.id;
  more.setAttribute("aria-haspopup", "menu");
  return [more, grip(state, column, th, moved)];
}
