import { cut } from "#browser/parallel/furniture.js";
import { opacity } from "#browser/parallel/lines.js";
import { cases } from "../cases.js";

cases("cut", cut, [
  ["model", 5, "model"],
  ["a long name", 5, "a lo…"],
  ["", 4, ""],
]);
cases("opacity", (/** @type {number} */ count) => Number(opacity(count).toFixed(3)), [
  [0, 0.9],
  [1, 0.9],
  [100, 0.571],
  [2000, 0.128],
  [1e9, 0.12],
]);
