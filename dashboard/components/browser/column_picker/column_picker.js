// The menu of columns: what is shown, in order, with pins; below it a search over all there are. Names are anybody's,
// so they are set as text. Only the best matches are drawn, however many columns a project has.

import { button, el, part } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { count, numberText } from "../shared/numbers.js";
import { matches, moved } from "./matching.js";
/** @import { Component } from "../shared/mount.js" */
/** @import { Choice, ColumnPickerData } from "./message.js" */

/** @typedef {ReturnType<typeof setup>} State */

const MOST = 40;

/** @param {HTMLElement} root */
function setup(root) {
  return {
    /** @type {HTMLInputElement} */ search: part(root, "input"),
    title: part(root, "h4"),
    list: part(root, "ol"),
    found: part(root, "ul"),
    note: part(root, "p"),
    /** @type {string[]} */ chosen: [],
    /** @type {Set<string>} */ pins: new Set(),
    /** @type {Map<string, [string, string]>} Label and part of a metric by column. */ names: new Map(),
    /** @type {string | null} */ dragged: null,
    /** What Python sent of choices, and in all. */
    python: "",
    drawn: "",
    refresh() {},
    tell() {},
  };
}

/**
 * @param {string} className
 * @param {string} text
 * @param {string} label
 * @param {() => void} act
 */
function tool(className, text, label, act) {
  const node = button(className, text, label, act);
  node.title = label;
  return node;
}

/**
 * Come back to a button of a column's line, which was drawn anew.
 * @param {State} state
 * @param {string} id
 * @param {string} className of the button
 */
function focus(state, id, className) {
  part(state.list, `[data-id="${CSS.escape(id)}"] .${className}`).focus();
}

/**
 * @param {State} state
 * @param {string} id
 */
function toggle(state, id) {
  if (state.chosen.includes(id)) {
    state.chosen = state.chosen.filter((each) => each !== id);
    state.pins.delete(id);
  } else state.chosen.push(id);
  state.tell();
}

/**
 * @param {State} state
 * @param {string} id
 * @param {number} to
 */
function move(state, id, to) {
  state.chosen = moved(state.chosen, state.chosen.indexOf(id), to);
  state.tell();
}

/**
 * A line of a column that is shown.
 * @param {State} state
 * @param {string} id
 */
function shown(state, id) {
  const [label, chip] = state.names.get(id) ?? [id, ""];
  const item = el("li");
  item.dataset.id = id;
  item.draggable = true;
  const text = el("span", "text", label);
  text.title = label;
  item.append(el("span", "grip", "⠿"), text);
  if (chip) item.appendChild(el("span", "what", chip));
  const pinned = state.pins.has(id);
  const pin = tool(pinned ? "pin on" : "pin", "", pinned ? `Let ${label} scroll` : `Keep ${label} at the left`, () => {
    state.pins[pinned ? "delete" : "add"](id);
    state.tell();
    focus(state, id, "pin");
  });
  pin.setAttribute("aria-pressed", String(pinned));
  const by = (/** @type {number} */ step, /** @type {string} */ className) => () => {
    move(state, id, state.chosen.indexOf(id) + step);
    focus(state, id, className);
  };
  item.append(
    pin,
    tool("up", "↑", `Move ${label} up`, by(-1, "up")),
    tool("down", "↓", `Move ${label} down`, by(1, "down")),
    tool("off", "×", `Hide ${label}`, () => toggle(state, id)),
  );
  drags(state, item, id);
  return item;
}

/**
 * @param {State} state
 * @param {HTMLElement} item
 * @param {string} id
 */
function drags(state, item, id) {
  item.ondragstart = (event) => {
    state.dragged = id;
    if (!event.dataTransfer) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  };
  item.ondragover = (event) => {
    if (!state.dragged) return;
    event.preventDefault();
    item.classList.add("over");
  };
  item.ondragleave = () => item.classList.remove("over");
  item.ondrop = (event) => {
    event.preventDefault();
    item.classList.remove("over");
    const from = state.dragged;
    state.dragged = null;
    if (from !== null && from !== id && state.chosen.includes(from)) move(state, from, state.chosen.indexOf(id));
  };
}

/**
 * A line of what there is to choose.
 * @param {State} state
 * @param {Choice} choice
 */
function offered(state, choice) {
  const item = el("li");
  const text = el("span", "text", choice.label);
  text.title = choice.label;
  item.append(text, el("span", "kind", choice.section.toLowerCase()));
  for (const [id, chip] of choice.columns) {
    const on = state.chosen.includes(id);
    const word = chip || (on ? "shown" : "show");
    const add = tool(on ? "chip on" : "chip", word, `${chip || "show"}: ${choice.label}`, () => {
      toggle(state, id);
      const all = /** @type {NodeListOf<HTMLElement>} */ (state.found.querySelectorAll(".chip"));
      [...all].find((each) => each.dataset.id === id)?.focus();
    });
    add.dataset.id = id;
    add.setAttribute("aria-pressed", String(on));
    item.appendChild(add);
  }
  return item;
}

/**
 * @param {State} state
 * @param {ColumnPickerData} data
 * @param {Component<ColumnPickerData>} component
 */
function draw(state, data, { setTriggerValue }) {
  // What was just asked for stands until Python has answered.
  const python = JSON.stringify([data.chosen, data.pins]);
  if (python !== state.python) {
    state.chosen = data.chosen.map((each) => each.id);
    state.pins = new Set(data.pins);
    state.python = python;
  }
  state.names = new Map(data.choices.flatMap(({ label, columns }) => columns.map(([id, chip]) => [id, [label, chip]])));
  state.refresh = () => {
    state.title.textContent = `${count(state.chosen.length, "column")} shown`;
    state.list.replaceChildren(...state.chosen.map((id) => shown(state, id)));
    const all = matches(data.choices, state.search.value);
    state.found.replaceChildren(...all.slice(0, MOST).map((choice) => offered(state, choice)));
    const more = all.length - MOST;
    const told = more > 0 ? `${numberText(more)} more: type to find them.` : "";
    state.note.textContent = all.length ? told : "Nothing is called so.";
  };
  state.tell = () => {
    state.refresh();
    setTriggerValue("change", { columns: state.chosen, pins: state.chosen.filter((id) => state.pins.has(id)) });
  };
  state.search.oninput = state.refresh;
  // A refresh that brings nothing new must not take the focus away.
  const drawn = JSON.stringify(data);
  if (drawn !== state.drawn) state.refresh();
  state.drawn = drawn;
}

export default mount(".lb-picker", { setup, draw });
