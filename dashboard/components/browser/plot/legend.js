// What colours mean, in a line above the charts.

import { el } from "../shared/dom.js";
import { slotColour } from "./look.js";
/** @import { Legend } from "./message.js" */
/** @import { State } from "./state.js" */

/** @param {State} state */
export function drawLegend({ legend: into, data, look }) {
  const { legend, palette } = data;
  into.hidden = !legend;
  if (!legend) return;
  const colour = (/** @type {Legend["keys"][number]} */ key) => slotColour(key.slot, palette, look);
  const item = (/** @type {Legend["keys"][number]} */ key) => {
    const node = el("span");
    const swatch = el("i");
    swatch.style.borderTop = `3px ${key.dash === "solid" ? "solid" : "dashed"} ${colour(key)}`;
    node.append(swatch, el("span", "", key.text));
    return node;
  };
  const title = el("b", "", legend.title);
  const keys = legend.scale ? legend.keys.filter((key) => Array.isArray(key.slot)) : [];
  if (keys.length < 2) {
    into.replaceChildren(title, ...legend.keys.map(item));
    return;
  }
  const bar = el("span", "lb-scale");
  const strip = el("i");
  strip.style.background = `linear-gradient(to right, ${keys.map(colour).join(", ")})`;
  const ends = [keys[0], keys[keys.length >> 1], keys[keys.length - 1]];
  bar.append(strip, ...ends.map((key) => el("span", "", key.text)));
  into.replaceChildren(title, bar, ...legend.keys.filter((key) => !keys.includes(key)).map(item));
}
