import { between, boxOfAll } from "#browser/table/selection.js";
import { RESERVED, cases } from "../cases.js";

cases("between", between, [
  [["a", "b", "c", "d"], "b", "d", ["b", "c", "d"]],
  [["a", "b", "c", "d"], "d", "b", ["b", "c", "d"]],
  [["a", "b"], "a", "a", ["a"]],
  [["a", "b"], "a", "gone", []],
  [[], "a", "b", []],
  [RESERVED, "toString", "", ["toString", "__proto__", "hasOwnProperty", "valueOf", ""]],
]);

cases("boxOfAll", (/** @type {string[]} */ ids, /** @type {string[]} */ on) => boxOfAll(ids, new Set(on)), [
  [[], [], { disabled: true, checked: false, indeterminate: false }],
  [["a", "b"], [], { disabled: false, checked: false, indeterminate: false }],
  [["a", "b"], ["b", "elsewhere"], { disabled: false, checked: false, indeterminate: true }],
  [["a", "b"], ["a", "b"], { disabled: false, checked: true, indeterminate: false }],
  [RESERVED, [], { disabled: false, checked: false, indeterminate: false }],
]);
