// Which columns a search finds, and the order of those that are shown.

/** @import { Choice } from "./message.js" */

/**
 * The choices whose name, or section, holds every word of a text. Names that begin with the first word come first, then
 * those with a part that does, then those that hold it; among these the order stays.
 * @param {Choice[]} choices
 * @param {string} text
 */
export function matches(choices, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return choices;
  /** @type {[number, Choice][]} */
  const ranked = [];
  for (const choice of choices) {
    const name = choice.label.toLowerCase();
    if (!words.every((word) => name.includes(word) || choice.section.toLowerCase() === word)) continue;
    const at = name.indexOf(words[0]);
    ranked.push([at === 0 ? 0 : "./_- ".includes(name[at - 1] ?? " ") ? 1 : 2, choice]);
  }
  return ranked.sort((a, b) => a[0] - b[0]).map(([, choice]) => choice);
}

/**
 * The list with the element at one place moved to another, or to the end that lies before it.
 * @template Item
 * @param {Item[]} list
 * @param {number} from
 * @param {number} to
 */
export function moved(list, from, to) {
  const out = [...list];
  out.splice(Math.max(0, Math.min(list.length - 1, to)), 0, ...out.splice(from, 1));
  return out;
}
