import { placeText, rowsOf } from "#browser/plot/hover.js";
import { cases } from "../cases.js";

cases("placeText", placeText, [
  [1234.5678, { x: { type: "linear", title: "step" } }, "step 1,234.6"],
  [0, { x: { type: "linear" } }, "x 0"],
  [NaN, {}, "x NaN"],
  [Date.UTC(2026, 2, 29, 1, 0, 7), { x: { type: "date" } }, "2026-03-29 01:00:07"],
  [1e300, { x: { type: "date" } }, ""],
]);

const line = (/** @type {string} */ label) => ({ uid: "", run: "", label, x: [], y: [], colour: "", dash: "" });
cases("rowsOf", rowsOf, [
  [[], ""],
  [[{ line: line("__proto__"), x: 1, y: 0.1234567 }, { line: line("b"), x: 2, y: -1e-300 }], "__proto__\t1\t0.12346\nb\t2\t-1e-300"],
]);
