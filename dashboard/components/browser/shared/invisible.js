// Characters that cannot be seen but turn, join or hide the text around them are shown by their number: a name must not
// read as another. What `format/invisible.py` does for text that Python writes, this does for all that scripts draw.

// eslint-disable-next-line no-control-regex -- they are what it looks for
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const ATTRIBUTES = ["title", "aria-label"];

/** Text with such characters by their number, as in `run <U+202E>txt`; all other text as it is. */
export const visibleText = (/** @type {string} */ text) =>
  text.replace(UNSEEN, (found) => `<U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);

/** @param {Node} node */
function showUnseen(node) {
  if (node instanceof Text) {
    const shown = visibleText(node.data);
    if (shown !== node.data) node.data = shown;
    return;
  }
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) showUnseen(texts.currentNode);
  if (!(node instanceof Element || node instanceof DocumentFragment)) return;
  for (const name of ATTRIBUTES)
    for (const each of [node, ...node.querySelectorAll(`[${name}]`)]) showUnseenIn(each, name);
}

/**
 * @param {Node} node
 * @param {string} name of an attribute
 */
function showUnseenIn(node, name) {
  const text = node instanceof Element && node.getAttribute(name);
  if (text && visibleText(text) !== text) node.setAttribute(name, visibleText(text));
}

/**
 * Do so for all that is, and all that comes, below a component's root and on the page. Once for each: the page's own
 * root and that of each component that keeps its styles apart.
 * @param {ParentNode & Node} root
 */
export function watchUnseen(root) {
  const page = /** @type {{lbUnseen?: WeakSet<Node>}} */ (window);
  const watched = (page.lbUnseen ??= new WeakSet());
  for (const each of [document.body, root]) {
    if (!each || watched.has(each) || (each !== document.body && document.body.contains(each))) continue;
    watched.add(each);
    showUnseen(each);
    new MutationObserver((changes) => {
      for (const change of changes) {
        if (change.type === "attributes") showUnseenIn(change.target, change.attributeName ?? "");
        else if (change.type === "characterData") showUnseen(change.target);
        else change.addedNodes.forEach(showUnseen);
      }
    }).observe(each, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ATTRIBUTES,
    });
  }
}
