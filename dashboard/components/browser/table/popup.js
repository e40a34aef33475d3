// A menu in the browser's top layer, so that no frame cuts it off; Escape, a choice and a click elsewhere close it.

import { button, el, focusIn } from "../shared/dom.js";
/** @import { State } from "./state.js" */

/** @typedef {[string, () => void]} Item what it is called, and what it does */

/**
 * Where a key leads in a list, from one place of it; null for other keys.
 * @param {string} key
 * @param {number} at
 * @param {number} n
 */
export function stepTo(key, at, n) {
  const to = new Map([
    ["ArrowDown", at + 1],
    ["ArrowUp", at - 1],
    ["Home", 0],
    ["End", n - 1],
  ]).get(key);
  return to === undefined || !n ? null : (to + n) % n;
}

/**
 * @param {State} state
 * @param {{x: number, y: number}} spot
 * @param {Item[]} items
 * @param {string} label
 */
export function popup(state, spot, items, label) {
  const { root } = state;
  if (!state.menu) {
    state.menu = el("div", "menu");
    state.menu.popover = "auto";
    state.menu.setAttribute("role", "menu");
    root.appendChild(state.menu);
  }
  const { menu } = state;
  const before = focusIn(root);
  const goBack = () => {
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
  menu.setAttribute("aria-label", label);
  const all = items.map(([text, act]) => {
    const item = button("item", text, "", () => {
      menu.hidePopover();
      goBack();
      act();
    });
    item.tabIndex = -1;
    item.setAttribute("role", "menuitem");
    return item;
  });
  menu.replaceChildren(...all);
  menu.onkeydown = (event) => {
    if (event.key === "Tab" || event.key === "Escape") menu.hidePopover();
    if (event.key === "Escape") {
      event.preventDefault();
      goBack();
    }
    const to = stepTo(event.key, all.findIndex((item) => item === focusIn(root)), all.length);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    all[to].focus();
  };
  menu.showPopover();
  const { offsetWidth: width, offsetHeight: height } = menu;
  menu.style.left = `${Math.max(4, Math.min(spot.x, innerWidth - width - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(spot.y, innerHeight - height - 4))}px`;
  all[0].focus();
}
