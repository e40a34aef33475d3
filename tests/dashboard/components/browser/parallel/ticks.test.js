import { ticksOf } from "#browser/parallel/ticks.js";
import { cases } from "../cases.js";

const evenly = (/** @type {number} */ low, /** @type {number} */ high) => ticksOf({ low, high, log: false, ticks: null });
const powers = (/** @type {number} */ low, /** @type {number} */ high) => ticksOf({ low, high, log: true, ticks: null });

cases("evenly", evenly, [
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.1, 0.86, [0.2, 0.4, 0.6, 0.8]],
  [-1, 1, [-1, -0.5, 0, 0.5, 1]],
  [0, 100, [0, 20, 40, 60, 80, 100]],
  [3, 3, [3]],
  [0, 0, [0]],
  [-0, 0, [0]],
  [0.3, 0.3, [0.3]],
  [-1e308, 1e308, [-1e308, -5e307, 0, 5e307, 1e308]],
  [1e300, 3e300, [1e300, 1.5e300, 2e300, 2.5e300, 3e300]],
  // Beside their size they are one number, and adding a step leads nowhere.
  [1e16, 1e16 + 2, [1e16]],
  [NaN, NaN, []],
]);
cases("powers", powers, [
  [0.001, 1, [0.001, 0.01, 0.1, 1]],
  [1e-5, 1e-4, [1e-5, 1e-4]],
  [2, 30, [10]],
  [1e-12, 1e12, [1e-12, 1e-8, 1e-4, 1, 1e4, 1e8, 1e12]],
  [5, 5, []],
]);
cases("those that Python chose", () => ticksOf({ low: 0, high: 9, log: false, ticks: [1, 4] }), [[[1, 4]]]);
