// The menu of one chart: what it has of its own, and what can be taken away of it.

import { button, el } from "../shared/dom.js";
import { choice, entry, labelled, slider } from "./controls.js";
import { picture } from "./picture.js";
/** @import { Menu, Own } from "./message.js" */
/** @import { Card, State } from "./state.js" */

/** @type {WeakSet<Event>} */
const closers = new WeakSet();

/** Whether a key press was taken for closing a menu. */
export const menuClosedBy = (/** @type {Event} */ event) => closers.has(event);

/**
 * What the menu says of a chart, to tell whether it must be filled anew.
 * @param {State} state
 * @param {Card} card
 */
const menuText = ({ data }, { chart }) => JSON.stringify([data.menu, chart.own, chart.labels]);

/**
 * A chart's own settings: a row each.
 * @param {Menu} menu
 * @param {Own} own
 * @param {string[]} labels of the chart
 * @param {(name: string) => (value: string) => void} set
 */
function settings({ x, kind, metrics, shared }, own, labels, set) {
  const asAll = (/** @type {string} */ text) => /** @type {[string, string]} */ (["", `as all charts (${text})`]);
  const nameIn = (/** @type {[string, string][]} */ pairs, /** @type {string} */ key) =>
    pairs.find(([each]) => each === key)?.[1] ?? key;
  const log = asAll(shared.log_y ? "on" : "off");
  const rows = [
    labelled("X axis", choice("X axis", [asAll(nameIn(x, shared.x)), ...x], own.x, set("x"))),
    labelled("Smoothing", ...slider("Smoothing", own.smooth === "" ? shared.smooth : own.smooth, set("smooth"))),
    labelled("Kind", choice("Kind of smoothing", [asAll(nameIn(kind, shared.kind)), ...kind], own.kind, set("kind"))),
    labelled("Log y", choice("Log y", [log, ["1", "on"], ["0", "off"]], own.log_y, set("log_y"))),
    labelled(
      "Y range",
      entry("Y axis from", own.low, "from", set("low")),
      entry("Y axis to", own.high, "to", set("high")),
    ),
  ];
  const rest = metrics.filter((each) => !labels.includes(each));
  if (rest.length || own.also.length) {
    const add = /** @type {[string, string][]} */ ([["", "add a metric"], ...rest.map((each) => [each, each])]);
    rows.push(labelled("Together with", choice("Add a metric", add, "", set("also"))));
  }
  if (own.also.length) {
    const chips = el("div", "lb-menu-chips");
    chips.append(
      ...own.also.map((each) => button("", `${each} ×`, `Take ${each} out of this chart`, () => set("not")(each))),
    );
    rows.push(chips);
  }
  return rows;
}

/**
 * @param {State} state
 * @param {Card} card
 */
function fillMenu(state, card) {
  const { chart, menu: into } = card;
  const { menu } = state.data;
  const { own, id, title } = chart;
  if (!menu || !own) return;
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) =>
    state.act({ kind: "own", id, name, value });
  const reset = button("", "Reset to shared settings", "", () => state.act({ kind: "reset", id }));
  reset.disabled = !own.any;
  const [acts, files] = [el("div", "lb-menu-acts"), el("div", "lb-menu-acts")];
  acts.append(reset);
  files.append(
    button("", "PNG", `Download ${title} as PNG`, () => picture(state, card, "png")),
    button("", "SVG", `Download ${title} as SVG`, () => picture(state, card, "svg")),
  );
  if (!menu.alone)
    files.append(
      button("", "Data and code", `Data and code of ${title}`, () => {
        closeMenu(card);
        state.act({ kind: "open", id });
      }),
    );
  const inside = into.contains(document.activeElement);
  const focus = inside ? document.activeElement?.getAttribute("aria-label") : null;
  into.replaceChildren(...settings(menu, own, chart.labels ?? [], set), acts, files);
  const all = /** @type {HTMLElement[]} */ ([...into.querySelectorAll("[aria-label]")]);
  if (focus) all.find((each) => each.getAttribute("aria-label") === focus)?.focus();
  if (inside && !into.contains(document.activeElement)) into.querySelector("select")?.focus();
  card.filled = menuText(state, card);
}

/**
 * @param {State} state
 * @param {Card} card
 */
export function refreshMenu(state, card) {
  if (!card.menu.hidden && card.filled !== menuText(state, card)) fillMenu(state, card);
}

/** @param {Card} card */
function closeMenu(card) {
  if (card.menu.hidden) return;
  const inside = card.menu.contains(document.activeElement);
  card.menu.hidden = true;
  card.node.classList.remove("lb-open");
  card.more.setAttribute("aria-expanded", "false");
  if (inside) card.more.focus();
}

/**
 * @param {State} state
 * @param {Card} card
 */
export function bindMenu(state, card) {
  const { menu, more } = card;
  const { signal } = card.ending;
  more.onclick = () => {
    if (!menu.hidden) {
      closeMenu(card);
      return;
    }
    for (const other of state.cards.values()) closeMenu(other);
    menu.hidden = false;
    card.node.classList.add("lb-open");
    more.setAttribute("aria-expanded", "true");
    fillMenu(state, card);
    menu.querySelector("select")?.focus();
  };
  addEventListener(
    "pointerdown",
    ({ target }) => {
      if (!(target instanceof Node) || (!menu.contains(target) && !more.contains(target))) closeMenu(card);
    },
    { signal, capture: true },
  );
  // On the window: a button that was pressed and switched off has lost the focus.
  addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || menu.hidden) return;
      closers.add(event);
      closeMenu(card);
    },
    { signal },
  );
}
