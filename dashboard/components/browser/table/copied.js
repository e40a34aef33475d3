// What of a cell is copied: everything that it says; numbers and times with all their digits.

import { moment } from "../shared/ages.js";
/** @import { Cell, Column, Row, Value } from "./message.js" */

/** Kinds whose full text is the one that they show on hover. */
const TOLD = ["number", "text", "value"];

/**
 * @param {Pick<Column, "kind">} column
 * @param {Cell | undefined} cell
 * @param {Pick<Row, "tint">} row
 */
export function wholeText(column, cell, row) {
  /** @type {Value} */
  const value = cell !== null && typeof cell === "object" ? cell : { text: cell ?? undefined };
  if (value.text === undefined || column.kind === "spark") return "";
  if (column.kind === "time") return moment(Number(value.text));
  if (column.kind === "tags" && Array.isArray(value.text)) return value.text.join(", ");
  const told = row.tint !== "group" && TOLD.includes(column.kind) && value.title;
  return String(told || value.text);
}
