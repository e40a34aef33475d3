import assert from "node:assert/strict";
import { test } from "node:test";

import { histogram, themed } from "#browser/media/figures.js";
import { widthOf } from "#browser/media/card.js";
import { sayBytes } from "#browser/shared/sizes.js";
import { sayCell } from "#browser/shared/writing.js";
import { cases } from "../cases.js";

const LOOK = { text: "#111111", line: "#222222", font: "Sans" };

test("counts are bars as wide as their bins", () => {
  const figure = histogram({ edges: [0, 1, 3], counts: [4, 2] });
  assert.deepEqual(figure?.data[0].x, [0.5, 2]);
  assert.deepEqual(figure?.data[0].width, [1, 2]);
  assert.equal(histogram({ edges: [0], counts: [1] }), null);
  assert.equal(histogram(null), null);
});

test("a layout takes the page's colours and keeps what it says of its axes", () => {
  const given = { template: { layout: {} }, width: 900, xaxis2: { title: "x" }, yaxis: { gridcolor: "red" }, font: { size: 99 } };
  const layout = themed(given, LOOK, 300);
  assert.equal(layout.template, undefined);
  assert.equal(layout.width, undefined);
  assert.equal(layout.height, 300);
  assert.equal(layout.font.color, "#111111");
  assert.equal(layout.xaxis2.title, "x");
  assert.equal(layout.xaxis2.gridcolor, "#222222");
  assert.equal(layout.yaxis.gridcolor, "red");
  assert.deepEqual(given.xaxis2, { title: "x" });
});

cases("a cell", sayCell, [
  [null, ""],
  [undefined, ""],
  [3, "3"],
  [0.1 + 0.2, "0.3"],
  ["NaN", "NaN"],
  [{ a: 1 }, '{"a":1}'],
]);

cases("bytes", sayBytes, [
  [7, "7 bytes"],
  [1500, "1.5 kB"],
  [2_000_000, "2.0 MB"],
]);

test("kinds have room", () => {
  const item = { s: 0, at: "", k: "image", t: "image/png", c: "", w: 1, h: 1, b: 1, l: 0, g: 0 };
  assert.equal(widthOf(item), "small");
  assert.equal(widthOf({ ...item, k: "audio" }), "middle");
  assert.equal(widthOf({ ...item, k: "table" }), "wide");
});
