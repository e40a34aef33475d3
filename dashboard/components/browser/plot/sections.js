// Sections of charts under headings that fold, side by side where they have few.

import { button, el } from "../shared/dom.js";
/** @import { Section } from "./message.js" */
/** @import { Head, State } from "./state.js" */

const LEAST_WIDTH = 260;
const GAP = 12;

/**
 * @param {string} id
 * @returns {Head}
 */
function newHead(id) {
  const node = el("section", "lb-section");
  node.dataset.section = id;
  const [title, fold, grid] = [el("h2"), button(), el("div", "lb-grid")];
  title.append(fold);
  node.append(title, grid);
  return { node, title, fold, grid };
}

/**
 * The grids of sections, by id, made, put in order and named.
 * @param {State} state
 * @param {Section[]} sections
 * @param {boolean} headed
 */
export function drawSections(state, sections, headed) {
  const { root, heads, act } = state;
  state.sections = sections;
  sections.forEach((section, i) => {
    const head = heads.get(section.id) ?? newHead(section.id);
    heads.set(section.id, head);
    const { node, title, fold, grid } = head;
    title.hidden = !headed;
    fold.replaceChildren(el("b", "", section.title), " ", el("span", "", section.n));
    fold.title = section.title;
    fold.setAttribute("aria-expanded", String(!section.folded));
    fold.onclick = () => act({ kind: "fold", id: section.id });
    grid.hidden = section.folded;
    // The legend comes first.
    if (root.children[i + 1] !== node) root.insertBefore(node, root.children[i + 1] ?? null);
  });
  const known = new Set(sections.map((section) => section.id));
  for (const [id, { node }] of heads)
    if (!known.has(id)) {
      node.remove();
      heads.delete(id);
    }
  arrange(state);
}

/**
 * How many charts there is room for side by side.
 * @param {number} width
 * @param {number} most
 */
export const columnsIn = (width, most) => Math.min(most, Math.max(1, Math.floor((width + GAP) / LEAST_WIDTH)));

/** @param {State} state */
export function arrange({ root, data, sections, heads }) {
  const columns = columnsIn(root.clientWidth, data.columns);
  root.style.setProperty("--lb-columns", String(columns));
  for (const { id, folded, n } of sections) {
    const span = folded ? 1 : Math.max(1, Math.min(n, columns));
    heads.get(id)?.node.style.setProperty("--lb-span", String(span));
  }
}
