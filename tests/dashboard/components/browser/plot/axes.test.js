import assert from "node:assert/strict";
import { test } from "node:test";

import { axis, category, exponentFrom, onAxis, plainTick } from "#browser/plot/axes.js";
import { RESERVED, cases } from "../cases.js";

cases("plainTick", plainTick, [
  ["1e+7", "1e7"],
  ["5e−6", "5e-6"],
  ["−2.5e+8", "-2.5e8"],
  ["1,234.5e+10", "1.2345e13"],
  ["0.5", "0.5"],
  ["baseline", "baseline"],
  ["", ""],
]);
cases("exponentFrom", exponentFrom, [
  [[], 3],
  [[[]], 3],
  [[[0, 9e-4]], 3],
  [[[NaN, null, "text"], [1e-3]], 6],
  [[[-1e300, Infinity]], 6],
]);
cases("onAxis", onAxis, [
  [100, "log", 2],
  [100, "linear", 100],
  [-1, "log", NaN],
  [0, undefined, 0],
]);
cases("category", category, [
  ["a", "a"],
  ["", ""],
  [7, 7],
  [null, null],
  ["constructor", "constructor\u200d"],
]);

test("no category is what every object has", () => {
  for (const name of RESERVED) assert.ok(!(/** @type {string} */ (category(name)) in {}), name);
});

test("an axis of names has them in its order", () => {
  const look = { dark: false, background: "", text: "", soft: "", grid: "", font: "" };
  const made = axis({ type: "category", categoryarray: ["a", "toString"] }, look, [["a"]]);
  assert.deepEqual(made.categoryarray, ["a", "toString\u200d"]);
  assert.equal(made.title, undefined);
});
