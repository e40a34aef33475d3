import { chars, completed, fitting, halves } from "#browser/filter_box/completion.js";
import { cases } from "../cases.js";

cases("chars", chars, [
  ["", 0, 0],
  ["lr < 1", 2, 2],
  ["😀 lr", 3, 2],
  ["lr", 99, 2],
]);
cases("halves", halves, [
  ["", 0, 0],
  ["lr < 1", 2, 2],
  ["😀 lr", 2, 3],
  ["😀", 99, 2],
]);
cases("completed", completed, [
  ["l", [0, 1], "lr", { text: "lr ", cursor: 3 }],
  ["l < 1", [0, 1], "lr", { text: "lr < 1", cursor: 2 }],
  ["a = 😀 and v", [10, 11], "val/acc", { text: "a = 😀 and val/acc ", cursor: 19 }],
  ["", [0, 0], "constructor", { text: "constructor ", cursor: 12 }],
]);
cases("fitting", (/** @type {string[]} */ texts, /** @type {number} */ room) => fitting(texts, (text) => text.length, room), [
  [["a long one", "short"], 10, "a long one"],
  [["a long one", "short"], 9, "short"],
  [["a long one", "short"], 1, "short"],
  [[], 1, ""],
]);
