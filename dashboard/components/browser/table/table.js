// A table whose rows are runs, or the fields of runs, known by id. Everything that people wrote is set as text, never as
// markup.

import { ago } from "../shared/ages.js";
import { isDark } from "../shared/colours.js";
import { mount } from "../shared/mount.js";
import { follow } from "../shared/navigation.js";
import { drawRows, showSelected, showUnfolded } from "./body.js";
import { cellMenu } from "./cell_menu.js";
import { drawHeads } from "./heads.js";
import { walk } from "./keys.js";
import { edge, layOut } from "./pinning.js";
import { between } from "./selection.js";
import { newState, pickable } from "./state.js";
/** @import { Component } from "../shared/mount.js" */
/** @import { TableData } from "./message.js" */
/** @import { State } from "./state.js" */

/**
 * @param {HTMLElement} root
 * @param {TableData} data
 */
function setup(root, data) {
  const state = newState(root, data);
  state.watch = new ResizeObserver(() => layOut(state));
  state.watch.observe(state.frame);
  state.frame.onscroll = () => edge(state);
  state.find.oninput = () => showUnfolded(state);
  state.clock = setInterval(() => {
    const now = Date.now();
    const cells = /** @type {NodeListOf<HTMLElement>} */ (state.tbody.querySelectorAll("td[data-at]"));
    for (const td of cells) {
      const text = ago(Number(td.dataset.at), now);
      if (td.textContent !== text) td.textContent = text;
    }
  }, 5000);
  root.onchange = (event) => changed(state, event.target);
  root.oncontextmenu = (event) => cellMenu(state, event);
  root.onkeydown = (event) => walk(state, event);
  root.onclick = (event) => clicked(state, event);
  return state;
}

/**
 * @param {State} state
 * @param {EventTarget | null} box
 */
function changed(state, box) {
  if (!(box instanceof HTMLInputElement)) return;
  const { pick, all } = box.dataset;
  if (all === undefined && pick === undefined) return;
  const ids = pick === undefined ? pickable(state.data) : [pick];
  for (const id of ids) state.selected[box.checked ? "add" : "delete"](id);
  showSelected(state);
  state.tell();
}

/**
 * @param {State} state
 * @param {MouseEvent} event
 */
function clicked(state, event) {
  const { data, selected, folded } = state;
  const found = event.target instanceof Element ? event.target : null;
  const target = /** @type {HTMLElement | null | undefined} */ (
    found?.closest("[data-sort],[data-go],[data-act],[data-pick],[data-base],[data-fold]")
  );
  if (!target) return;
  const { pick, sort, act, base, fold } = target.dataset;
  if (pick !== undefined) {
    // Shift takes the whole stretch since the last click, as in every file list.
    if (event.shiftKey && state.anchor !== null && target instanceof HTMLInputElement)
      for (const id of between(pickable(data), state.anchor, pick)) selected[target.checked ? "add" : "delete"](id);
    state.anchor = pick;
  }
  if (sort !== undefined) state.act({ kind: "sort", by: sort });
  if (target instanceof HTMLAnchorElement) follow(event, target.href);
  if (act !== undefined) state.act({ kind: act, id: target.closest("tr")?.dataset.id });
  if (base !== undefined) state.act({ kind: "base", by: base });
  if (fold !== undefined) {
    folded[folded.has(fold) ? "delete" : "add"](fold);
    showUnfolded(state);
  }
}

/**
 * How the table looks as a whole.
 * @param {State} state
 */
function furnish({ root, data, frame, caption, find }) {
  caption.textContent = data.caption;
  frame.setAttribute("aria-label", data.caption);
  frame.style.maxHeight = data.height ? `${data.height}px` : "";
  frame.style.height = data.height && data.fill ? `${data.height}px` : "";
  find.hidden = !data.find;
  find.placeholder = data.find;
  find.setAttribute("aria-label", data.find || "Find");
  if (!data.find) find.value = "";
  const scores = data.columns.filter((column) => column.kind === "score").length;
  const fields = data.corner !== null;
  const classes = new Map([
    ["dense", data.dense],
    ["fill", data.fill],
    ["plain", data.plain],
    ["many", scores > 2],
    ["more", scores > 3],
    ["most", scores > 5],
    ["fields", fields],
    ["narrow", fields && data.columns.length <= 2],
  ]);
  for (const [name, on] of classes) root.classList.toggle(name, on);
}

/**
 * @param {State} state
 * @param {TableData} data
 * @param {Component<TableData>} component
 */
function draw(state, data, { setStateValue, setTriggerValue }) {
  const { root, tbody } = state;
  const dark = isDark(getComputedStyle(root).getPropertyValue("--st-background-color"));
  state.data = data;
  state.look = { palette: data.palette, dark };
  state.act = (what) => setTriggerValue("act", what);
  state.tell = () => setStateValue("selected", [...state.selected]);
  // What every cell hangs on; other changes leave the rows alone.
  const cells = data.columns.map(({ id, kind, pinned, wide }) => [id, kind, pinned, wide]);
  const shape = JSON.stringify([cells, data.selectable, dark]);
  if (shape !== state.shape) {
    state.rows = new Map();
    tbody.replaceChildren();
    state.shape = shape;
  }
  // The browser keeps the selection; Python overrules it by naming a new revision.
  if (data.selectable && data.revision !== state.revision) {
    state.selected = new Set(data.selected);
    state.revision = data.revision;
  }
  state.widths = new Map(data.columns.flatMap(({ id, width }) => (width ? [[id, width]] : [])));
  furnish(state);
  drawHeads(state);
  drawRows(state);
  showSelected(state);
  showUnfolded(state);
  layOut(state);
}

export default mount(".lb-table", {
  setup,
  draw,
  end(state) {
    clearInterval(state.clock);
    state.watch?.disconnect();
  },
});
