// Characters that cannot be seen but turn, join or hide the text around them are shown by their number: a name must not
// read as another. Put before every component's script; what `visible.py` does for text that Python writes, this does
// for all that is drawn, whoever draws it.

const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const ATTRIBUTES = ["title", "aria-label"];

const visibleText = (text) =>
  text.replace(UNSEEN, (found) => `<U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);

function showUnseen(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    const shown = visibleText(node.data);
    if (shown !== node.data) node.data = shown;
    return;
  }
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) showUnseen(texts.currentNode);
  for (const name of ATTRIBUTES)
    for (const each of [node, ...(node.querySelectorAll?.(`[${name}]`) ?? [])]) showUnseenIn(each, name);
}

function showUnseenIn(node, name) {
  const text = node.getAttribute?.(name);
  if (text && visibleText(text) !== text) node.setAttribute(name, visibleText(text));
}

// Once for each root: the page's own and that of each component that keeps its styles apart.
function watchUnseen(root) {
  const watched = (window.lbUnseen ??= new WeakSet());
  for (const each of [document.body, root]) {
    if (!each || watched.has(each) || (each !== document.body && document.body.contains(each))) continue;
    watched.add(each);
    showUnseen(each);
    new MutationObserver((changes) => {
      for (const change of changes) {
        if (change.type === "attributes") showUnseenIn(change.target, change.attributeName);
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
