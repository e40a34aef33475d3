import { nearestLine, placer, xOf } from "#browser/parallel/places.js";
import { cases } from "../cases.js";

const HEIGHT = 262;
/** @param {Partial<import("#browser/parallel/message.js").Axis>} some */
const axis = (some) => ({ categories: null, log: false, low: 0, high: 1, missing: false, ...some });
const place = (/** @type {ReturnType<typeof axis>} */ one, /** @type {number} */ value) => placer(one, HEIGHT)(value);

cases("places of numbers", (/** @type {number} */ value) => place(axis({ low: 10, high: 20 }), value), [
  [10, 246],
  [15, 146],
  [20, 46],
  [NaN, 246],
]);
cases("on a logarithmic axis", (/** @type {number} */ value) => place(axis({ low: 1, high: 100, log: true }), value), [
  [1, 246],
  [10, 146],
  [100, 46],
]);
cases("with runs without a value", (/** @type {number} */ value) => place(axis({ missing: true }), value), [
  [0, 220],
  [NaN, 246],
]);
cases("of categories", (/** @type {string[]} */ categories, /** @type {number} */ value) => place(axis({ categories }), value), [
  [["constructor", "__proto__"], 0, 246],
  [["constructor", "__proto__"], 1, 46],
  [["only"], 0, 146],
]);
cases("of the largest numbers", (/** @type {number} */ value) => place(axis({ low: -1e308, high: 1e308 }), value), [
  [-1e308, 246],
  [0, 146],
  [1e308, 46],
]);
cases("of one number", () => place(axis({ low: 7, high: 7 }), 7), [[146]]);

cases("xOf", xOf, [
  [0, 1, 500, 250],
  [0, 3, 508, 54],
  [1, 3, 508, 254],
  [2, 3, 508, 454],
]);

// Two runs: one from the bottom up, one flat in the middle.
const ys = [(/** @type {number} */ run) => [100, 50][run], (/** @type {number} */ run) => [0, 50][run]];
const near = (/** @type {number} */ x, /** @type {number} */ y, /** @type {boolean[]} */ on) =>
  nearestLine({ x, y }, [0, 200], ys, 2, (run) => on[run]);
cases("nearestLine", near, [
  [0, 97, [true, true], 0],
  [150, 50, [true, true], 1],
  [150, 70, [true, true], null],
  [-50, 97, [true, true], 0],
  [150, 50, [true, false], null],
]);
cases("nearestLine on one axis", () => nearestLine({ x: 0, y: 0 }, [0], [() => 0], 1, () => true), [[null]]);
