// Places in a text that is being completed. Python counts characters, the browser halves of some: an emoji is two.

/** How many characters stand before a place of the browser's. */
export const chars = (/** @type {string} */ text, /** @type {number} */ end) => [...text.slice(0, end)].length;

/** The browser's place behind so many characters. */
export const halves = (/** @type {string} */ text, /** @type {number} */ end) => [...text].slice(0, end).join("").length;

/**
 * A text with a completion in it, and a space behind that; and where the cursor then is.
 * @param {string} text
 * @param {[number, number]} span what it takes the place of, in characters
 * @param {string} completion
 */
export function completed(text, span, completion) {
  const [from, to] = span.map((at) => halves(text, at));
  const rest = text.slice(to);
  const put = completion + (rest.startsWith(" ") ? "" : " ");
  return { text: text.slice(0, from) + put + rest, cursor: from + put.length };
}

/**
 * The first text that there is room for, so that none is cut in the middle of a word; else the last.
 * @param {string[]} texts
 * @param {(text: string) => number} widthOf
 * @param {number} room
 */
export function fitting(texts, widthOf, room) {
  return texts.find((text) => widthOf(text) <= room) ?? texts.at(-1) ?? "";
}
