// The filter box: a combobox whose completions come from Python, and a caret under the character where a filter fails.

import { focusIn, part } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { chars, completed, fitting, halves } from "./completion.js";
/** @import { Component } from "../shared/mount.js" */
/** @import { Answer, Fault, FilterBoxData } from "./message.js" */

/** @typedef {ReturnType<typeof setup>} State */

/** @param {HTMLElement} root */
function setup(root) {
  const state = {
    root,
    /** @type {HTMLInputElement} */ input: part(root, "input"),
    list: part(root, "ul"),
    label: part(root, "label"),
    fault: part(root, ".fault"),
    mirror: part(root, ".mirror"),
    caret: part(root, ".caret"),
    message: part(root, ".message"),
    clear: part(root, "button"),
    /** The completion that is marked. */
    at: -1,
    /** @type {[number, number]} */ span: [0, 0],
    /** @type {string | null} The text that Python has, or was sent. */
    applied: null,
    answered: 0,
    id: `lb${Math.random().toString(36).slice(2, 8)}`,
    /** @type {string[]} */ hints: [],
    pen: document.createElement("canvas").getContext("2d"),
    /** @type {ReturnType<typeof setTimeout> | undefined} */ timer: undefined,
    watch: new ResizeObserver(() => hint(state)),
    ask() {},
  };
  state.list.id = state.id;
  state.input.setAttribute("aria-controls", state.id);
  state.watch.observe(state.input);
  return state;
}

/** @param {State} state */
function hint(state) {
  const { pen, input } = state;
  if (!pen) return;
  pen.font = `13px ${getComputedStyle(input, "::placeholder").fontFamily}`;
  const fits = fitting(state.hints, (text) => pen.measureText(text).width, input.clientWidth - 42);
  if (input.placeholder !== fits) input.placeholder = fits;
}

/** @param {State} state */
function close(state) {
  state.list.hidden = true;
  state.at = -1;
  state.input.setAttribute("aria-expanded", "false");
  state.input.removeAttribute("aria-activedescendant");
}

/**
 * @param {State} state
 * @param {number} at
 */
function mark(state, at) {
  const items = [...state.list.children];
  state.at = at;
  items.forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
  if (at < 0) state.input.removeAttribute("aria-activedescendant");
  else {
    state.input.setAttribute("aria-activedescendant", items[at].id);
    items[at].scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {State} state
 * @param {Answer} answer
 */
function open(state, answer) {
  const here = chars(state.input.value, state.input.selectionStart ?? 0);
  if (document.activeElement === null || answer.text !== state.input.value || answer.cursor !== here) return;
  if (!answer.items.length) {
    close(state);
    return;
  }
  state.span = answer.span;
  state.list.replaceChildren(
    ...answer.items.map((text, i) => {
      const item = document.createElement("li");
      item.id = `${state.id}-${i}`;
      item.setAttribute("role", "option");
      item.textContent = text;
      item.onmousedown = (event) => {
        event.preventDefault();
        take(state, text);
      };
      return item;
    }),
  );
  state.list.hidden = false;
  state.input.setAttribute("aria-expanded", "true");
  mark(state, -1);
}

/**
 * @param {State} state
 * @param {string} text
 */
function take(state, text) {
  const done = completed(state.input.value, state.span, text);
  state.input.value = done.text;
  state.input.setSelectionRange(done.cursor, done.cursor);
  state.input.focus();
  close(state);
  state.ask();
}

/**
 * @param {State} state
 * @param {Fault | null} error
 */
function faults(state, error) {
  const shown = error?.text === state.input.value ? error : null;
  state.fault.hidden = !shown;
  state.input.setAttribute("aria-invalid", String(Boolean(shown)));
  if (!shown) return;
  state.mirror.textContent = shown.text.slice(0, halves(shown.text, shown.position));
  state.caret.textContent = "^";
  state.message.textContent = shown.message;
  state.fault.style.setProperty("--scroll", `${-state.input.scrollLeft}px`);
}

/**
 * @param {State} state
 * @param {FilterBoxData} data
 * @param {Component<FilterBoxData>} component
 */
function draw(state, data, { setTriggerValue }) {
  const { input, label } = state;
  state.hints = data.placeholders;
  hint(state);
  label.textContent = data.label;
  label.hidden = !data.label;
  input.setAttribute("aria-label", data.label || "Filter runs");
  // Python's text counts when it changed there (another link, a cleared filter), never against what is being typed.
  if (data.text !== state.applied) {
    if (input.value !== data.text) input.value = data.text;
    state.applied = data.text;
  }
  const submit = () => {
    close(state);
    clearTimeout(state.timer);
    if (input.value === state.applied) return;
    state.applied = input.value;
    setTriggerValue("submit", input.value);
  };
  state.ask = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(
      () => setTriggerValue("typed", { text: input.value, cursor: chars(input.value, input.selectionStart ?? input.value.length) }),
      130,
    );
  };
  const look = () => {
    state.clear.hidden = !input.value;
    faults(state, data.error);
  };
  input.oninput = () => {
    look();
    state.ask();
  };
  input.onscroll = look;
  input.onkeydown = (event) => {
    const n = state.list.hidden ? 0 : state.list.children.length;
    if (event.key === "ArrowDown" && n) mark(state, (state.at + 1) % n);
    else if (event.key === "ArrowDown") state.ask();
    else if (event.key === "ArrowUp" && n) mark(state, (state.at - 1 + n) % n);
    else if ((event.key === "Enter" || event.key === "Tab") && state.at >= 0) take(state, state.list.children[state.at].textContent ?? "");
    else if (event.key === "Enter") submit();
    else if (event.key === "Escape" && n) close(state);
    else return;
    event.preventDefault();
  };
  input.onblur = submit;
  state.clear.onclick = () => {
    input.value = "";
    submit();
    look();
    input.focus();
  };
  look();
  if (data.answer && data.answer.beat !== state.answered) {
    state.answered = data.answer.beat;
    if (focusIn(state.root) === input) open(state, data.answer);
  }
}

export default mount(".lb-box", {
  setup,
  draw,
  end(state) {
    clearTimeout(state.timer);
    state.watch.disconnect();
  },
});
