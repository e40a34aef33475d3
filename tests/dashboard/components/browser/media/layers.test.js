import assert from "node:assert/strict";
import { test } from "node:test";

import { colourOf, readLayers, sayBox } from "#browser/media/layers.js";
import { cases } from "../cases.js";

test("what makes no sense in layers is left out", () => {
  const told = {
    boxes: { a: [{ box: [0, 0, 1, 1], label: "cat" }, { box: [0, 1] }, { box: [0, 0, NaN, 1] }, null], b: 7 },
    masks: {
      good: { png: "aGk=", labels: { 1: ["road", "#00ff00"], 2: ["x", "url(evil)"], 3: 7 } },
      evil: { png: '"><script>', labels: {} },
      odd: null,
    },
  };
  const { boxes, masks } = readLayers(told);
  assert.deepEqual([...boxes], [["a", [{ box: [0, 0, 1, 1], label: "cat" }]]]);
  assert.deepEqual([...masks], [["good", { png: "aGk=", labels: [["road", "#00ff00"]] }]]);
});

cases("layers of", (/** @type {unknown} */ told) => readLayers(told).boxes.size, [
  [null, 0],
  [undefined, 0],
  [{}, 0],
  [{ boxes: null }, 0],
]);

cases("a box", sayBox, [
  [{ box: [], label: "cat", score: 0.912 }, "cat 0.91"],
  [{ box: [], score: 0.5 }, "0.50"],
  [{ box: [] }, ""],
]);

test("a class has one colour", () => {
  assert.equal(colourOf("cat"), colourOf("cat"));
  assert.match(colourOf(""), /^#[0-9a-f]{6}$/);
});
