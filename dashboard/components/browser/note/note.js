// Notes in Markdown, built node by node from plain values: text is set as text, and an address is used only if it leads
// to the web or a mailbox. Nothing is fetched before a click; pictures are links.

import { el } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { address } from "./address.js";
/** @import { Block, Inline, List, NoteData, Table } from "./message.js" */

/**
 * @param {"link" | "image"} kind
 * @param {string} target
 * @param {Inline[]} pieces
 * @param {string} [title]
 */
function link(kind, target, pieces, title) {
  const href = address(target);
  const node = href === null ? el("span", kind) : el("a", kind);
  if (href !== null && node instanceof HTMLAnchorElement) {
    node.href = href;
    node.target = "_blank";
    node.rel = "noopener noreferrer nofollow";
    node.referrerPolicy = "no-referrer";
    node.title = title ? `${title}\n${href}` : href;
  }
  if (kind === "image") node.append("image: ");
  return inline(pieces, node);
}

/**
 * @template {HTMLElement} Node
 * @param {Inline[]} pieces
 * @param {Node} into
 */
function inline(pieces, into) {
  for (const piece of pieces)
    switch (piece[0]) {
      case "text":
        into.append(piece[1]);
        break;
      case "break":
        into.append(el("br"));
        break;
      case "code":
        into.append(el("code", "", piece[1]));
        break;
      case "link":
      case "image":
        into.append(link(piece[0], piece[1], piece[2], piece[3]));
        break;
      case "strong":
      case "em":
      case "del":
        into.append(inline(piece[1], el(piece[0])));
    }
  return into;
}

/** @param {Table} block */
function table(block) {
  const row = (/** @type {Inline[][]} */ cells, /** @type {"th" | "td"} */ tag) => {
    const node = el("tr");
    node.append(...cells.map((cell, n) => inline(cell, el(tag, block.align[n]))));
    return node;
  };
  const [node, head, body] = [el("table"), el("thead"), el("tbody")];
  head.append(row(block.head, "th"));
  body.append(...block.rows.map((cells) => row(cells, "td")));
  node.append(head, body);
  return node;
}

/** @param {List} block */
function list(block) {
  const node = block.ordered ? el("ol") : el("ul");
  if (node instanceof HTMLOListElement && block.start !== 1) node.start = block.start;
  for (const item of block.c) {
    const li = el("li", item.done === null ? "" : "task");
    if (item.done !== null) {
      const mark = el("span", "box", item.done ? "☑" : "☐");
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", item.done ? "done" : "to do");
      li.append(mark);
    }
    li.append(...item.c.map((each, i) => nodeOf(each, i === 0)));
    node.append(li);
  }
  return node;
}

/**
 * @param {Block} block
 * @param {boolean} first whether it begins an item of a list, where a paragraph makes no line of its own
 */
function nodeOf(block, first) {
  switch (block.k) {
    case "p":
      return inline(block.c, first ? el("span") : el("p"));
    case "h":
      // The page has its own first headings.
      return inline(block.c, el(/** @type {"h3"} */ (`h${Math.min(6, block.n + 2)}`)));
    case "code": {
      const pre = el("pre");
      pre.tabIndex = 0;
      pre.append(el("code", "", block.t));
      return pre;
    }
    case "rule":
      return el("hr");
    case "quote": {
      const quote = el("blockquote");
      quote.append(...block.c.map((each) => nodeOf(each, false)));
      return quote;
    }
    case "list":
      return list(block);
    case "table":
      return table(block);
  }
}

/**
 * @param {{root: HTMLElement, text: string}} state
 * @param {NoteData} data
 */
function draw(state, data) {
  const text = JSON.stringify(data);
  if (state.text === text) return;
  state.text = text;
  state.root.replaceChildren(...data.blocks.map((block) => nodeOf(block, false)));
  if (data.rest) state.root.append(el("p", "rest", data.rest));
}

export default mount(".lb-notes", { setup: (root) => ({ root, text: "" }), draw });
