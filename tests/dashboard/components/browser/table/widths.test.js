import assert from "node:assert/strict";
import { test } from "node:test";

import { stays, widthRules, within } from "#browser/table/widths.js";
import { cases } from "../cases.js";

cases("within", within, [
  [-5, 44],
  [44.4, 44],
  [120.5, 121],
  [1e300, 900],
]);
cases("stays", stays, [
  [[], 0, []],
  [[34, 100, 60], 300, [0, 34, 134]],
  [[34, 100, 64], 300, [0, 34, 134]],
  [[34, 100, 65], 300, null],
]);

test("a rule for each column with a width of its own, counted behind what stands before", () => {
  assert.equal(widthRules([], 1), "");
  assert.equal(widthRules([undefined, 0], 1), "");
  const rules = widthRules([undefined, 80], 1).split("\n");
  assert.equal(rules.length, 2);
  assert.match(rules[0], /^tr > :nth-child\(3\) \{ .*width: 80px; min-width: 80px; max-width: 80px;/);
});
