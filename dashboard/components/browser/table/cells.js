// One cell, by the kind of its column. Everything that people wrote is set as text.

import { ago, moment } from "../shared/ages.js";
import { button, el } from "../shared/dom.js";
import { swatch } from "../shared/swatch.js";
import { spark } from "./spark.js";
/** @import { Palette } from "../shared/colours.js" */
/** @import { Cell, Column, Value } from "./message.js" */

/** @typedef {{palette: Palette, dark: boolean}} Look */

const MEDALS = ["", "gold", "silver", "bronze"];
const LONG = 14;

/** @param {Value} value */
const textOf = (value) => /** @type {string | number} */ (value.text);

/** @param {Value} value */
function named(value, className = "v") {
  if (!value.href) return el("span", className, textOf(value));
  const link = el("a", "name", textOf(value));
  link.href = value.href;
  link.dataset.go = "";
  return link;
}

/** @param {Value} value */
function anchor(value, className = "v") {
  const node = named(value, className);
  if (value.href && value.title) node.title = value.title;
  return node;
}

/**
 * @param {Value} value
 * @param {Look} look
 */
function run(value, look) {
  const box = el("span", "run");
  if (value.fold !== undefined) {
    const fold = button("fold", "", `Runs of ${textOf(value)}`);
    fold.dataset.act = "fold";
    fold.setAttribute("aria-expanded", String(value.fold));
    box.appendChild(fold);
  }
  if (value.mark) box.appendChild(swatch(value.mark, look.palette, look.dark));
  box.appendChild(named(value, "name"));
  if (value.live) box.appendChild(el("span", "live", "running"));
  if (value.sub) box.appendChild(el("span", "sub", value.sub));
  return box;
}

/** @param {Value} value */
function bar(value) {
  const box = el("span", "bar");
  if (value.part !== undefined) {
    const track = el("span", "track");
    const done = el("span", "done");
    done.style.width = `${(100 * Math.max(0, Math.min(1, value.part))).toFixed(1)}%`;
    track.appendChild(done);
    box.appendChild(track);
  }
  box.appendChild(el("span", "v", textOf(value)));
  return box;
}

/** @param {Value} value */
function links(value) {
  const all = /** @type {Value[]} */ (value.text);
  return all.flatMap((each, i) => [
    ...(i ? [", "] : []),
    anchor(each, "sub"),
    ...(each.href && each.sub ? [el("span", "sub", each.sub)] : []),
  ]);
}

/**
 * @param {HTMLElement} td
 * @param {Value} value
 */
function time(td, value) {
  const ms = Number(value.text);
  td.dataset.at = String(ms);
  td.title = moment(ms) && new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  td.textContent = ago(ms, Date.now());
}

/**
 * @param {HTMLElement} td
 * @param {Column} column
 * @param {Value} value
 */
function plain(td, column, value) {
  // Where it may be cut, all of it is told on hover.
  const long = column.kind === "flex" || (column.kind === "text" && String(value.text).length > LONG);
  if (long && !td.title) td.title = String(value.text);
  td.appendChild(el("span", "v", textOf(value)));
  if (value.sub) td.appendChild(el("span", "sub", value.sub));
  if (value.delta) td.appendChild(el("span", value.better ? "delta better" : "delta worse", value.delta));
  if (value.medal) td.classList.add("medal", MEDALS[value.medal]);
}

/**
 * Draw a cell anew.
 * @param {HTMLElement} td
 * @param {Column} column
 * @param {Cell | undefined} cell
 * @param {Look} look
 */
export function fill(td, column, cell, look) {
  td.replaceChildren();
  td.className = `k-${column.kind}`;
  if (column.pinned) td.classList.add("pinned");
  if (column.wide) td.classList.add("wide");
  td.removeAttribute("title");
  if (cell === null || cell === undefined) {
    td.appendChild(el("span", "none", "–"));
    return;
  }
  // Nothing to tell, as in the line that leads to more rows.
  if (cell === "") return;
  /** @type {Value} */
  const value = typeof cell === "object" ? cell : { text: cell };
  if (value.tint) td.classList.add(`tint-${value.tint}`);
  if (value.off) td.classList.add("off");
  if (value.title) td.title = value.title;
  switch (column.kind) {
    case "time":
      time(td, value);
      break;
    case "run":
      td.append(run(value, look));
      break;
    case "link":
      td.append(anchor(value));
      if (value.sub) td.append(el("span", "sub", value.sub));
      break;
    case "links":
      td.append(...links(value));
      break;
    case "bar":
      td.append(bar(value));
      break;
    case "spark":
      td.append(spark(/** @type {number[]} */ (value.text)));
      break;
    case "status":
      td.append(el("span", `status s-${value.state || value.text}`, textOf(value)));
      break;
    case "tags":
      td.append(.../** @type {string[]} */ (value.text).map((tag) => el("span", "tag", tag)));
      break;
    case "rank":
      td.append(el("span", ["rank", MEDALS[value.medal ?? 0]].join(" ").trim(), textOf(value)));
      break;
    case "action": {
      const act = button("act", textOf(value));
      act.dataset.act = column.id;
      td.append(act);
      break;
    }
    default:
      plain(td, column, value);
  }
}
