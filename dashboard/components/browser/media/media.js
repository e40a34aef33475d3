// What a run logged beside numbers: keys at the left, the items of one at one step, and a slider over its steps.

import { button, el } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { follow } from "../shared/navigation.js";
import { onStep } from "../shared/step.js";
import { drawCard, isPicture, layersOf } from "./card.js";
import { itemsAt, placeOf, sayStep } from "./steps.js";
import { view } from "./viewer.js";
/** @import { Item, MediaData, State } from "./message.js" */

const PLAY_MS = 700;
const FEW = 6;
const SMALL = 160;

/** @param {State} state */
function keys(state) {
  const list = el("nav", "lb-m-keys");
  list.setAttribute("aria-label", "What was logged");
  for (const key of state.data.keys) {
    const one = button("lb-m-key", "", "", () => state.choose(key.name));
    one.setAttribute("aria-pressed", String(key.name === state.data.key));
    one.title = key.name;
    one.append(el("span", "", key.name), el("em", "", `${key.kind} · ${key.n.toLocaleString("en")}`));
    list.append(one);
  }
  return list;
}

/**
 * A link to all items of the key, where there are several.
 * @param {State} state
 */
function archive({ data }) {
  if (!data.archive || data.items.length < 2) return [];
  const link = el("a", "lb-m-download", "All as zip");
  link.href = new URL(data.archive, document.baseURI).href;
  link.download = "";
  link.title = `Every item of ${data.key}, as one archive`;
  return [link];
}

/**
 * @param {State} state
 * @param {HTMLElement} grid
 */
function slider(state, grid) {
  const steps = state.data.steps;
  state.go = () => {};
  const bar = el("div", "lb-m-steps");
  const said = el("output", "", sayStep(steps, state.wanted));
  if (steps.length < 2) {
    bar.append(said, ...archive(state));
    return bar;
  }
  const range = el("input");
  range.type = "range";
  range.min = "0";
  range.max = String(steps.length - 1);
  range.value = String(placeOf(steps, state.wanted));
  range.setAttribute("aria-label", "Step");
  state.go = (wanted) => {
    const before = placeOf(steps, state.wanted);
    state.wanted = wanted;
    const place = placeOf(steps, wanted);
    range.value = String(place);
    said.textContent = sayStep(steps, wanted);
    range.setAttribute("aria-valuetext", said.textContent);
    if (place !== before) items(state, grid);
  };
  const show = (/** @type {number} */ place) => state.go(place === steps.length - 1 ? null : steps[place]);
  range.oninput = () => show(Number(range.value));
  const play = button("lb-m-play", "▶", "Play through the steps");
  const stop = () => {
    clearInterval(state.timer);
    state.timer = 0;
    play.textContent = "▶";
    play.setAttribute("aria-label", "Play through the steps");
  };
  play.onclick = () => {
    if (state.timer) {
      stop();
      return;
    }
    play.textContent = "❚❚";
    play.setAttribute("aria-label", "Stop");
    if (Number(range.value) === steps.length - 1) show(0);
    state.timer = window.setInterval(() => {
      const next = Number(range.value) + 1;
      if (next >= steps.length || !bar.isConnected) stop();
      else show(next);
    }, PLAY_MS);
  };
  bar.append(play, range, said, ...archive(state));
  return bar;
}

/**
 * Switches for what lies over the pictures that are shown.
 * @param {State} state
 * @param {Item[]} shown
 * @param {HTMLElement} grid
 */
function switches(state, shown, grid) {
  const bar = el("div", "lb-m-switches");
  const over = shown.filter((item) => item.l);
  Promise.all(over.map((item) => layersOf(state, item))).then(
    (all) => {
      const names = new Set(all.flatMap((each) => [...each.boxes.keys(), ...each.masks.keys()]));
      const labels = new Map(all.flatMap((each) => [...each.masks.values()].flatMap((mask) => mask.labels)));
      for (const name of names) {
        const one = button("lb-m-chip", name, "", () => {
          if (!state.off.delete(name)) state.off.add(name);
          items(state, grid);
        });
        one.setAttribute("aria-pressed", String(!state.off.has(name)));
        bar.append(one);
      }
      for (const [name, colour] of labels) {
        const label = el("span", "lb-m-label", name);
        const mark = el("i");
        mark.style.background = colour;
        label.prepend(mark);
        bar.append(label);
      }
    },
    () => {},
  );
  return bar;
}

/**
 * @param {State} state
 * @param {HTMLElement} grid
 */
function items(state, grid) {
  const { groups, steps } = state.data;
  const sets = groups.length
    ? groups.map((_, g) => itemsAt(state.data.items.filter((item) => item.g === g), steps, state.wanted))
    : [itemsAt(state.data.items, steps, state.wanted)];
  const shown = sets.flat();
  const pictures = shown.filter(isPicture);
  const cards = (/** @type {Item[]} */ set) =>
    set.map((item) => drawCard(state, item, shown.length, (one) => view(state, pictures, one)));
  // A few large pictures may be as large as there is room for.
  const large = shown.length <= FEW && shown.every((item) => isPicture(item) && item.w > SMALL);
  grid.classList.toggle("lb-m-large", large);
  const over = shown.some((item) => item.l) ? [switches(state, shown, grid)] : [];
  if (groups.length) grid.replaceChildren(...over, ...sets.map((set, g) => column(state, g, set, cards(set))));
  else grid.replaceChildren(...over, ...cards(shown));
}

/**
 * What one of several runs logged, below its name and the step at which it did.
 * @param {State} state
 * @param {number} g
 * @param {Item[]} set
 * @param {HTMLElement[]} cards
 */
function column(state, g, set, cards) {
  const group = state.data.groups[g];
  const [node, head, name, inner] = [el("section", "lb-m-run"), el("header"), el("a", "", group.name), el("div", "lb-m-inner")];
  name.href = new URL(group.href, document.baseURI).href;
  name.title = group.name;
  name.onclick = (event) => follow(event, group.href);
  const told = set.length ? `step ${state.data.steps[set[0].s].toLocaleString("en")}` : "nothing of this key";
  head.append(name, el("span", "", told));
  inner.append(...cards);
  node.append(head, inner);
  return node;
}

/**
 * @param {State} state
 * @param {MediaData} data
 * @param {import("../shared/mount.js").Component<MediaData>} component
 */
function draw(state, data, component) {
  const text = JSON.stringify(data);
  if (state.drawn === text) return;
  state.drawn = text;
  state.data = data;
  state.choose = (key) => component.setTriggerValue("act", { kind: "key", key });
  clearInterval(state.timer);
  state.timer = 0;
  const [main, grid] = [el("div", "lb-m-main"), el("div", data.groups.length ? "lb-m-runs" : "lb-m-grid")];
  items(state, grid);
  main.append(slider(state, grid), grid);
  if (data.rest) main.append(el("p", "lb-w-rest", data.rest));
  state.root.replaceChildren(keys(state), main);
}

/** @type {(root: HTMLElement, data: MediaData) => State} */
function setup(root, data) {
  const ending = new AbortController();
  /** @type {State} */
  const state = { root, data, drawn: "", wanted: null, off: new Set(), timer: 0, choose: () => {}, go: () => {}, ending };
  onStep((step) => {
    // What plays goes its own way.
    if (!state.timer) state.go(step);
  }, ending.signal);
  return state;
}

/** @param {State} state */
function end(state) {
  clearInterval(state.timer);
  state.ending.abort();
}

export default mount(".lb-media", { setup, draw, end });
