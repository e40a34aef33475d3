import { age, ago, moment } from "#browser/shared/ages.js";
import { cases } from "../cases.js";

const NOW = Date.UTC(2026, 2, 29, 2, 30);
const [S, MIN, H, D] = [1000, 60_000, 3_600_000, 86_400_000];

cases("ago", (/** @type {number} */ past) => ago(NOW - past, NOW), [
  [0, "now"],
  [4.9 * S, "now"],
  [5 * S, "5 s ago"],
  [44.9 * S, "45 s ago"],
  [45 * S, "1 min ago"],
  [90 * S, "2 min ago"],
  [44.9 * MIN, "45 min ago"],
  [45 * MIN, "1 h ago"],
  // The night in which clocks in Europe go forward has an hour less there, not here.
  [2 * H, "2 h ago"],
  [21.9 * H, "22 h ago"],
  [22 * H, "1 d ago"],
  [25.9 * D, "26 d ago"],
  [26 * D, "2026-03-03"],
  [-1 * S, "now"],
  [-2 * MIN, "now"],
  [-3 * MIN, "in 3 min"],
  [-25 * D, "in 25 d"],
  [-27 * D, "2026-04-25"],
  [NaN, ""],
  [Infinity, ""],
  [1e300, ""],
]);

cases("age", age, [
  [-5000, "just now"],
  [0, "just now"],
  [1499, "just now"],
  [1500, "2 s ago"],
  [89_400, "89 s ago"],
  [90_000, "2 min ago"],
  [5_399_000, "90 min ago"],
  [5_400_000, "2 h ago"],
]);

cases("moment", moment, [
  [0, "1970-01-01T00:00:00.000Z"],
  [Date.UTC(2026, 2, 29, 1), "2026-03-29T01:00:00.000Z"],
  [8.64e15, "+275760-09-13T00:00:00.000Z"],
  [8.64e15 + 1, ""],
  [NaN, ""],
]);
