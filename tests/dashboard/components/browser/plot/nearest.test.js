import { linesAt, nearest } from "#browser/plot/nearest.js";
import { RESERVED, cases } from "../cases.js";

cases("nearest", nearest, [
  [[5], -1e300, 0],
  [[0, 10], 4, 0],
  [[0, 10], 5, 0],
  [[0, 10], 6, 1],
  [[0, 1, 2, 3], 99, 3],
  [[0, 1, 2, 3], -99, 0],
  [[0, 1, 2], NaN, 0],
  [[-1e300, 1e300], 1, 0],
  [[], 1, 0],
]);

const line = (/** @type {string} */ run, /** @type {number[]} */ x, /** @type {number[]} */ y) => ({
  ...{ uid: run, label: run, run, x, y },
  colour: "",
  dash: "",
});
const LINES = [
  line(RESERVED[0], [0, 10, 20], [1, 2, 3]),
  line(RESERVED[2], [0, 10], [5, NaN]),
  line("none", [], []),
  line("right", [100], [2]),
];
// A pixel for each value.
const at = (/** @type {number} */ x, /** @type {number} */ y) =>
  linesAt(LINES, { x, y }, x, (px, py) => [px, py]).map((each) => [each.line.run, each.x, each.away]);

cases("linesAt", at, [
  [11, 3, [["constructor", 10, 1]]],
  [1, 3, [["constructor", 0, 2], ["__proto__", 0, 2]]],
  [1, 5, [["__proto__", 0, 0], ["constructor", 0, 4]]],
  // Beyond an end it is told as long as that is near.
  [33, 0, [["constructor", 20, 3]]],
  [35, 0, []],
  [90, 0, [["right", 100, 2]]],
]);
