import assert from "node:assert/strict";
import { test } from "node:test";

import { itemsAt, placeOf, sayStep } from "#browser/media/steps.js";
import { cases } from "../cases.js";

cases("the place of a step", placeOf, [
  [[], null, -1],
  [[], 3, -1],
  [[0, 5, 10], null, 2],
  [[0, 5, 10], 5, 1],
  [[0, 5, 10], 9, 1],
  [[0, 5, 10], 99, 2],
  [[0, 5, 10], -1, 0],
]);

cases("what is said of it", sayStep, [
  [[], null, ""],
  [[0, 5], null, "Step 5"],
  [[0, 5000], 5000, "Step 5,000"],
  [[0, 5], 4, "Step 0, nearest before 4"],
  [[7, 9], 4, "Step 7, nearest after 4"],
]);

test("each run shows its own last step before the one that is wanted", () => {
  const items = [{ s: 0 }, { s: 2, n: 1 }, { s: 2, n: 2 }];
  const steps = [0, 5, 10];
  assert.deepEqual(itemsAt(items, steps, 5), [{ s: 0 }]);
  assert.deepEqual(itemsAt(items, steps, null), items.slice(1));
  assert.deepEqual(itemsAt(items, steps, -3), [{ s: 0 }]);
  assert.deepEqual(itemsAt([], steps, 5), []);
});
