// The menu of columns: what is shown, in order, with pins; below it a search over all there are. Names are anybody's,
// so they are set as text. Only the best matches are drawn, however many columns a project has.

const MOST = 40;
const states = new WeakMap();

function button(className, text, label, act) {
  const node = el("button", className, text);
  node.type = "button";
  node.title = label;
  node.setAttribute("aria-label", label);
  node.onclick = act;
  return node;
}

// Names that begin with the words come first, then those with a part that does, then those that hold them.
export function matches(choices, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return choices;
  const ranked = [];
  choices.forEach((choice, i) => {
    const name = choice.label.toLowerCase();
    if (!words.every((word) => name.includes(word) || choice.section.toLowerCase() === word)) return;
    const at = name.indexOf(words[0]);
    ranked.push([at === 0 ? 0 : "./_- ".includes(name[at - 1] ?? " ") ? 1 : 2, i, choice]);
  });
  return ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((each) => each[2]);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".lb-picker");
  if (!root || !data) return;
  let state = states.get(root);
  if (!state) {
    state = { search: root.querySelector("input"), told: null };
    states.set(root, state);
  }
  const [title, list, found, note] = ["h4", "ol", "ul", "p"].map((each) => root.querySelector(each));
  // What was just asked for stands until Python has answered.
  const python = JSON.stringify([data.chosen, data.pins]);
  if (python !== state.told) {
    state.chosen = data.chosen.map((each) => each.id);
    state.pins = new Set(data.pins);
    state.told = python;
  }
  const names = new Map();
  for (const choice of data.choices) for (const [id, chip] of choice.columns) names.set(id, [choice.label, chip]);

  const tell = () => {
    draw();
    setTriggerValue("change", { columns: state.chosen, pins: state.chosen.filter((id) => state.pins.has(id)) });
  };
  const move = (id, by) => {
    const at = state.chosen.indexOf(id);
    const to = Math.max(0, Math.min(state.chosen.length - 1, at + by));
    state.chosen.splice(to, 0, state.chosen.splice(at, 1)[0]);
    tell();
    list.querySelector(`[data-id="${CSS.escape(id)}"] .${by < 0 ? "up" : "down"}`)?.focus();
  };
  const toggle = (id) => {
    if (state.chosen.includes(id)) {
      state.chosen = state.chosen.filter((each) => each !== id);
      state.pins.delete(id);
    } else state.chosen.push(id);
    tell();
  };

  function shown(id) {
    const [label, chip] = names.get(id) ?? [id, ""];
    const item = el("li");
    item.dataset.id = id;
    item.draggable = true;
    const text = el("span", "text", label);
    text.title = label;
    item.append(el("span", "grip", "⠿"), text);
    if (chip) item.appendChild(el("span", "what", chip));
    const pinned = state.pins.has(id);
    const pin = button(pinned ? "pin on" : "pin", "", pinned ? `Let ${label} scroll` : `Keep ${label} at the left`, () => {
      state.pins[pinned ? "delete" : "add"](id);
      tell();
      list.querySelector(`[data-id="${CSS.escape(id)}"] .pin`)?.focus();
    });
    pin.setAttribute("aria-pressed", String(pinned));
    item.append(
      pin,
      button("up", "↑", `Move ${label} up`, () => move(id, -1)),
      button("down", "↓", `Move ${label} down`, () => move(id, 1)),
      button("off", "×", `Hide ${label}`, () => toggle(id)),
    );
    item.ondragstart = (event) => {
      state.dragged = id;
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
      const from = state.chosen.indexOf(state.dragged);
      const to = state.chosen.indexOf(id);
      state.dragged = null;
      if (from < 0 || from === to) return;
      state.chosen.splice(to, 0, state.chosen.splice(from, 1)[0]);
      tell();
    };
    return item;
  }

  function offered(choice) {
    const item = el("li");
    const text = el("span", "text", choice.label);
    text.title = choice.label;
    item.append(text, el("span", "kind", choice.section.toLowerCase()));
    for (const [id, chip] of choice.columns) {
      const on = state.chosen.includes(id);
      const word = chip || (on ? "shown" : "show");
      const add = button(on ? "chip on" : "chip", word, `${chip || "show"}: ${choice.label}`, () => {
        toggle(id);
        [...found.querySelectorAll(".chip")].find((each) => each.dataset.id === id)?.focus();
      });
      add.dataset.id = id;
      add.setAttribute("aria-pressed", String(on));
      item.appendChild(add);
    }
    return item;
  }

  function draw() {
    title.textContent = state.chosen.length === 1 ? "1 column shown" : `${state.chosen.length} columns shown`;
    list.replaceChildren(...state.chosen.map(shown));
    const all = matches(data.choices, state.search.value);
    found.replaceChildren(...all.slice(0, MOST).map(offered));
    const more = all.length - MOST;
    note.textContent = !all.length ? "Nothing is called so." : more > 0 ? `${more.toLocaleString("en")} more: type to find them.` : "";
  }

  state.search.oninput = draw;
  // A refresh that brings nothing new must not take the focus away.
  const drawn = JSON.stringify(data);
  if (drawn !== state.drawn) draw();
  state.drawn = drawn;
  return () => states.delete(root);
}
