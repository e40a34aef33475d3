// The page's theme, as charts need it.

import { isDark } from "../shared/colours.js";
/** @import { Palette } from "../shared/colours.js" */
/** @import { Slot } from "./message.js" */

/** @typedef {ReturnType<typeof lookOf>} Look */

/** @param {Element} node */
export function lookOf(node) {
  const css = getComputedStyle(node);
  const get = (/** @type {string} */ name, /** @type {string} */ otherwise) => css.getPropertyValue(name).trim() || otherwise;
  const background = get("--st-background-color", "#ffffff");
  return {
    dark: isDark(background),
    background,
    text: get("--st-text-color", "#17212b"),
    soft: get("--st-gray-text-color", "#5b6977"),
    grid: get("--st-border-color", "#dde2e8"),
    font: get("--st-font", "sans-serif"),
  };
}

/**
 * The colour of a slot; -2 has that of text, none that of grey.
 * @param {Slot | undefined} slot
 * @param {Palette} palette
 * @param {Pick<Look, "dark" | "text" | "soft">} look
 */
export function slotColour(slot, palette, look) {
  if (Array.isArray(slot)) return slot[look.dark ? 1 : 0];
  if (slot === -2) return look.text;
  const colours = look.dark ? palette.dark : palette.light;
  return typeof slot === "number" && slot >= 0 ? colours[slot % colours.length] : look.soft;
}
