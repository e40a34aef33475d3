// The filter box: a combobox whose completions come from Python, and a caret under the character where a filter fails.

const states = new WeakMap();

function setup(root) {
  const state = {
    input: root.querySelector("input"),
    list: root.querySelector("ul"),
    fault: root.querySelector(".fault"),
    mirror: root.querySelector(".mirror"),
    caret: root.querySelector(".caret"),
    message: root.querySelector(".message"),
    clear: root.querySelector("button"),
    at: -1,
    asked: 0,
    applied: null,
    id: `lb${Math.random().toString(36).slice(2, 8)}`,
  };
  state.list.id = state.id;
  state.input.setAttribute("aria-controls", state.id);
  state.watch = new ResizeObserver(() => hint(state));
  state.watch.observe(state.input);
  states.set(root, state);
  return state;
}

// The first hint that fits, so that none is cut in the middle of a word.
function hint(state) {
  if (!state.hints) return;
  const pen = (state.pen ??= document.createElement("canvas").getContext("2d"));
  const { fontFamily } = getComputedStyle(state.input, "::placeholder");
  pen.font = `13px ${fontFamily}`;
  const room = state.input.clientWidth - 42;
  const fits = state.hints.find((text) => pen.measureText(text).width <= room) ?? state.hints.at(-1);
  if (state.input.placeholder !== fits) state.input.placeholder = fits;
}

// Python counts characters, the browser halves of some: an emoji is two of them.
const chars = (text, end) => [...text.slice(0, end)].length;
const halves = (text, end) => [...text].slice(0, end).join("").length;

function close(state) {
  state.list.hidden = true;
  state.at = -1;
  state.input.setAttribute("aria-expanded", "false");
  state.input.removeAttribute("aria-activedescendant");
}

function mark(state, at) {
  const items = [...state.list.children];
  state.at = at;
  items.forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
  if (at < 0) return state.input.removeAttribute("aria-activedescendant");
  state.input.setAttribute("aria-activedescendant", items[at].id);
  items[at].scrollIntoView({ block: "nearest" });
}

function open(state, answer) {
  const here = chars(state.input.value, state.input.selectionStart);
  if (document.activeElement === null || answer.text !== state.input.value || answer.cursor !== here) return;
  if (!answer.items.length) return close(state);
  state.span = answer.span;
  state.list.replaceChildren(
    ...answer.items.map((text, i) => {
      const item = document.createElement("li");
      item.id = `${state.id}-${i}`;
      item.setAttribute("role", "option");
      item.textContent = text;
      item.dataset.text = text;
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

function take(state, text) {
  const value = state.input.value;
  const [from, to] = state.span.map((at) => halves(value, at));
  const rest = value.slice(to);
  const put = text + (rest.startsWith(" ") ? "" : " ");
  state.input.value = value.slice(0, from) + put + rest;
  const cursor = from + put.length;
  state.input.setSelectionRange(cursor, cursor);
  state.input.focus();
  close(state);
  state.ask();
}

function faults(state, error) {
  const shown = Boolean(error) && state.input.value === error.text;
  state.fault.hidden = !shown;
  state.input.setAttribute("aria-invalid", String(shown));
  if (!shown) return;
  state.mirror.textContent = error.text.slice(0, halves(error.text, error.position));
  state.caret.textContent = "^";
  state.message.textContent = error.message;
  state.fault.style.setProperty("--scroll", `${-state.input.scrollLeft}px`);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".lb-box");
  if (!root || !data) return;
  const state = states.get(root) ?? setup(root);
  const { input } = state;
  state.hints = data.placeholders;
  hint(state);
  const label = root.querySelector("label");
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
      () => setTriggerValue("typed", { text: input.value, cursor: chars(input.value, input.selectionStart ?? undefined) }),
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
    else if ((event.key === "Enter" || event.key === "Tab") && state.at >= 0) take(state, state.list.children[state.at].dataset.text);
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
    if (root.getRootNode().activeElement === input) open(state, data.answer);
  }
  return () => {
    clearTimeout(state.timer);
    state.watch.disconnect();
    states.delete(root);
  };
}
