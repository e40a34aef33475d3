// A look into one file. Nothing of it runs: texts are set as text, pages stand in a frame under the server's policy.

import { el } from "../shared/dom.js";
import { sayBytes } from "../shared/sizes.js";
import { drawJson, drawPage, drawTable, drawText } from "../shared/writing.js";
/** @import { File } from "./message.js" */

const MOST_BYTES = 200_000;
/** Of a text so much is fetched. */
const MOST_PICTURE = 30_000_000;
const LOOKS = ["text", "json", "table"];

/**
 * @param {File} file
 * @param {string} address
 * @param {string} name
 */
export function preview(file, address, name) {
  const place = el("div", "view");
  if (file.r) place.append(el("p", "lb-w-rest", "A reference: the lake keeps its address alone."), el("code", "", file.r));
  else if (!file.b) place.append(el("p", "lb-w-rest", "This file is empty."));
  else if (file.k === "image" && file.b <= MOST_PICTURE) place.append(picture(address, name));
  else if (file.k === "html") place.append(drawPage(`${address}?show`, name));
  else if (file.k === "audio" || file.k === "video") place.append(player(file.k, address, name));
  else if (LOOKS.includes(file.k)) read(place, file, address);
  else place.append(el("p", "lb-w-rest", "There is no look into files of this kind; download it."));
  return place;
}

/**
 * @param {string} address
 * @param {string} name
 */
function picture(address, name) {
  const frame = el("div", "picture");
  const image = el("img");
  image.alt = name;
  image.decoding = "async";
  image.onerror = () => frame.replaceChildren(el("p", "lb-w-rest", "This picture can't be shown."));
  image.src = address;
  frame.append(image);
  return frame;
}

/**
 * @param {"audio" | "video"} kind
 * @param {string} address
 * @param {string} name
 */
function player(kind, address, name) {
  const node = kind === "audio" ? el("audio") : el("video");
  node.controls = true;
  node.preload = "metadata";
  node.setAttribute("aria-label", name);
  node.src = address;
  return node;
}

/**
 * @param {HTMLElement} place
 * @param {File} file
 * @param {string} address
 */
function read(place, file, address) {
  place.append(el("p", "lb-w-rest", "Loading…"));
  const isTable = file.k === "table";
  const asked = isTable ? fetch(`${address}?head`) : fetch(address, { headers: { Range: `bytes=0-${MOST_BYTES - 1}` } });
  asked.then(
    async (answer) => {
      const text = await answer.text();
      const nodes = !answer.ok ? [el("p", "lb-w-rest", text)] : isTable ? table(text) : written(file, text);
      place.replaceChildren(...nodes);
    },
    () => place.replaceChildren(el("p", "lb-w-rest", "The server did not answer.")),
  );
}

/** @param {string} text */
function table(text) {
  const told = JSON.parse(text);
  const drawn = told.columns.length ? drawTable(told) : null;
  return [...(drawn ? [drawn] : []), ...(told.note ? [el("p", "lb-w-rest", told.note)] : [])];
}

/**
 * @param {File} file
 * @param {string} text
 */
function written(file, text) {
  if (text.includes("\0")) return [el("p", "lb-w-rest", "These bytes are no text; download the file.")];
  if (file.b <= MOST_BYTES) return [file.k === "json" ? drawJson(text) : drawText(text)];
  return [drawText(text), el("p", "lb-w-rest", `The first ${sayBytes(MOST_BYTES)} of ${sayBytes(file.b)}.`)];
}
