import assert from "node:assert/strict";
import { test } from "node:test";

import { figure } from "#browser/plot/figure.js";
import { slotColour } from "#browser/plot/look.js";
import { RESERVED, cases } from "../cases.js";

const PALETTE = { light: ["#000001", "#000002"], dark: ["#fffff1", "#fffff2"] };
const LOOK = { dark: false, background: "#ffffff", text: "#111111", soft: "#666666", grid: "#dddddd", font: "sans" };
const ABOUT = { id: "constructor", title: "constructor", note: "", alt: "" };
const ONES = { dtype: /** @type {const} */ ("f8"), bdata: Buffer.from(new Float64Array([1]).buffer).toString("base64") };

const colour = (/** @type {import("#browser/plot/message.js").Slot} */ slot, /** @type {boolean} */ dark) =>
  slotColour(slot, PALETTE, { ...LOOK, dark });
cases("slotColour", colour, [
  [0, false, "#000001"],
  [3, true, "#fffff2"],
  [-2, false, "#111111"],
  [-1, false, "#666666"],
  [null, false, "#666666"],
  [["#aaaaaa", "#bbbbbb"], true, "#bbbbbb"],
]);

test("a chart without lines has axes", () => {
  const { traces, layout, named } = figure(ABOUT, PALETTE, LOOK, 200);
  assert.deepEqual([traces, named, layout.height, layout.annotations], [[], [], 200, []]);
});

test("lines are unpacked, coloured and named, whatever they are called", () => {
  const sent = RESERVED.map((name, slot) => ({
    type: "scatter",
    uid: name,
    legendgroup: name,
    x: ONES,
    y: ONES,
    line: { slot, dash: "solid" },
    hover: { label: name, run: name, role: "run" },
  }));
  const before = JSON.stringify(sent);
  const { traces, named } = figure({ ...ABOUT, traces: sent }, PALETTE, LOOK, 200);
  assert.equal(JSON.stringify(sent), before);
  assert.deepEqual(named.map((each) => [each.label, each.run, Array.from(each.y), each.colour]).slice(0, 3), [
    ["constructor", "constructor", [1], "#000001"],
    ["toString", "toString", [1], "#000002"],
    ["__proto__", "__proto__", [1], "#000001"],
  ]);
  for (const trace of traces) {
    assert.ok(!(trace.legendgroup in {}));
    assert.deepEqual([trace.hoverinfo, trace.hover, trace.line.slot], ["skip", undefined, undefined]);
  }
});

test("bands are filled in their line's colour; groups tell their edges", () => {
  const band = { type: "scatter", x: ONES, y: ONES, area: 1, line: { slot: 1, width: 0 } };
  const mean = { type: "scatter", uid: "g", x: ONES, y: ONES, line: { slot: 1 }, hover: { label: "g", run: "g", low: ONES, high: ONES, n: ONES } };
  const { traces, named } = figure({ ...ABOUT, traces: [band, mean] }, PALETTE, LOOK, 200);
  assert.equal(traces[0].fillcolor, "rgba(0,0,2,0.16)");
  assert.deepEqual([named[0].low?.[0], named[0].n?.[0]], [1, 1]);
});

test("dots have a colour each, and categories none of an object's names", () => {
  const dots = { type: "scatter", x: ["toString", "b"], y: ONES, marker: { slots: [1, null], line: { width: 1 } } };
  const { traces } = figure({ ...ABOUT, traces: [dots], x: { type: "category" } }, PALETTE, LOOK, 200);
  assert.deepEqual(traces[0].x, ["toString\u200d", "b"]);
  assert.deepEqual(traces[0].marker, { color: ["#000002", "#666666"], line: { width: 1, color: "#ffffff" } });
});

test("on a logarithmic axis a tag stands at the logarithm", () => {
  const tags = [{ x: 100, y: 10, text: "old", xanchor: "right" }];
  const { layout } = figure({ ...ABOUT, tags, x: { type: "log" }, y: { type: "linear" } }, PALETTE, LOOK, 200);
  assert.deepEqual(
    layout.annotations.map((note) => "x" in note && [note.x, note.y, note.text]),
    [[2, 10, "old"]],
  );
});
