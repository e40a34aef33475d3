// Nodes from plain values. Everything that people wrote is set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string | number} [text]
 */
export function el(name, className = "", text = undefined) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = String(text);
  return node;
}

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
export function svg(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

/**
 * A button that no form takes for its own.
 * @param {string | number} text
 * @param {string} [label] for those who don't see it
 * @param {() => void} [act]
 */
export function button(className = "", text = "", label = "", act = undefined) {
  const node = el("button", className, text);
  node.type = "button";
  if (label) node.setAttribute("aria-label", label);
  if (act) node.onclick = act;
  return node;
}

/**
 * The first element below that a selector finds; the component's own markup has it.
 * @template {HTMLElement} [Found=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 */
export function part(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`the markup has no ${selector}`);
  return /** @type {Found} */ (found);
}

/** What has the focus in the page or in the component that keeps its styles apart. */
export function focusIn(/** @type {Node} */ node) {
  return /** @type {Document | ShadowRoot} */ (node.getRootNode()).activeElement;
}
