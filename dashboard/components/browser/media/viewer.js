// A picture in full size, over the page; the arrow keys go to the next one.

import { button, el } from "../shared/dom.js";
import { sayBytes } from "../shared/sizes.js";
import { addressOf, download, framed } from "./card.js";
/** @import { Item, State } from "./message.js" */

/**
 * @param {State} state
 * @param {Item[]} items that can be gone through
 * @param {Item} first
 */
export function view(state, items, first) {
  const dialog = el("dialog", "lb-m-dialog");
  dialog.setAttribute("aria-label", `${state.data.key} in full size`);
  let at = items.indexOf(first);
  const [stage, foot] = [el("div", "lb-m-stage"), el("div", "lb-m-foot")];
  const before = button("lb-m-nav lb-m-before", "‹", "Previous picture", () => go(-1));
  const after = button("lb-m-nav lb-m-after", "›", "Next picture", () => go(1));
  const close = button("lb-m-close", "✕", "Close", () => dialog.close());

  function go(/** @type {number} */ by) {
    at = Math.min(items.length - 1, Math.max(0, at + by));
    draw();
  }

  function draw() {
    const item = items[at];
    const frame = framed(state, item, true);
    frame.onclick = () => frame.classList.toggle("lb-m-actual");
    frame.title = "Click: every pixel as it is, or all of it";
    stage.replaceChildren(frame);
    const size = item.w ? `${item.w} × ${item.h} · ` : "";
    const open = el("a", "lb-m-download", "Open");
    open.href = addressOf(state, item);
    open.target = "_blank";
    open.rel = "noopener noreferrer";
    const run = state.data.groups.length ? `${state.data.groups[item.g].name} · ` : "";
    const told = `${run}step ${state.data.steps[item.s].toLocaleString("en")} · ${at + 1} of ${items.length} · ${size}${sayBytes(item.b)}`;
    foot.replaceChildren(el("b", "", item.c || state.data.key), el("span", "", told), open, download(state, item));
    before.disabled = at === 0;
    after.disabled = at === items.length - 1;
  }

  dialog.onkeydown = (event) => {
    if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
  };
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close();
  };
  dialog.onclose = () => dialog.remove();
  dialog.append(close, before, stage, after, foot);
  state.root.append(dialog);
  draw();
  dialog.showModal();
}
