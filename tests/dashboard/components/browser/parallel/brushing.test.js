import { inside, pickOf, stretch } from "#browser/parallel/brushing.js";
import { RESERVED, cases } from "../cases.js";
/** @import { Pick } from "#browser/parallel/message.js" */

const NUMBERS = { categories: null };
const NAMES = { categories: RESERVED };

const insideNumbers = (/** @type {Pick | undefined} */ pick, /** @type {number} */ value) => inside(NUMBERS, pick, value);
cases("inside an axis of numbers", insideNumbers, [
  [undefined, NaN, true],
  [{ low: 1, high: 2 }, 1, true],
  [{ low: 1, high: 2 }, 2.1, false],
  [{ low: 1, high: 2 }, NaN, false],
  [{ low: 1, high: 2, missing: true }, NaN, true],
  [{ missing: true }, 1, false],
  [{ low: -0, high: 0 }, 0, true],
]);
const insideNames = (/** @type {Pick} */ pick, /** @type {number} */ value) => inside(NAMES, pick, value);
cases("inside an axis of names", insideNames, [
  [{ values: ["__proto__"] }, 2, true],
  [{ values: ["__proto__"] }, 0, false],
  [{ values: [""] }, 5, true],
  [{ values: ["toString"], missing: true }, NaN, true],
  [{ low: 0, high: 9 }, 0, false],
]);

// A pixel for each hundredth, from the top; runs without a value at 300.
const place = (/** @type {number} */ value) => (Number.isNaN(value) ? 300 : 100 - 100 * value);
const values = new Float64Array([0.1, 0.5, 0.9, NaN]);
const brush = (/** @type {number} */ from, /** @type {number} */ to) => pickOf({ ...NUMBERS, values }, place, from, to);
cases("pickOf numbers", brush, [
  [0, 60, { low: 0.5, high: 0.9 }],
  [60, 0, { low: 0.5, high: 0.9 }],
  [48, 52, { low: 0.5, high: 0.5 }],
  [60, 80, null],
  [290, 310, { missing: true }],
]);
const row = (/** @type {number} */ value) => (Number.isNaN(value) ? 300 : 50 * value);
const brushNames = (/** @type {number} */ from, /** @type {number} */ to) =>
  pickOf({ ...NAMES, values: new Float64Array([2, 0, 2, NaN]) }, row, from, to);
cases("pickOf names", brushNames, [
  [0, 120, { values: ["constructor", "__proto__"], missing: false }],
  [90, 310, { values: ["__proto__"], missing: true }],
  [40, 60, null],
]);

const shown = (/** @type {Pick} */ pick) => stretch({ ...NUMBERS, low: 0, high: 1 }, place, pick);
cases("stretch of numbers", shown, [
  [{ low: 0.5, high: 0.9 }, [4, 56]],
  [{ low: -5, high: 7 }, [-6, 106]],
  [{ missing: true }, [294, 306]],
  [{}, null],
]);
const shownNames = (/** @type {Pick} */ pick) => stretch({ ...NAMES, low: 0, high: 1 }, row, pick);
cases("stretch of names", shownNames, [
  [{ values: ["toString", "__proto__"] }, [44, 106]],
  [{ values: ["gone"] }, null],
]);
