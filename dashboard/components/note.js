// Notes in Markdown, built node by node from plain values: text is set as text, and an address is used only if it leads
// to the web or a mailbox. Nothing is fetched before a click; pictures are links.

const TAGS = { strong: "strong", em: "em", del: "del", code: "code" };

// Python has checked it; here it is checked again, as the browser reads it.
export function address(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function inline(nodes, into) {
  for (const [kind, ...rest] of nodes) {
    if (kind === "text") into.append(rest[0]);
    else if (kind === "break") into.append(el("br"));
    else if (kind === "code") into.append(el("code", "", rest[0]));
    else if (kind === "link" || kind === "image") {
      const href = address(rest[0]);
      const link = el(href ? "a" : "span", kind);
      if (href) {
        link.href = href;
        link.target = "_blank";
        link.rel = "noopener noreferrer nofollow";
        link.referrerPolicy = "no-referrer";
        link.title = rest[2] ? `${rest[2]}\n${href}` : href;
      }
      if (kind === "image") link.append("image: ");
      inline(rest[1], link);
      into.append(link);
    } else if (TAGS[kind]) {
      const node = el(TAGS[kind]);
      inline(rest[0], node);
      into.append(node);
    }
  }
  return into;
}

function table(block) {
  const node = el("table");
  const head = el("tr");
  block.head.forEach((cell, n) => head.append(inline(cell, el("th", block.align[n]))));
  node.append(el("thead"), el("tbody"));
  node.firstChild.append(head);
  for (const row of block.rows) {
    const tr = el("tr");
    row.forEach((cell, n) => tr.append(inline(cell, el("td", block.align[n]))));
    node.lastChild.append(tr);
  }
  return node;
}

function list(block) {
  const node = el(block.ordered ? "ol" : "ul");
  if (block.ordered && block.start !== 1) node.start = block.start;
  for (const item of block.c) {
    const li = el("li", item.done === null ? "" : "task");
    if (item.done !== null) {
      const mark = el("span", "box", item.done ? "☑" : "☐");
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", item.done ? "done" : "to do");
      li.append(mark);
    }
    blocks(item.c, li, true);
    node.append(li);
  }
  return node;
}

function blocks(found, into, tight) {
  for (const block of found) {
    if (block.k === "p") into.append(inline(block.c, el(tight && block === found[0] ? "span" : "p")));
    // The page has its own first headings.
    else if (block.k === "h") into.append(inline(block.c, el(`h${Math.min(6, block.n + 2)}`)));
    else if (block.k === "code") {
      const pre = el("pre");
      pre.tabIndex = 0;
      pre.append(el("code", "", block.t));
      into.append(pre);
    } else if (block.k === "rule") into.append(el("hr"));
    else if (block.k === "quote") {
      const quote = el("blockquote");
      blocks(block.c, quote, false);
      into.append(quote);
    } else if (block.k === "list") into.append(list(block));
    else if (block.k === "table") into.append(table(block));
  }
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".lb-notes");
  if (!root || !data) return;
  const text = JSON.stringify(data);
  if (root.dataset.text === String(text.length) && root.lbText === text) return;
  root.lbText = text;
  root.dataset.text = String(text.length);
  root.replaceChildren();
  blocks(data.blocks, root, false);
  if (data.rest) root.append(el("p", "rest", data.rest));
}
