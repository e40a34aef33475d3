// Boxes and masks over a picture, each layer to be switched off by its name.

import { el, svg } from "../shared/dom.js";
/** @import { Box, Layers, Mask } from "./message.js" */

const COLOURS = ["#e5484d", "#2f9e5f", "#3b82c4", "#d98a1f", "#8e5bd0", "#17a2a2"];

/**
 * What an answer says, without what makes no sense.
 * @param {any} told
 * @returns {Layers}
 */
export function readLayers(told) {
  /** @type {Map<string, Box[]>} */
  const boxes = new Map();
  /** @type {Map<string, Mask>} */
  const masks = new Map();
  for (const [name, given] of Object.entries(told?.boxes ?? {}))
    if (Array.isArray(given)) boxes.set(name, given.filter(isBox));
  for (const [name, given] of Object.entries(told?.masks ?? {})) {
    if (typeof given?.png !== "string" || !/^[A-Za-z0-9+/=]*$/.test(given.png)) continue;
    const labels = Object.values(given.labels ?? {}).filter(isLabel);
    masks.set(name, { png: given.png, labels });
  }
  return { boxes, masks };
}

/** @param {any} each */
const isBox = (each) => Array.isArray(each?.box) && each.box.length === 4 && each.box.every(Number.isFinite);

/** @param {any} each */
const isLabel = (each) => typeof each?.[0] === "string" && /^#[0-9a-f]{6}$/.test(each?.[1]);

/** The colour of a class of boxes: the same wherever it is. */
export function colourOf(/** @type {string} */ label) {
  let sum = 0;
  for (const letter of label) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return COLOURS[sum % COLOURS.length];
}

/** @param {Box} box */
export const sayBox = (box) =>
  [box.label ?? "", typeof box.score === "number" ? box.score.toFixed(2) : ""].filter(Boolean).join(" ");

/**
 * Put them over the picture in `frame`.
 * @param {HTMLElement} frame
 * @param {Layers} layers
 * @param {Set<string>} off
 */
export function drawLayers(frame, layers, off) {
  for (const old of frame.querySelectorAll(".lb-m-over")) old.remove();
  for (const [name, mask] of layers.masks) {
    if (off.has(name)) continue;
    const picture = el("img", "lb-m-over");
    picture.src = `data:image/png;base64,${mask.png}`;
    picture.alt = "";
    frame.append(picture);
  }
  const shown = [...layers.boxes].filter(([name]) => !off.has(name));
  if (!shown.length) return;
  const over = svg("svg", { class: "lb-m-over", viewBox: "0 0 1 1", preserveAspectRatio: "none" });
  over.setAttribute("aria-hidden", "true");
  const names = el("div", "lb-m-over lb-m-names");
  for (const [, boxes] of shown)
    for (const box of boxes) {
      const [x0, y0, x1, y1] = box.box;
      const colour = colourOf(box.label ?? "");
      const line = { x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) };
      over.append(svg("rect", { ...line, stroke: colour, "vector-effect": "non-scaling-stroke" }));
      const text = sayBox(box);
      if (!text) continue;
      const name = el("span", "", text);
      name.style.left = `${100 * x0}%`;
      name.style.top = `${100 * y0}%`;
      name.style.background = colour;
      names.append(name);
    }
  frame.append(over, names);
}
