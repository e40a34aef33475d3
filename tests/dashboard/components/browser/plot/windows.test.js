import { alike, dateOf, rangeOf, windowOf } from "#browser/plot/windows.js";
import { cases } from "../cases.js";
/** @import { Window } from "#browser/plot/windows.js" */

cases("dateOf", dateOf, [
  [1234, 1234],
  ["1970-01-01", 0],
  ["2026-03-29 02:30:00", Date.UTC(2026, 2, 29, 2, 30)],
  ["2026-10-25 02:30:00.5", Date.UTC(2026, 9, 25, 2, 30, 0, 500)],
  ["no date", NaN],
]);
cases("windowOf", windowOf, [
  ["linear", { "xaxis.autorange": true }, null],
  ["linear", { "yaxis.range[0]": 1 }, undefined],
  ["linear", { "xaxis.range[0]": 1, "xaxis.range[1]": "2" }, [1, 2]],
  ["linear", { "xaxis.range": [3, 4] }, [3, 4]],
  ["log", { "xaxis.range": [-1, 2] }, [0.1, 100]],
  ["date", { "xaxis.range": ["1970-01-01", "1970-01-01 00:00:01"] }, [0, 1000]],
]);
cases("rangeOf", (/** @type {Window} */ window, /** @type {string | undefined} */ kind) => rangeOf(window, kind), [
  [[1, 100], "log", [0, 2]],
  [[1, 100], undefined, [1, 100]],
]);
cases("alike", alike, [
  [[0, 1], [0, 1.0005], true],
  [[0, 1], [0, 1.01], false],
  [[0, 0], [0, 0], true],
  [[0, 1], undefined, false],
  [undefined, undefined, false],
]);
