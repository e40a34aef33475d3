// What a run printed: its end first, older lines on demand. Text is set as text.

import { button, el, part } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { kept, linesOf, pieces } from "./finding.js";
/** @import { ConsoleData } from "./message.js" */

/** @typedef {ReturnType<typeof setup>} State */

const NEAR = 24;

/** @param {HTMLElement} root */
function setup(root) {
  const state = {
    root,
    input: /** @type {HTMLInputElement} */ (part(root, "input")),
    told: part(root, ".told"),
    box: part(root, ".lines"),
    wrap: part(root, ".wrap"),
    end: part(root, ".end"),
    /** @type {ConsoleData | null} */
    data: null,
    /** @type {string[]} */
    lines: [],
    at: -1,
    tell: (/** @type {string} */ _event, /** @type {unknown} */ _value) => {},
  };
  state.input.oninput = () => find(state);
  state.input.onkeydown = (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (state.data?.older && !state.data.found && state.input.value.trim()) state.tell("search", state.input.value);
      else step(state, event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape") {
      state.input.value = "";
      find(state);
    }
  };
  state.wrap.onclick = () => {
    const on = root.classList.toggle("unwrapped");
    state.wrap.setAttribute("aria-pressed", String(!on));
  };
  state.end.onclick = () => toEnd(state);
  return state;
}

/** @param {State} state */
function toEnd(state) {
  state.box.scrollTop = state.box.scrollHeight;
  // Once more when it is laid out: at the first drawing it has no height yet.
  requestAnimationFrame(() => (state.box.scrollTop = state.box.scrollHeight));
}

/** @param {State} state */
function atEnd({ box }) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
}

/**
 * @param {string} text
 * @param {string} wanted
 */
function lineOf(text, wanted) {
  const node = el("div", "line");
  pieces(text, wanted).forEach((piece, n) => node.append(n % 2 ? el("mark", "", piece) : piece));
  if (!text) node.append("\u200a");
  return node;
}

/** @param {State} state */
function find(state) {
  const wanted = state.input.value.trim();
  if (state.data?.found) return;
  const rows = state.box.querySelectorAll(".line");
  rows.forEach((row, n) => {
    const text = state.lines[n] ?? "";
    if (row.querySelector("mark") || (wanted && text.toLowerCase().includes(wanted.toLowerCase())))
      row.replaceWith(lineOf(text, wanted));
  });
  state.at = -1;
  tellCount(state);
  if (wanted) step(state, -1);
}

/** @param {State} state */
function tellCount(state) {
  const marks = state.box.querySelectorAll("mark").length;
  const more = state.data?.older ? "; Enter looks through all" : "";
  state.told.textContent = state.input.value.trim() && !state.data?.found ? `${marks} found here${more}` : "";
}

/**
 * To the next place, or the one before.
 * @param {State} state
 * @param {number} by
 */
function step(state, by) {
  const marks = [...state.box.querySelectorAll("mark")];
  if (!marks.length) return;
  for (const mark of marks) mark.classList.remove("here");
  state.at = state.at < 0 ? marks.length - 1 : (state.at + by + marks.length) % marks.length;
  const here = /** @type {HTMLElement} */ (marks[state.at]);
  here.classList.add("here");
  // Not scrollIntoView: that would move the page, too.
  const [box, mark] = [state.box.getBoundingClientRect(), here.getBoundingClientRect()];
  state.box.scrollTop += mark.top - box.top - box.height / 2;
}

/**
 * @param {State} state
 * @param {ConsoleData} data
 */
function drawFound(state, data) {
  const found = data.found;
  if (!found) return;
  const head = el("div", "head");
  head.append(el("span", "", found.told), button("back", "Back to the end", "", () => state.tell("search", "")));
  const rows = found.lines.map(({ n, line }) => {
    const row = lineOf(line, found.wanted);
    row.prepend(el("span", "n", n));
    return row;
  });
  state.box.replaceChildren(head, ...rows);
  state.lines = [];
}

/**
 * @param {State} state
 * @param {ConsoleData} data
 */
function drawLines(state, data) {
  const lines = linesOf(data.text);
  const before = state.data;
  const same = before !== null && before.source === data.source && !before.found;
  const follow = !same || atEnd(state);
  const height = state.box.scrollHeight - state.box.scrollTop;
  const wanted = state.input.value.trim();
  const stays = same && before.older === data.older ? kept(state.lines, lines) : -1;
  if (stays >= 0) state.box.append(...lines.slice(stays).map((line) => lineOf(line, wanted)));
  else {
    const older = data.older ? [button("older", "Show older lines", "", () => state.tell("older", lines.length))] : [];
    state.box.replaceChildren(...older, ...lines.map((line) => lineOf(line, wanted)));
  }
  state.lines = lines;
  // Older lines come above: what was in view stays there.
  if (follow) toEnd(state);
  else if (stays < 0) state.box.scrollTop = state.box.scrollHeight - height;
}

/**
 * @param {State} state
 * @param {ConsoleData} data
 * @param {{setTriggerValue: (name: string, value: unknown) => void}} component
 */
function draw(state, data, component) {
  state.tell = component.setTriggerValue;
  if (JSON.stringify(state.data) !== JSON.stringify(data)) {
    state.box.setAttribute("aria-label", data.label);
    if (data.found) drawFound(state, data);
    else drawLines(state, data);
    state.data = data;
    if (data.found) state.input.value = data.found.wanted;
  }
  tellCount(state);
}

export default mount(".lb-console", { setup, draw });
