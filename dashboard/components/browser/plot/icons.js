// Pictures on buttons.

import { svg } from "../shared/dom.js";

const PATHS = {
  menu: "M5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm7 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zm7 0a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  large:
    "M4 4h6v1.8H7.1l3.6 3.6-1.3 1.3-3.6-3.6V10H4zm10 0h6v6h-1.8V7.1l-3.6 3.6-1.3-1.3 3.6-3.6H14zM4 14h1.8v2.9l3.6-3.6 1.3 1.3-3.6 3.6H10V20H4zm14.2 0H20v6h-6v-1.8h2.9l-3.6-3.6 1.3-1.3 3.6 3.6z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
  before: "M15 5.5 16.4 7l-5 5 5 5-1.4 1.5L8.5 12z",
  after: "M9 5.5 7.6 7l5 5-5 5L9 18.5l6.5-6.5z",
  pin: "M9 3h6v1.6l-1 1V11l3 3v1.5h-4.2V21h-1.6v-5.5H7V14l3-3V5.6l-1-1z",
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const image = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  image.append(svg("path", { d: PATHS[name] }));
  return image;
}
