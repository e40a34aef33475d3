// The files of a version: a tree at the left, a look into one at the right.

import { button, el } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { onNavigation } from "../shared/navigation.js";
import { sayBytes } from "../shared/sizes.js";
import { preview } from "./preview.js";
import { nameOf, treeOf } from "./tree.js";
/** @import { File, FilesData, Folder } from "./message.js" */

const FEW = 40;
/** Of no more files than this every folder stands open at first. */
const SEARCHED = 12;
const HASH_SHOWN = 12;

/**
 * What is drawn, and what somebody chose of it.
 * @typedef {object} State
 * @property {HTMLElement} root
 * @property {FilesData} data
 * @property {string} drawn what stands there, to draw nothing twice
 * @property {string} chosen
 * @property {string} waiting what the server has not heard of yet; what it says before is past
 * @property {string} find
 * @property {(path: string) => void} choose
 * @property {AbortController} ending
 */

/**
 * @param {State} state
 * @param {File} file
 * @param {string} name
 */
function line(state, file, name) {
  const one = button("file", "", "", () => {
    state.chosen = file.p;
    state.waiting = file.p;
    mark(state);
    look(state);
    state.choose(file.p);
  });
  one.title = file.p;
  one.dataset.path = file.p;
  one.append(el("span", "", name), el("em", "", file.r ? "reference" : sayBytes(file.b)));
  return one;
}

/**
 * @param {State} state
 * @param {Folder} folder
 * @param {boolean} open
 * @returns {HTMLElement}
 */
function branch(state, folder, open) {
  const node = el("details");
  node.open = open || state.chosen.startsWith(`${folder.path}/`);
  const head = el("summary");
  head.append(el("span", "", `${folder.name}/`), el("em", "", `${folder.n.toLocaleString("en")} · ${sayBytes(folder.bytes)}`));
  const inside = el("div", "inside");
  const fill = () => {
    if (!inside.childNodes.length) inside.append(...within(state, folder, open));
    mark(state);
  };
  // Of thousands of files no more is drawn than is looked at.
  if (node.open) fill();
  node.ontoggle = () => {
    if (node.open) fill();
  };
  node.append(head, inside);
  return node;
}

/**
 * @param {State} state
 * @param {Folder} folder
 * @param {boolean} open
 */
const within = (state, folder, open) => [
  ...folder.folders.map((each) => branch(state, each, open)),
  ...folder.files.map((file) => line(state, file, nameOf(file.p))),
];

/**
 * A link to files as one archive, made while it is fetched.
 * @param {string} address
 * @param {string} text
 */
function packed(address, text) {
  const link = el("a", "packed", text);
  link.href = new URL(address, document.baseURI).href;
  link.download = "";
  return link;
}

/** @param {State} state */
function mark(state) {
  for (const each of state.root.querySelectorAll("button.file"))
    each.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (each).dataset.path === state.chosen));
}

/**
 * @param {State} state
 * @param {HTMLElement} list
 */
function fillList(state, list) {
  const words = state.find.toLowerCase().split(/\s+/).filter(Boolean);
  const { files } = state.data;
  if (words.length) {
    const found = files.filter((file) => words.every((word) => file.p.toLowerCase().includes(word)));
    const shown = found.slice(0, 200).map((file) => line(state, file, file.p));
    const more = found.length > shown.length ? `${(found.length - shown.length).toLocaleString("en")} more match.` : "";
    const said = found.length ? more : "No file matches.";
    list.replaceChildren(...shown, ...(said ? [el("p", "lb-w-rest", said)] : []));
  } else {
    const rest = state.data.rest ? [el("p", "lb-w-rest", state.data.rest)] : [];
    list.replaceChildren(...within(state, treeOf(files), files.length <= FEW), ...rest);
  }
  mark(state);
}

/** @param {State} state */
function look(state) {
  const pane = /** @type {HTMLElement} */ (state.root.querySelector(".pane"));
  const file = state.data.files.find((each) => each.p === state.chosen);
  if (!file) {
    pane.replaceChildren(el("p", "lb-w-rest", state.data.files.length ? "Choose a file to look into it." : "No files."));
    return;
  }
  const address = new URL(state.data.folder + file.at, document.baseURI).href;
  const head = el("div", "head");
  const [name, told] = [el("b", "", file.p), el("span", "", file.r ? "reference" : sayBytes(file.b))];
  head.append(name, told);
  if (file.h) {
    const hash = button("hash", `sha256 ${file.h.slice(0, HASH_SHOWN)}…`, "Copy the SHA-256", () => {
      navigator.clipboard?.writeText(file.h).then(() => (hash.textContent = "copied"), () => {});
    });
    hash.title = file.h;
    const link = el("a", "download", "Download");
    link.href = address;
    link.download = nameOf(file.p);
    head.append(hash, link);
  }
  pane.replaceChildren(head, preview(file, address, nameOf(file.p)));
}

/**
 * @param {State} state
 * @param {FilesData} data
 * @param {import("../shared/mount.js").Component<FilesData>} component
 */
function draw(state, data, component) {
  state.choose = (path) => component.setTriggerValue("act", { kind: "file", path });
  const text = JSON.stringify({ ...data, chosen: "" });
  if (state.drawn === text) {
    state.data = data;
    if (state.waiting && data.chosen !== state.waiting) return;
    state.waiting = "";
    if (data.chosen !== state.chosen) {
      state.chosen = data.chosen;
      mark(state);
      look(state);
    }
    return;
  }
  state.drawn = text;
  state.data = data;
  state.chosen = data.chosen;
  state.waiting = "";
  state.find = "";
  const [side, list, pane] = [el("nav", "side"), el("div", "list"), el("div", "pane")];
  side.setAttribute("aria-label", "Files");
  if (data.files.length > SEARCHED) {
    const find = el("input");
    find.type = "search";
    find.placeholder = "Find a file";
    find.setAttribute("aria-label", "Find a file");
    find.oninput = () => {
      state.find = find.value;
      fillList(state, list);
    };
    side.append(find);
  }
  side.append(list);
  if (data.archive && data.files.length > 1) side.append(packed(data.archive, "All as a zip archive"));
  state.root.replaceChildren(side, pane);
  fillList(state, list);
  look(state);
}

/** @param {State} state */
function back(state) {
  state.waiting = "";
  const path = new URLSearchParams(location.search).get("file");
  if (path === null || path === state.chosen || !state.data.files.some((file) => file.p === path)) return;
  state.chosen = path;
  mark(state);
  look(state);
}

/** @type {(root: HTMLElement, data: FilesData) => State} */
function setup(root, data) {
  const ending = new AbortController();
  /** @type {State} */
  const state = { root, data, drawn: "", chosen: "", waiting: "", find: "", choose: () => {}, ending };
  // Who goes back in the browser wants what was there then; where that is what the server said last, it says nothing.
  onNavigation(() => back(state), ending.signal);
  return state;
}

export default mount(".lb-files", { setup, draw, end: (state) => state.ending.abort() });
