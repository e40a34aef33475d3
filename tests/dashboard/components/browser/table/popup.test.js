import { stepTo } from "#browser/table/popup.js";
import { RESERVED, cases } from "../cases.js";

cases("stepTo", stepTo, [
  ["ArrowDown", 0, 3, 1],
  ["ArrowDown", 2, 3, 0],
  ["ArrowUp", 0, 3, 2],
  ["ArrowUp", -1, 3, 1],
  ["Home", 2, 3, 0],
  ["End", 0, 3, 2],
  ["End", 0, 0, null],
  ["a", 0, 3, null],
  ...RESERVED.map((key) => /** @type {[string, number, number, null]} */ ([key, 0, 3, null])),
]);
