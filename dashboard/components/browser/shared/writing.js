// Items that are read rather than looked at: texts, JSON, tables, pages of HTML. All is set as text; a page of HTML goes
// into a frame in which nothing runs and from which nothing is fetched.

import { el } from "./dom.js";

const MOST_CHARS = 200_000;
const MOST_ROWS = 500;

/** @param {string} text */
export function drawText(text) {
  const pre = el("pre", "lb-w-text", text.slice(0, MOST_CHARS));
  pre.tabIndex = 0;
  if (text.length <= MOST_CHARS) return pre;
  const all = el("div");
  const more = `${(text.length - MOST_CHARS).toLocaleString("en")} more characters: download to see them.`;
  all.append(pre, el("p", "lb-w-rest", more));
  return all;
}

/** @param {string} text */
export function drawJson(text) {
  try {
    return drawText(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return drawText(text);
  }
}

/**
 * A page of HTML in a frame. The server sends it with a policy under which nothing runs and nothing is fetched; a policy
 * inside the page would come too late for what the browser looks for ahead of it.
 * @param {string} address
 * @param {string} title
 */
export function drawPage(address, title) {
  const frame = el("iframe", "lb-w-page");
  // No permission at all: no scripts, no forms, an origin of its own.
  frame.setAttribute("sandbox", "");
  frame.referrerPolicy = "no-referrer";
  frame.title = title;
  frame.src = address;
  return frame;
}

/**
 * A table of `{"columns": [...], "data": [[...]]}`; null for anything else.
 * @param {any} told
 */
export function drawTable(told) {
  if (!Array.isArray(told?.columns) || !Array.isArray(told?.data)) return null;
  const [box, table, head, body, heads] = [el("div", "lb-w-table"), el("table"), el("thead"), el("tbody"), el("tr")];
  box.tabIndex = 0;
  const numeric = told.columns.map((/** @type {unknown} */ _, /** @type {number} */ n) => isNumeric(told.data, n));
  told.columns.forEach((/** @type {unknown} */ name, /** @type {number} */ n) => {
    heads.append(el("th", numeric[n] ? "lb-w-number" : "", String(name)));
  });
  for (const row of told.data.slice(0, MOST_ROWS)) {
    const line = el("tr");
    for (let n = 0; n < told.columns.length; n++) line.append(el("td", numeric[n] ? "lb-w-number" : "", sayCell(row?.[n])));
    body.append(line);
  }
  head.append(heads);
  table.append(head, body);
  box.append(table);
  if (told.data.length <= MOST_ROWS) return box;
  const all = el("div");
  const more = `${(told.data.length - MOST_ROWS).toLocaleString("en")} more rows: download to see them.`;
  all.append(box, el("p", "lb-w-rest", more));
  return all;
}

/**
 * @param {unknown[][]} rows
 * @param {number} n
 */
const isNumeric = (rows, n) => rows.slice(0, MOST_ROWS).every((row) => row?.[n] === null || typeof row?.[n] === "number");

/** @param {unknown} value */
export function sayCell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
