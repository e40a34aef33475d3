import { wholeText } from "#browser/table/copied.js";
import { cases } from "../cases.js";
/** @import { Cell, Kind, Row } from "#browser/table/message.js" */

const copied = (/** @type {Kind} */ kind, /** @type {Cell | undefined} */ cell, /** @type {Row["tint"]} */ tint) =>
  wholeText({ kind }, cell, { tint });

cases("wholeText", copied, [
  ["text", "a name", "", "a name"],
  ["text", null, "", ""],
  ["text", undefined, "", ""],
  ["number", 0, "", "0"],
  ["number", { text: "0.1235", title: "0.12345678" }, "", "0.12345678"],
  ["number", { text: "0.1235", title: "mean of 3" }, "group", "0.1235"],
  ["value", { text: "0.1", title: "0.1000001" }, "differs", "0.1000001"],
  ["score", { text: "0.9", title: "how it was ranked" }, "", "0.9"],
  ["time", 0, "", "1970-01-01T00:00:00.000Z"],
  ["time", { text: 1e300 }, "", ""],
  ["tags", { text: ["a", "constructor"] }, "", "a, constructor"],
  ["spark", { text: [1, 2] }, "", ""],
]);
