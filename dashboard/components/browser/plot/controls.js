// What the menu of a chart is made of.

import { el } from "../shared/dom.js";

/**
 * @param {string} text
 * @param {HTMLElement[]} inputs
 */
export function labelled(text, ...inputs) {
  const row = el("div", "lb-menu-row");
  row.append(el("span", "", text), ...inputs);
  return row;
}

/**
 * @param {string} label
 * @param {[string, string][]} options
 * @param {string} value
 * @param {(value: string) => void} act
 */
export function choice(label, options, value, act) {
  const node = el("select");
  node.setAttribute("aria-label", label);
  for (const [key, text] of options) {
    const option = el("option", "", text);
    option.value = key;
    node.append(option);
  }
  node.value = value;
  node.onchange = () => act(node.value);
  return node;
}

/**
 * @param {string} label
 * @param {string} value
 * @param {string} placeholder
 * @param {(value: string) => void} act
 */
export function entry(label, value, placeholder, act) {
  const node = el("input");
  Object.assign(node, { type: "text", inputMode: "decimal", placeholder, value });
  node.setAttribute("aria-label", label);
  node.onchange = () => act(node.value.trim());
  return node;
}

/**
 * @param {string} label
 * @param {string} value
 * @param {(value: string) => void} act
 */
export function slider(label, value, act) {
  const node = el("input");
  Object.assign(node, { type: "range", min: "0", max: "0.99", step: "0.01" });
  node.setAttribute("aria-label", label);
  node.value = value;
  const said = el("output", "", Number(value).toFixed(2));
  node.oninput = () => (said.textContent = Number(node.value).toFixed(2));
  node.onchange = () => act(node.value);
  return [node, said];
}
