// One item, drawn as its kind asks.

import { button, el } from "../shared/dom.js";
import { drawFigure, histogram } from "./figures.js";
import { drawLayers, readLayers } from "./layers.js";
import { sayBytes } from "../shared/sizes.js";
import { drawJson, drawPage, drawTable, drawText } from "../shared/writing.js";
/** @import { Item, Layers, State } from "./message.js" */

const THUMB = 96;
const FEW = 24;
/** Up to so many pictures are shown as they are; of more, their thumbs. */
const SMALL = 96;
/** Pictures of no more pixels a side are drawn with hard edges. */
const MOST_BYTES = 8_000_000;
const PICTURES = new Set(["image", "figure"]);

export const isPicture = (/** @type {Item} */ item) => PICTURES.has(item.k) || item.t === "image/gif";

/**
 * @param {State} state
 * @param {Item} item
 */
export const addressOf = (state, item, query = "") => new URL(`${state.data.folder}${item.at}${query}`, document.baseURI).href;

/**
 * Items of a kind go side by side, as wide as they need.
 * @param {Item} item
 */
export const widthOf = (item) => (item.k === "image" ? "small" : item.k === "audio" || item.k === "video" ? "middle" : "wide");

/**
 * @param {State} state
 * @param {Item} item
 * @param {number} among how many
 * @param {(item: Item) => void} open shows it in full size
 */
export function drawCard(state, item, among, open) {
  const card = el("figure", `lb-m-card lb-m-${widthOf(item)}`);
  if (isPicture(item)) card.append(picture(state, item, among, open));
  else card.append(other(state, item));
  const foot = el("figcaption");
  if (item.c) foot.append(el("span", "lb-m-caption", item.c));
  if (!isPicture(item)) foot.append(download(state, item));
  if (foot.childNodes.length) card.append(foot);
  return card;
}

/**
 * @param {State} state
 * @param {Item} item
 */
export function download(state, item) {
  const link = el("a", "lb-m-download", "Download");
  link.href = addressOf(state, item, "?download");
  link.download = "";
  link.title = `${item.t}, ${sayBytes(item.b)}`;
  return link;
}

/**
 * A picture with what lies over it, at its own proportions.
 * @param {State} state
 * @param {Item} item
 * @param {boolean} whole
 */
export function framed(state, item, whole) {
  const frame = el("div", "lb-m-frame");
  const image = el("img");
  const small = item.w && item.h && Math.max(item.w, item.h) <= SMALL;
  if (small) image.classList.add("lb-m-pixels");
  image.loading = "lazy";
  image.decoding = "async";
  image.alt = item.c || `${state.data.key}, ${item.k}`;
  if (item.w && item.h) {
    image.width = item.w;
    image.height = item.h;
    frame.style.setProperty("--lb-ratio", String(item.w / item.h));
  }
  image.onerror = () => {
    frame.replaceChildren(el("p", "lb-m-broken", "This picture can't be shown."));
  };
  const thumb = !whole && item.k === "image" && Math.max(item.w, item.h) > THUMB;
  image.src = addressOf(state, item, thumb ? "?thumb" : "");
  frame.append(image);
  if (item.l) layersOf(state, item).then((layers) => drawLayers(frame, layers, state.off), () => {});
  return frame;
}

/** @type {Map<string, Promise<Layers>>} */
const KNOWN = new Map();

/**
 * @param {State} state
 * @param {Item} item
 */
export function layersOf(state, item) {
  const address = addressOf(state, item, "?layers");
  let known = KNOWN.get(address);
  if (!known) {
    known = fetch(address).then(async (answer) => readLayers(answer.ok ? await answer.json() : {}));
    KNOWN.set(address, known);
  }
  return known;
}

/**
 * @param {State} state
 * @param {Item} item
 * @param {number} among
 * @param {(item: Item) => void} open
 */
function picture(state, item, among, open) {
  const node = button("lb-m-open", "", `Show in full size: ${item.c || state.data.key}`, () => open(item));
  node.append(framed(state, item, among <= FEW));
  return node;
}

/**
 * @param {State} state
 * @param {Item} item
 */
function other(state, item) {
  const label = item.c || state.data.key;
  if (item.k === "audio" || item.k === "video") {
    const player = item.k === "audio" ? el("audio") : el("video");
    player.controls = true;
    player.preload = "metadata";
    player.src = addressOf(state, item);
    player.setAttribute("aria-label", label);
    return player;
  }
  const place = el("div", "lb-m-written");
  if (item.b > MOST_BYTES) {
    place.append(el("p", "lb-w-rest", `${sayBytes(item.b)}: too long to show; download it.`));
    return place;
  }
  if (item.k === "html") {
    place.append(drawPage(addressOf(state, item, "?page"), label));
    return place;
  }
  place.append(el("p", "lb-w-rest", "Loading…"));
  fetch(addressOf(state, item)).then(
    async (answer) => {
      const text = await answer.text();
      place.replaceChildren(answer.ok ? written(state, item, text) : el("p", "lb-m-broken", text));
    },
    () => place.replaceChildren(el("p", "lb-m-broken", "The server did not answer.")),
  );
  return place;
}

/**
 * @param {State} state
 * @param {Item} item
 * @param {string} text
 */
function written(state, item, text) {
  if (item.k === "text") return drawText(text);
  if (item.k === "json") return drawJson(text);
  /** @type {any} */
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    return drawText(text);
  }
  if (item.k === "plotly" && Array.isArray(told?.data)) return drawFigure(told, state.data.library);
  if (item.k === "histogram") {
    const figure = histogram(told);
    if (figure) return drawFigure(figure, state.data.library, 240);
  }
  const table = drawTable(told);
  if (!table) return drawJson(text);
  if (!Array.isArray(told.figure?.data)) return table;
  const both = el("div");
  const more = el("details");
  more.append(el("summary", "", `Table, ${told.data.length.toLocaleString("en")} rows`), table);
  both.append(drawFigure(told.figure, state.data.library, 380), more);
  return both;
}
